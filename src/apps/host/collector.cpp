#include "apps/host/collector.hpp"

#include "adapters/solana/sender.hpp"
#include "apps/host/collecting.hpp"
#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::host {
namespace {

using namespace std::chrono_literals;

constexpr auto kPause = 1s;
constexpr std::int64_t kRetryAfterMs = 10'000;
constexpr std::int64_t kSendTimeoutMs = 40'000;
// A stopped lease's container is kept so long for the watch's last login.
constexpr std::int64_t kKeepAfterCloseMs = 10'000;

}  // namespace

Collector::Collector(CollectorParts parts) : parts_(std::move(parts)) {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!ending_) {
      lock.unlock();
      look();
      lock.lock();
      changed_.wait_for(lock, kPause, [this] { return ending_; });
    }
  });
}

Collector::~Collector() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  stop_.request_stop();
  changed_.notify_all();
  thread_.join();
}

void Collector::look() {
  const auto records = parts_.keeper.records();
  if (records.empty()) return;
  const auto now = parts_.chain.now(ports::Commitment::confirmed);
  if (!now) return;  // the node is away; nothing can be decided, and nothing is lost
  for (std::size_t from = 0; from < records.size(); from += 100) {
    const auto to = std::min(records.size(), from + 100);
    std::vector<base::PublicKey> addresses;
    for (std::size_t i = from; i < to; ++i) addresses.push_back(records[i].wish.lease);
    const auto accounts = parts_.chain.accounts(addresses, ports::Commitment::confirmed);
    if (!accounts || accounts->size() != addresses.size()) return;
    for (std::size_t i = from; i < to; ++i) {
      const ports::AccountAt& at = (*accounts)[i - from];
      // One that is behind does not know what was paid last.
      if (!at.account && at.slot < now->slot) continue;
      look_at(records[i], at.account, now->unix_s);
    }
  }
}

void Collector::look_at(const LeaseRecord& record, const std::optional<ports::Account>& account,
                        base::UnixSeconds now) {
  Seen& seen = seen_[record.wish.lease];
  const bool ours = account && account->owner == parts_.program;
  const auto lease = ours ? escrow::parse_lease(account->data) : std::nullopt;
  if (lease) {
    seen.on_chain = true;
    seen.closed_since_ms = 0;
    tell_of_end(record, *lease, now);
    return collect(record, *lease, now);
  }
  // Not confirmed yet; or closed while this program was away.
  if (!seen.on_chain && !is_past_paying(record.wish.terms.value_or(""), now)) return;
  const std::int64_t steady = parts_.clock.steady_ms();
  if (seen.closed_since_ms == 0) seen.closed_since_ms = steady;
  if (steady - seen.closed_since_ms < kKeepAfterCloseMs) return;
  if (record.wish.want == api::Wanted::gone) return;
  parts_.log("Lease " + record.wish.lease.to_string() + " is not on the chain. Destroying it.");
  parts_.keeper.wish({"lease", record.wish.lease, api::Wanted::gone, {}, {}, {}}, record.watch_key);
}

void Collector::tell_of_end(const LeaseRecord& record, const escrow::Lease& lease,
                            base::UnixSeconds now) {
  if (lease.state != escrow::State::active) return;
  Seen& seen = seen_[record.wish.lease];
  const std::string name = record.wish.lease.to_string();
  const base::UnixSeconds ends_at_s = lease.started_at + lease.seconds;
  const auto say = [&](const base::Result<void>& done) {
    if (!done) parts_.log("Lease " + name + " was not told of its end: " + done.error().message);
  };
  if (seen.ends_at_s != ends_at_s) {
    seen.ends_at_s = ends_at_s;
    say(parts_.containers.set_end(name, base::to_rfc3339_seconds(ends_at_s) + "\n"));
  }
  const auto due = end_notice(lease.started_at, ends_at_s, now, seen.told);
  if (!due) return;
  seen.told = *due;
  say(parts_.containers.tell(name, end_words(name, ends_at_s, now)));
}

