// What the engine is asked, and what hosts tell it.
#include <algorithm>

#include "apps/market/engine/lease_engine.hpp"
#include "base/crypto.hpp"
#include "core/tunnel/door_name.hpp"
#include "core/tunnel/pass.hpp"

namespace obelisk::engine {
namespace {

constexpr std::size_t kMaxOutcomes = 1001;  // one more than a page: whether others follow

lease::HostState to_core(api::HostLeaseState state) {
  switch (state) {
    case api::HostLeaseState::starting: return lease::HostState::starting;
    case api::HostLeaseState::running: return lease::HostState::running;
    case api::HostLeaseState::open: return lease::HostState::open;
    case api::HostLeaseState::failed: return lease::HostState::failed;
    case api::HostLeaseState::gone: return lease::HostState::gone;
  }
  return lease::HostState::unknown;
}

// What a stranger wrote, short enough for a sentence of ours.
std::string plain(const std::string& text, std::size_t max) {
  std::string out;
  for (const char c : text) {
    if (out.size() < max) out += c >= 0x20 && c < 0x7f ? c : '?';
  }
  return out;
}

// The host's words for where its lease is reached: what is no address is left out.
std::vector<api::LeaseWay> sane_ways(const api::HostLease& what) {
  std::vector<api::LeaseWay> out;
  for (api::LeaseWay way : *what.ways) {
    const lease::SshAccess access{way.address, way.port, what.ssh->user, what.ssh->host_key, {}};
    if (!watch::is_sane(access)) continue;
    const bool is_there = way.web && tunnel::web_address(*way.web, {what.lease, tunnel::kTerminal});
    if (!is_there) way.web.reset();
    out.push_back(std::move(way));
  }
  return out;
}

}  // namespace

std::optional<lease::HostSaid> Engine::checked(const base::PublicKey& host,
                                               const api::HostLease& what) const {
  lease::HostSaid said;
  said.state = to_core(what.state);
  said.message = plain(what.message.value_or(""), 150);
  said.boot_id = plain(what.boot_id.value_or(""), 64);
  if (!what.ssh) return said;
  const lease::SshAccess access{what.ssh->address, what.ssh->port, what.ssh->user,
                                what.ssh->host_key, what.ssh->host_key_signature};
  if (!watch::is_sane(access) || !watch::is_signed_by(host, what.lease, access)) {
    parts_.log("Host " + host.to_string() +
                   " named an SSH address that it did not sign, or that makes no sense.",
               what.lease);
    return std::nullopt;
  }
  said.ssh = access;
  return said;
}

void Engine::note_ways(const api::HostLease& what) {
  const std::lock_guard lock(ways_mutex_);
  if (what.ssh && what.ways && !what.ways->empty()) {
    ways_[what.lease] = sane_ways(what);
  } else {
    ways_.erase(what.lease);
  }
}

void Engine::host_said(const base::PublicKey& host, const api::HostLease& what) {
  auto found = book_.find(what.lease);
  if (!found) {
    const auto stored = parts_.store.by_lease(what.lease);
    if (stored && *stored) found = **stored;
  }
  if (!found || found->quote.host != host) {
    return parts_.log("Host " + host.to_string() + " speaks of a lease that is not its.",
                      what.lease);
  }
  const bool over = found->life.state == lease::State::ended;
  if (over && what.state != api::HostLeaseState::gone) {
    // It was away when the lease ended.
    return tell(what.lease);
  }
  auto said = checked(host, what);
  if (!said) return;
  note_ways(what);
  post(what.lease, std::move(*said));
}

void Engine::host_troubled(const base::PublicKey& host, const api::HostTrouble& what) {
  const auto found = book_.find(what.lease);
  if (!found || found->quote.host != host) {
    return parts_.log("Host " + host.to_string() + " speaks of a lease that is not its.",
                      what.lease);
  }
  if (found->life.state != lease::State::active) return;
  if (!gate_.take(what.lease, parts_.clock.steady_ms())) return;
  post(what.lease, lease::Troubled{what.kind == "idle" ? "idle" : "trouble",
                                   "The host says: " + plain(what.text, 300)});
}

base::Result<std::optional<lease::Record>> Engine::record(const base::PublicKey& address) {
  if (auto found = book_.find(address)) return found;
  return parts_.store.by_lease(address);
}

base::Result<std::optional<api::Lease>> Engine::lease(const base::PublicKey& address) {
  TRY(const auto found, record(address));
  if (!found) return std::optional<api::Lease>();
  api::Lease out = to_api(*found);
  const std::lock_guard lock(ways_mutex_);
  const auto at = ways_.find(address);
  if (at != ways_.end() && out.ssh) out.ways = at->second;
  return std::optional(std::move(out));
}

base::Result<LeasePage> Engine::leases_of(const base::PublicKey& renter,
                                          const std::optional<ports::ListPlace>& after,
                                          std::size_t limit) {
  TRY(auto records, parts_.store.by_renter(renter, after, limit + 1));
  LeasePage out;
  if (records.size() > limit) {
    records.resize(limit);
    const lease::Quote& last = records.back().quote;
    out.next = {last.created_ms, last.lease.to_string()};
  }
  for (const lease::Record& found : records) out.leases.push_back(to_api(found));
  return out;
}

base::Result<api::OutcomeList> Engine::outcomes(const ports::EndedAsked& asked) {
  ports::EndedAsked bounded = asked;
  bounded.limit = std::min(asked.limit, kMaxOutcomes);
  TRY(const auto records, parts_.store.ended(bounded));
  api::OutcomeList out;
  for (const lease::Record& found : records) out.entries.push_back(ended_to_api(found));
  return out;
}

std::vector<lease::Record> Engine::served_by(const base::PublicKey& host) {
  std::vector<lease::Record> out;
  for (const base::PublicKey& address : book_.live_of(host)) {
    auto found = book_.find(address);
    if (!found || found->life.state == lease::State::quoted) continue;
    out.push_back(*std::move(found));
  }
  return out;
}

}  // namespace obelisk::engine
