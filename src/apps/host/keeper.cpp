#include "apps/host/keeper.hpp"

#include <algorithm>

#include "apps/host/trust.hpp"
#include "base/bytes.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::host {
namespace {

using namespace std::chrono_literals;
using api::HostLeaseState;
using api::Wanted;
using base::Code;
using base::Error;

constexpr std::size_t kWorkers = 4;  // leases made or destroyed at the same time
constexpr auto kPause = 50ms;
constexpr int kChainAttempts = 20;  // the node that told the market may be ahead of ours
constexpr int kCardAttempts = 400;  // 20 s for the lease before to be destroyed
constexpr auto kRetryPause = 5s;
constexpr auto kWipePause = 1s;
constexpr int kWipeAttempts = 10;

// Those of a lease of an earlier process: they are its own until it is gone.
void take_back_cards(const LeaseRecord& record, std::set<std::string>& cards) {
  const auto terms = market::read_terms(record.wish.terms.value_or(""));
  if (!terms) return;
  for (const auto& card : terms->cards) cards.insert(card.uuid);
}

}  // namespace

Keeper::Keeper(KeeperParts parts) : parts_(std::move(parts)) {
  for (std::size_t i = 0; i < kWorkers; ++i) workers_.emplace_back([this] { work(); });
}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Keeper::adopt() {
  std::vector<std::string> damaged;
  auto records = parts_.records.load(damaged);
  for (const std::string& path : damaged) parts_.log("A lease's record is damaged: " + path);
  const auto existing = parts_.containers.list();
  const std::lock_guard lock(mutex_);
  for (auto& [lease, record] : records) {
    Job& job = jobs_[lease];
    job.record = std::move(record);
    job.adopted = true;
    take_back_cards(job.record, job.cards);
    job.had_cards = true;
    job.said = {"lease", lease, HostLeaseState::starting, {}, {}, {}, {}};
    parts_.log("Serving the lease " + lease.to_string() + " again.");
    enqueue(lease, job);
  }
  if (!existing) return parts_.log(existing.error().message);
  for (const ports::Container& container : *existing) {
    const auto lease = base::PublicKey::parse(container.lease);
    if (!lease || jobs_.contains(*lease)) continue;
    // Made, but never written down: nobody can have been promised it.
    Job& job = jobs_[*lease];
    job.record.wish = {"lease", *lease, Wanted::gone, {}, {}, {}};
    enqueue(*lease, job);
  }
}

void Keeper::wish(const api::MarketLease& wish, const std::string& watch_key) {
  const std::lock_guard lock(mutex_);
  if (wish.want == Wanted::gone && !jobs_.contains(wish.lease)) {
    parts_.report({"lease", wish.lease, HostLeaseState::gone, {}, {}, {}});
    return;
  }
  Job& job = jobs_[wish.lease];
  // What is being destroyed is not brought back: its disk is gone. Asking again tries again.
  if (job.record.wish.want == Wanted::gone && job.record.wish.lease == wish.lease) {
    return enqueue(wish.lease, job);
  }
  job.record.wish = merged(std::move(job.record.wish), wish);
  job.record.watch_key = watch_key;
  job.said.lease = wish.lease;
  enqueue(wish.lease, job);
}

void Keeper::attestation(const base::PublicKey& lease, const api::Attestation& attestation) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(lease);
  if (found == jobs_.end()) return;
  if (!is_proof(parts_.ground.program, found->second.record, attestation)) {
    return parts_.log("An attestation for " + lease.to_string() + " is not the attestor's.");
  }
  auto& newest = found->second.record.attestation;
  if (newest && newest->alive_until >= attestation.alive_until) return;
  newest = attestation;
  if (auto saved = parts_.records.save(found->second.record); !saved) {
    parts_.log(saved.error().message);
  }
}

base::Result<void> Keeper::sent(const base::PublicKey& lease,
                                const std::optional<solana::Attempt>& attempt) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(lease);
  if (found == jobs_.end()) {
    return Error{Code::not_found, "This lease is not kept here any more.",
                 "Nothing is to be done."};
  }
  found->second.record.sent = attempt;
  return parts_.records.save(found->second.record);
}

std::vector<api::HostLease> Keeper::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<api::HostLease> states;
  for (const auto& [lease, job] : jobs_) states.push_back(job.said);
  return states;
}

std::vector<LeaseRecord> Keeper::records() const {
  const std::lock_guard lock(mutex_);
  std::vector<LeaseRecord> records;
  for (const auto& [lease, job] : jobs_) records.push_back(job.record);
  return records;
}

