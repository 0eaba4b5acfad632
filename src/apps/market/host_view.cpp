#include "apps/market/host_view.hpp"

#include <algorithm>

#include "core/cards/catalogue.hpp"
#include "core/escrow/arithmetic.hpp"

namespace obelisk::market_app {
namespace {

std::uint64_t earned(const lease::Record& record, base::UnixSeconds until_s) {
  const auto seconds = std::max<base::UnixSeconds>(0, until_s - record.life.started_at_s);
  std::uint64_t out = 0;
  const bool fits =
      escrow::earned(record.quote.rate_lamports_per_hour, static_cast<std::uint64_t>(seconds), out);
  return fits ? out : 0;
}

// The account as far as a claim looks at it. What was claimed before is what was proven before.
escrow::Lease account_of(const lease::Record& record) {
  const lease::Life& life = record.life;
  escrow::Lease out{};
  out.state = life.stopped_at_s != 0 ? escrow::State::closing : escrow::State::active;
  out.fee_bps = record.quote.fee_bps;
  out.seconds = life.seconds;
  out.max_seconds = record.quote.max_seconds;
  out.rate = record.quote.rate_lamports_per_hour;
  out.opened_at = life.opened_at_s;
  out.started_at = life.started_at_s;
  out.proven_until = life.proven_until_s;
  out.stopped_at = life.stopped_at_s;
  out.window_ends = life.window_ends_s;
  out.released = earned(record, life.proven_until_s);
  return out;
}

// A contest sends back at once what nobody can earn any more.
base::Lamports balance_of(const lease::Record& record, const escrow::Lease& account) {
  std::uint64_t most = 0;
  if (account.state == escrow::State::closing) {
    most = earned(record, account.stopped_at);
  } else if (!escrow::price(account.rate, account.seconds, most)) {
    return {};
  }
  return {escrow::kBondLamports + most - std::min(most, account.released)};
}

std::string name_of(const std::string& card) {
  const cards::Card* known = cards::find_card(card);
  return known == nullptr ? card : std::string(known->name);
}

api::HostCardState state_of(const HostSeen& seen, const LiveOffers::Held* held,
                            base::UnixSeconds now_s) {
  if (held != nullptr) {
    return held->is_paid ? api::HostCardState::rented : api::HostCardState::held;
  }
  if (!seen.is_here) return api::HostCardState::away;
  if (seen.is_kept || !market::has_time(seen.listing, now_s)) return api::HostCardState::kept;
  return api::HostCardState::free;
}

api::HostCard card_now(const HostSeen& seen, const market::ListedCard& card,
                       base::UnixSeconds now_s) {
  const auto at = seen.held.find(card.uuid);
  const LiveOffers::Held* held = at == seen.held.end() ? nullptr : &at->second;
  api::HostCard out;
  out.card = card.card;
  out.card_name = name_of(card.card);
  out.simulated = seen.listing.simulated;
  out.state = state_of(seen, held, now_s);
  out.micro_usd_per_hour = seen.listing.micro_usd_per_hour;
  if (card.proven_bytes != 0) out.proven_bytes = card.proven_bytes;
  if (held != nullptr && held->until_s > 0) out.until_s = static_cast<std::uint64_t>(held->until_s);
  return out;
}

// A host that keeps its cards back lists none; those that it serves are there all the same.
std::vector<api::HostCard> unlisted_cards(const HostSeen& seen, const lease::Record& served,
                                          base::UnixSeconds now_s) {
  std::vector<api::HostCard> out;
  for (const std::string& uuid : served.quote.card_uuids) {
    const bool is_listed = std::ranges::any_of(
        seen.listing.cards, [&](const market::ListedCard& card) { return card.uuid == uuid; });
    if (is_listed) continue;
    market::ListedCard card{};
    card.uuid = uuid;
    card.card = served.quote.card;
    out.push_back(card_now(seen, card, now_s));
  }
  return out;
}

std::optional<std::uint64_t> time_of(base::UnixSeconds time_s) {
  return time_s > 0 ? std::optional(static_cast<std::uint64_t>(time_s)) : std::nullopt;
}

api::HostedLease lease_now(const lease::Record& record, base::UnixSeconds chain_now_s) {
  const lease::Quote& quote = record.quote;
  const lease::Life& life = record.life;
  api::HostedLease out;
  out.lease = quote.lease;
  out.card = quote.card;
  out.card_name = quote.card_name;
  out.count = quote.count;
  out.simulated = quote.simulated;
  // The API's names are the record's.
  out.state = api::lease_state_from(lease::to_string(life.state)).value_or(api::LeaseState::active);
  out.lamports_per_hour = {quote.rate_lamports_per_hour};
  out.started_at_s = time_of(life.started_at_s);
  out.ends_at_s = time_of(life.ends_at_s());
  if (life.state == lease::State::contested) out.window_ends_s = time_of(life.window_ends_s);
  const base::UnixSeconds attested = life.attestation ? life.attestation->alive_until : 0;
  out.proven_until_s = time_of(std::max(attested, life.proven_until_s));
  if (const auto waits = waiting_in(record, chain_now_s)) out.waiting_lamports = waits->to_host;
  return out;
}

}  // namespace

std::optional<host::Claimable> waiting_in(const lease::Record& record,
                                          base::UnixSeconds chain_now_s) {
  const lease::Life& life = record.life;
  if (life.started_at_s == 0 || life.closed || !life.attestation ||
      life.attestation->alive_until <= life.proven_until_s) {
    return std::nullopt;
  }
  const escrow::Lease account = account_of(record);
  return host::claimable(account, balance_of(record, account), life.attestation->alive_until,
                         chain_now_s);
}

api::HostNow host_now(const base::PublicKey& host, const std::optional<HostSeen>& seen,
                      const std::vector<lease::Record>& served, base::UnixSeconds chain_now_s,
                      base::UnixSeconds now_s) {
  api::HostNow out;
  out.host = host;
  out.chain_time_s = static_cast<std::uint64_t>(std::max<base::UnixSeconds>(0, chain_now_s));
  if (seen) {
    out.is_connected = seen->is_here;
    if (const auto from_s = seen->listing.maintenance_from_s)
      out.maintenance_from_s = time_of(*from_s);
    out.min_seconds = seen->listing.min_seconds;
    out.max_seconds = seen->listing.max_seconds;
    for (const market::ListedCard& card : seen->listing.cards) {
      out.cards.push_back(card_now(*seen, card, now_s));
    }
  }
  for (const lease::Record& record : served) {
    if (out.leases.size() == market::kMaxCardsPerHost) break;
    if (seen) {
      for (api::HostCard& card : unlisted_cards(*seen, record, now_s)) {
        if (out.cards.size() < market::kMaxCardsPerHost) out.cards.push_back(std::move(card));
      }
    }
    out.leases.push_back(lease_now(record, chain_now_s));
    out.waiting_lamports.count += out.leases.back().waiting_lamports.count;
  }
  return out;
}

}  // namespace obelisk::market_app