void Collector::collect(const LeaseRecord& record, const escrow::Lease& lease,
                        base::UnixSeconds now) {
  std::optional<std::int64_t> alive_until;
  if (record.attestation) alive_until = static_cast<std::int64_t>(record.attestation->alive_until);
  const Collect what = what_to_collect(lease, alive_until, now);
  Seen& seen = seen_[record.wish.lease];
  const std::int64_t steady = parts_.clock.steady_ms();
  if (what == Collect{} || (seen.tried_at_ms != 0 && steady - seen.tried_at_ms < kRetryAfterMs)) {
    return;
  }
  seen.tried_at_ms = steady;

  const auto accounts = escrow::accounts_of(record.wish.lease, lease);
  std::vector<escrow::Call> calls;
  if (what.claim) {
    const settlement::Proof proof{
        accounts.attestor,
        {parts_.program, record.wish.lease, record.attestation->opened_slot, *alive_until},
        record.attestation->signature};
    if (settlement::is_valid(proof) && proof.fields.opened_slot == lease.opened_slot) {
      calls = settlement::claim_calls(parts_.program, accounts, proof);
    } else {
      parts_.log("The attestation for " + record.wish.lease.to_string() + " is not valid.");
    }
  }
  if (what.finish) calls.push_back(escrow::encode_finish(parts_.program, accounts));
  if (!calls.empty() && send(record, calls)) seen.tried_at_ms = 0;
}

void Collector::stop_all() {
  for (const LeaseRecord& record : parts_.keeper.records()) {
    const auto at = parts_.chain.account(record.wish.lease, ports::Commitment::confirmed);
    const bool ours = at && at->account && at->account->owner == parts_.program;
    const auto lease = ours ? escrow::parse_lease(at->account->data) : std::nullopt;
    const bool runs =
        lease && (lease->state == escrow::State::active || lease->state == escrow::State::closing);
    if (!runs || escrow::to_public_key(lease->host) != parts_.signer.public_key()) continue;
    const auto accounts = escrow::accounts_of(record.wish.lease, *lease);
    std::vector<escrow::Call> calls;
    if (record.attestation) {
      const settlement::Proof proof{
          accounts.attestor,
          {parts_.program, record.wish.lease, record.attestation->opened_slot,
           static_cast<std::int64_t>(record.attestation->alive_until)},
          record.attestation->signature};
      if (settlement::is_valid(proof) && proof.fields.opened_slot == lease->opened_slot &&
          proof.fields.alive_until > lease->proven_until) {
        calls = settlement::claim_calls(parts_.program, accounts, proof);
      }
    }
    // A claim up to a contested stop closes the lease by itself.
    const bool closes =
        !calls.empty() && lease->state == escrow::State::closing &&
        static_cast<std::int64_t>(record.attestation->alive_until) >= lease->stopped_at;
    if (!closes) {
      calls.push_back(escrow::encode_stop(parts_.program, accounts, escrow::StopHow::waive));
    }
    // Once more where that only learned how an earlier one had ended.
    if (send(record, calls)) {
      LeaseRecord fresh = record;
      fresh.sent.reset();
      (void)send(fresh, calls);
    }
  }
}

// What was sent before comes to its end first: until that is known, nothing else is signed, by this
// process or the next.
bool Collector::send(const LeaseRecord& record, const std::vector<escrow::Call>& calls) {
  const base::PublicKey& lease = record.wish.lease;
  solana_rpc::Payment payment;
  payment.payer = parts_.payer.public_key();
  for (const escrow::Call& call : calls) {
    payment.instructions.push_back(settlement::to_instruction(call));
  }
  payment.sign = [this](solana::Transaction& transaction) -> base::Result<void> {
    TRY_VOID(solana::sign(transaction, parts_.payer));
    const base::PublicKey wallet = parts_.signer.public_key();
    if (wallet == parts_.payer.public_key() || !transaction.needs(wallet)) return {};
    return solana::sign(transaction, parts_.signer);
  };
  payment.units = settlement::kClaimUnits + settlement::kStopUnits;
  solana_rpc::DeliverOptions options;
  options.fees = parts_.fees;
  options.limits.timeout_ms = kSendTimeoutMs;
  options.hooks.stop = stop_.get_token();
  options.before = record.sent;
  options.keep = [&](const solana::Attempt& attempt) { return parts_.keeper.sent(lease, attempt); };
  const auto landed = solana_rpc::deliver(parts_.chain, parts_.clock, payment, options);
  const std::string words = !landed                ? landed.error().message
                            : landed->status.error ? "refused on chain: " + *landed->status.error
                                                   : "collected.";
  parts_.log("Lease " + lease.to_string() + ": " + words);
  // Until then a fork may undo it, and the same bytes may land again.
  const bool is_over = landed && landed->status.commitment == ports::Commitment::finalized;
  return is_over && parts_.keeper.sent(lease, std::nullopt).ok();
}

}  // namespace obelisk::host