void Keeper::wipe_all() {
  std::unique_lock lock(mutex_);
  for (auto& [lease, job] : jobs_) {
    job.record.wish.want = Wanted::gone;
    enqueue(lease, job);
  }
  changed_.wait_for(lock, 60s, [this] { return jobs_.empty(); });
}

// Callers hold mutex_.
void Keeper::enqueue(const base::PublicKey& lease, Job& job) {
  if (job.under_way) {
    job.again = true;
  } else if (!job.queued) {
    job.queued = true;
    queue_.push_back(lease);
    changed_.notify_one();
  }
}

void Keeper::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (ending_) return;
    const base::PublicKey lease = queue_.front();
    queue_.pop_front();
    Job& job = jobs_[lease];
    job.queued = false;
    job.under_way = true;
    lock.unlock();
    converge(lease);
    lock.lock();
    const auto found = jobs_.find(lease);
    if (found != jobs_.end()) {
      found->second.under_way = false;
      if (std::exchange(found->second.again, false)) enqueue(lease, found->second);
    }
    changed_.notify_all();
  }
}

void Keeper::converge(const base::PublicKey& lease) {
  LeaseRecord record;
  {
    const std::lock_guard lock(mutex_);
    record = jobs_[lease].record;
  }
  base::Result<void> done;
  if (record.wish.want == Wanted::gone) {
    done = destroy(lease);
  } else {
    done = bring_up(lease, record, record.wish.want == Wanted::open);
  }
  if (done) return;
  parts_.log("Lease " + lease.to_string() + ": " + done.error().message);
  // Nodes that are behind or away for a moment say nothing about this machine; the market's
  // deadline ends it where they stay so.
  const bool may_pass = done.error().code == Code::unreachable;
  if (record.wish.want == Wanted::gone || is_adopted(lease) || may_pass) return try_again(lease);
  {
    const std::lock_guard lock(mutex_);
    jobs_[lease].record.wish.want = Wanted::gone;
  }
  say(lease, HostLeaseState::failed, done.error().message);
  if (auto wiped = destroy(lease); !wiped) parts_.log(wiped.error().message);
}

bool Keeper::is_adopted(const base::PublicKey& lease) const {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(lease);
  return found != jobs_.end() && found->second.adopted;
}

// After a pause: what failed for a reason of this machine or of the network may work later, and a
// lease that somebody has paid for is never destroyed because of it.
void Keeper::try_again(const base::PublicKey& lease) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kRetryPause, [this] { return ending_; });
  const auto found = jobs_.find(lease);
  if (!ending_ && found != jobs_.end()) found->second.again = true;
}

base::Result<void> Keeper::save(const base::PublicKey& lease) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(lease);
  return found == jobs_.end() ? base::Result<void>() : parts_.records.save(found->second.record);
}

// A lease of an earlier process was admitted then; today's listing or a node that is away does not
// take it back.
base::Result<Admitted> Keeper::admitted_before(const LeaseRecord& record) {
  if (!record.wish.terms) {
    return Error{Code::refused, "The record of this lease holds no terms.", ""};
  }
  TRY(const market::Terms terms, market::read_terms(*record.wish.terms));
  const std::lock_guard lock(mutex_);
  for (const auto& card : terms.cards) jobs_[record.wish.lease].cards.insert(card.uuid);
  return Admitted{terms, {}, container_for(terms, record.wish.lease)};
}

base::Result<Admitted> Keeper::ask_admission(const LeaseRecord& record) {
  for (int attempt = 1;; ++attempt) {
    TRY(const auto at, parts_.chain.account(record.wish.lease, ports::Commitment::processed));
    Ground ground = parts_.ground;
    if (parts_.promised) ground.listing = parts_.promised();
    auto admitted = admit(ground, record.wish, at.account, cards_of_others(record, false));
    const bool unseen = !admitted && admitted.error().code == Code::not_found;
    if (!admitted && !(unseen && attempt < kChainAttempts)) return admitted;
    if (admitted && take_cards(record, *admitted)) return admitted;
    if (attempt >= kCardAttempts) {
      return Error{Code::conflict, "The lease before this one could not be destroyed.",
                   "The renter's money comes back by itself; nothing is owed."};
    }
    std::this_thread::sleep_for(kPause);
  }
}

std::set<std::string> Keeper::cards_of_others(const LeaseRecord& record, bool leaving) const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> cards;
  for (const auto& [lease, job] : jobs_) {
    const bool goes = job.record.wish.want == Wanted::gone;
    if (lease != record.wish.lease && goes == leaving) {
      cards.insert(job.cards.begin(), job.cards.end());
    }
  }
  return cards;
}

// A card whose last lease is still being destroyed is free in a moment: the next renter waits for
// it instead of being sent away.
bool Keeper::take_cards(const LeaseRecord& record, const Admitted& admitted) {
  const std::set<std::string> leaving = cards_of_others(record, true);
  const std::lock_guard lock(mutex_);
  Job& job = jobs_[record.wish.lease];
  job.cards.clear();
  for (const auto& card : admitted.terms.cards) {
    if (leaving.contains(card.uuid)) return false;
    job.cards.insert(card.uuid);
  }
  job.had_cards = true;
  return true;
}

base::Result<void> Keeper::bring_up(const base::PublicKey& lease, const LeaseRecord& record,
                                    bool open) {
  if (auto serving = let_in(lease, record, open)) return *serving;
  say(lease, HostLeaseState::starting, "The container is being made.");
  TRY(Admitted admitted, is_adopted(lease) ? admitted_before(record) : ask_admission(record));
  TRY_VOID(save(lease));
  admitted.container.keys = keys_for(record);
  TRY(const ports::Container container, start_container(record, admitted.container));
  // A lease that ran already kept its old keys: who may enter now is said anew.
  if (open) {
    // One that was open before this process is not kept waiting for a node that is away.
    const bool was_open = is_adopted(lease) && record.opened_slot != 0;
    if (!was_open) TRY_VOID(check_active(lease));
    TRY_VOID(save(lease));
    TRY_VOID(parts_.containers.authorize(lease.to_string(), keys_for(record)));
  }
  TRY(const Doors::Door door, open_door(lease, record, container));
  if (open) parts_.doors.let_renter_in(lease);
  say(lease, open ? HostLeaseState::open : HostLeaseState::running,
      open ? "The renter may log in." : "Ready for the watch.", access(lease, container, door),
      container.boot_id);
  ways_changed(lease);  // it may have, before there was anything to change
  return {};
}

// What the lease needs may be what leases that are being destroyed still have, the disk above all.
base::Result<ports::Container> Keeper::start_container(const LeaseRecord& record,
                                                       const ports::ContainerSpec& spec) {
  auto container = parts_.containers.start(spec);
  for (int attempt = 1; !container && attempt < kCardAttempts; ++attempt) {
    if (cards_of_others(record, true).empty()) break;
    std::this_thread::sleep_for(kPause);
    container = parts_.containers.start(spec);
  }
  return container;
}

// A lease that this process already serves needs no second look: only who may enter can change.
std::optional<base::Result<void>> Keeper::let_in(const base::PublicKey& lease,
                                                 const LeaseRecord& record, bool open) {
  api::HostLease said;
  {
    const std::lock_guard lock(mutex_);
    const Job& job = jobs_[lease];
    if (!job.is_served || !job.said.ssh) return std::nullopt;
    said = job.said;
  }
  if (open && said.state != HostLeaseState::open) {
    if (auto active = check_active(lease); !active) return active;
    auto allowed = parts_.containers.authorize(lease.to_string(), keys_for(record));
    if (!allowed) return allowed;
    parts_.doors.let_renter_in(lease);
    said.state = HostLeaseState::open;
    said.message = "The renter may log in.";
  }
  publish(said);
  ways_changed(lease);
  if (open) {
    if (auto saved = save(lease); !saved) parts_.log(saved.error().message);
  }
  return base::Result<void>();
}

// The renter's way in opens once `ready` is on chain, whatever the market says.
base::Result<void> Keeper::check_active(const base::PublicKey& lease) {
  for (int attempt = 1;; ++attempt) {
    const auto at = parts_.chain.account(lease, ports::Commitment::confirmed);
    if (!at) return at.error();
    const auto found = at->account ? escrow::parse_lease(at->account->data) : std::nullopt;
    const bool funded = found && found->state == escrow::State::funded;
    if (found && !funded) return remember_opening(lease, found->opened_slot);
    if (attempt == kChainAttempts) {
      return Error{Code::refused, "The market opened a lease that is not ready on chain.", ""};
    }
    std::this_thread::sleep_for(kPause);
  }
}

// Only proofs of this opening count from here on: one that cannot be claimed must not stand in the
// way of those that can.
base::Result<void> Keeper::remember_opening(const base::PublicKey& lease,
                                            std::uint64_t opened_slot) {
  const std::lock_guard lock(mutex_);
  LeaseRecord& record = jobs_[lease].record;
  record.opened_slot = opened_slot;
  if (record.attestation && record.attestation->opened_slot != opened_slot) {
    record.attestation.reset();
  }
  return {};
}

base::Result<Doors::Door> Keeper::open_door(const base::PublicKey& lease, const LeaseRecord& record,
                                            const ports::Container& container) {
  TRY(const Doors::Door door, parts_.doors.open(record, container));
  const std::lock_guard lock(mutex_);
  Job& job = jobs_[lease];
  job.is_served = true;
  if (door.own_port == 0 || job.record.door_port == door.own_port) return door;
  job.record.door_port = door.own_port;
  TRY_VOID(parts_.records.save(job.record));
  return door;
}

void Keeper::ways_changed(const base::PublicKey& lease) {
  const auto now = ways_of(lease);
  if (now.empty()) return;  // they may come back; until then the last one is as good as any
  api::HostLease said;
  {
    const std::lock_guard lock(mutex_);
    const auto at = jobs_.find(lease);
    if (at == jobs_.end() || !at->second.is_served || !at->second.said.ssh) return;
    said = at->second.said;
    // What was said may name all of them already, and not yet the preferred one for ssh.
    const bool is_first =
        said.ssh->address == now.front().address && said.ssh->port == now.front().port;
    if (is_first && said.ways == now) return;
  }
  said.ssh->address = now.front().address;
  said.ssh->port = now.front().port;
  said.ways = now;
  publish(said);
}

std::vector<api::LeaseWay> Keeper::ways_of(const base::PublicKey& lease) const {
  std::vector<api::LeaseWay> out;
  for (ports::Way& way : parts_.doors.ways(lease)) {
    api::LeaseWay one{way.address, way.port, {}};
    if (!way.web.empty()) one.web = std::move(way.web);
    out.push_back(std::move(one));
  }
  return out;
}

base::Result<void> Keeper::destroy(const base::PublicKey& lease) {
  parts_.doors.close(lease);
  {
    const std::lock_guard lock(mutex_);
    jobs_[lease].is_served = false;
  }
  base::Result<void> wiped;
  for (int attempt = 0; attempt < kWipeAttempts; ++attempt) {
    if (attempt != 0) std::this_thread::sleep_for(kWipePause);
    wiped = parts_.containers.wipe(lease.to_string());
    if (wiped) break;
  }
  if (wiped) wiped = clear_cards(lease);
  if (!wiped) {
    say(lease, HostLeaseState::failed, "Could not be destroyed: " + wiped.error().message);
    return wiped;
  }
  parts_.records.forget(lease);
  say(lease, HostLeaseState::gone, "Disk, network and processes are gone.");
  const std::lock_guard lock(mutex_);
  jobs_.erase(lease);
  return {};
}

base::Result<void> Keeper::clear_cards(const base::PublicKey& lease) {
  if (!parts_.clear_card) return {};
  std::set<std::string> cards;
  {
    const std::lock_guard lock(mutex_);
    const Job& job = jobs_[lease];
    if (job.had_cards) cards = job.cards;
  }
  for (const std::string& uuid : cards) {
    const auto cleared = parts_.clear_card(uuid);
    if (cleared) continue;
    return Error{
        cleared.error().code,
        "The memory of card " + uuid + " could not be written over: " + cleared.error().message,
        cleared.error().action};
  }
  return {};
}

api::SshAccess Keeper::access(const base::PublicKey& lease, const ports::Container& container,
                              const Doors::Door& door) {
  base::Writer signed_bytes;
  signed_bytes.put("OBELISKS");
  signed_bytes.put(lease.view());
  signed_bytes.put(container.host_key);
  return {door.address, door.port, "root", container.host_key,
          parts_.signer.sign(signed_bytes.bytes())};
}

void Keeper::say(const base::PublicKey& lease, HostLeaseState state, const std::string& words,
                 std::optional<api::SshAccess> ssh, const std::string& boot_id) {
  api::HostLease message{"lease", lease, state, words.substr(0, 400), std::move(ssh), {}, {}};
  if (message.ssh) message.ways = ways_of(lease);
  if (!boot_id.empty()) message.boot_id = boot_id;
  publish(message);
}

void Keeper::publish(const api::HostLease& message) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(message.lease);
    if (found != jobs_.end()) found->second.said = message;
  }
  parts_.report(message);
}

}  // namespace obelisk::host
