#include "apps/market/engine/worker.hpp"

#include "apps/market/engine/attestor.hpp"
#include "apps/market/engine/closing.hpp"
#include "core/escrow/codec.hpp"
#include "core/lease/step.hpp"

namespace obelisk::engine {
namespace {

using lease::EffectKind;
using lease::State;
using ports::Commitment;

constexpr int kReadyAgainMs = 400;
constexpr int kCloseAgainMs = 250;
constexpr int kNoKeyAgainMs = 60'000;
constexpr std::uint32_t kAttestTries = 5;
// A node that kept nothing of a closed lease will not find it later.
constexpr std::uint32_t kCloseTries = 40;
// Between looks at whether a close is final.
constexpr int kFinalAgainMs = 1000;

WorkResult done_or_again(bool is_done, const ports::OutboxRow& row) {
  return is_done ? WorkResult::done() : WorkResult::again_in(backoff_ms(row.attempts));
}

api::Wanted to_api(lease::Wanted wanted) {
  switch (wanted) {
    case lease::Wanted::nothing: return api::Wanted::gone;
    case lease::Wanted::running: return api::Wanted::running;
    case lease::Wanted::open: return api::Wanted::open;
    case lease::Wanted::gone: return api::Wanted::gone;
  }
  return api::Wanted::gone;
}

}  // namespace

WorkResult Worker::run(ports::OutboxRow& row) {
  const auto effect = effect_of(row);
  if (!effect) {
    parts_.log("Work " + row.id + " of an unknown kind is dropped.", row.lease);
    return WorkResult::done();
  }
  const auto record = parts_.store.by_lease(row.lease);
  if (!record) return WorkResult::again_in(backoff_ms(row.attempts));
  if (!*record) return WorkResult::done();
  return do_effect(*effect, **record, row);
}

WorkResult Worker::do_effect(const lease::Effect& effect, const lease::Record& record,
                             ports::OutboxRow& row) {
  switch (effect.kind) {
    case EffectKind::tell_host: return done_or_again(tell(record.quote.lease), row);
    case EffectKind::give_attestation: return done_or_again(give(record.quote.lease), row);
    case EffectKind::log_in: return log_in(effect, record);
    case EffectKind::attest: return attest(effect, record, row.attempts);
    case EffectKind::send_ready: return send_ready(record, row);
    case EffectKind::send_cancel: return settle(effect, record, row);
    case EffectKind::settle_dark: return settle(effect, record, row);
    case EffectKind::settle_end: return settle(effect, record, row);
    case EffectKind::settle_claim: return settle(effect, record, row);
    case EffectKind::settle_finish: return settle(effect, record, row);
    case EffectKind::read_close: return read_close(record, row.attempts);
  }
  return WorkResult::done();
}

bool Worker::tell(const base::PublicKey& lease) {
  const std::lock_guard lock(telling_);
  const auto found = now(lease);
  if (!found) return false;
  const std::optional<lease::Record>& record = *found;
  if (!record) return true;
  const bool over = record->life.state == State::ended;
  if (record->life.wanted == lease::Wanted::nothing && !over) return true;
  api::MarketLease wish;
  wish.type = "lease";
  wish.lease = lease;
  wish.want = over ? api::Wanted::gone : to_api(record->life.wanted);
  if (wish.want != api::Wanted::gone) {
    wish.terms = record->quote.terms;
    wish.quote_signature = record->quote.signature;
    wish.ssh_key = record->quote.ssh_key;
  }
  (void)parts_.link->send_lease(record->quote.host, wish);
  const bool is_made =
      record->life.state == State::preparing || record->life.state == State::checking;
  if (parts_.cards != nullptr && is_made) parts_.cards->ask(record->quote);
  return true;
}

bool Worker::give(const base::PublicKey& lease) {
  const std::lock_guard lock(telling_);
  const auto found = now(lease);
  if (!found) return false;
  const std::optional<lease::Record>& record = *found;
  if (!record || !record->life.attestation) return true;
  api::MarketAttestation message;
  message.type = "attestation";
  message.lease = lease;
  message.attestation = {record->life.opened_slot,
                         static_cast<std::uint64_t>(record->life.attestation->alive_until),
                         record->life.attestation->signature};
  (void)parts_.link->send_attestation(record->quote.host, message);
  return true;
}

WorkResult Worker::log_in(const lease::Effect& effect, const lease::Record& record) {
  const lease::Life& life = record.life;
  if (!life.login_pending || life.login_attempt != effect.attempt) return WorkResult::done();
  if (!life.ssh) {
    parts_.post(record.quote.lease,
                lease::LoginFailed{effect.attempt, lease::LoginProblem::unreachable,
                                   "the host has not said where"});
    return WorkResult::done();
  }
  const bool before_ready = life.state == State::checking;
  if (!before_ready) {
    // A proof is worth what the newest block says; the check before `ready` has no time for it.
    if (const auto time = parts_.chain.now(Commitment::confirmed)) {
      parts_.view.saw_time(*time, parts_.clock.steady_ms());
    }
  }
  const watch::LoginAnswer answer =
      before_ready ? check_machine(record.quote, *life.ssh)
                   : parts_.logins.log_in(record.quote, *life.ssh, effect.check_card);
  if (watch::shows_life(answer, before_ready)) {
    // No more than who logged in has seen: nobody signs what lies ahead of that.
    base::UnixSeconds alive_at_s = parts_.view.time().unix_s;
    if (answer.alive_at_s != 0) alive_at_s = std::min(alive_at_s, answer.alive_at_s);
    parts_.control.login_worked(record.quote.host, parts_.clock.steady_ms());
    parts_.post(record.quote.lease,
                lease::LoginWorked{effect.attempt, alive_at_s, answer.boot_mark});
    return WorkResult::done();
  }
  parts_.log("A login failed: " + answer.why + ".", record.quote.lease);
  seek_control(record.quote.host);
  parts_.post(record.quote.lease, lease::LoginFailed{effect.attempt, answer.problem, answer.why});
  return WorkResult::done();
}

// Before `ready`: by a login, and by the cards themselves where they were proven before.
watch::LoginAnswer Worker::check_machine(const lease::Quote& quote,
                                         const lease::SshAccess& access) {
  watch::LoginAnswer answer = parts_.logins.log_in(quote, access, true);
  if (!answer.ok || parts_.cards == nullptr) return answer;
  const CardSaid said = parts_.cards->said(quote);
  switch (said.check) {
    case CardCheck::none: return answer;
    case CardCheck::good: return answer;
    case CardCheck::waiting:
      return {false, lease::LoginProblem::unreachable, "its card has not shown itself yet", {}};
    case CardCheck::wrong:
      return {
          false, lease::LoginProblem::wrong_card, "its card did not show itself: " + said.why, {}};
  }
  return answer;
}

// Before a failure may count, another host has to answer, where there is one.
void Worker::seek_control(const base::PublicKey& host) {
  if (parts_.control.another_host_answered(host, parts_.clock.steady_ms())) return;
  const auto other = parts_.another(host);
  if (!other || !other->life.ssh) return;
  const watch::LoginAnswer answer = parts_.logins.log_in(other->quote, *other->life.ssh, false);
  if (answer.ok) parts_.control.login_worked(other->quote.host, parts_.clock.steady_ms());
}

WorkResult Worker::attest(const lease::Effect& effect, const lease::Record& record,
                          std::uint32_t attempts) {
  if (record.life.state == State::ended) return WorkResult::done();
  ports::Attestor* const attestor = parts_.attestors.find(record.quote.attestor);
  if (attestor == nullptr) {
    parts_.log("It cannot be attested: the key " + record.quote.attestor.to_string() +
                   " is none of the watch's keys.",
               record.quote.lease);
    return WorkResult::again_in(kNoKeyAgainMs);
  }
  const auto proof = engine::attest(
      *attestor, {parts_.program, record.quote.lease, record.life.opened_slot, effect.alive_until});
  if (!proof) {
    parts_.log(proof.error().message, record.quote.lease);
    // Its node may be behind ours; what it has not seen by then, a later login shows it.
    const bool is_final = proof.error().code == base::Code::refused && attempts >= kAttestTries;
    return is_final ? WorkResult::done() : WorkResult::again_in(backoff_ms(attempts));
  }
  parts_.post(record.quote.lease, lease::Attested{effect.alive_until, proof->signature});
  return WorkResult::done();
}

void Worker::look(const base::PublicKey& lease) {
  const auto answer = parts_.chain.account(lease, Commitment::confirmed);
  if (!answer) return;
  if (!answer->account || answer->account->owner != parts_.program) {
    return parts_.post(lease, lease::Absent{answer->slot});
  }
  if (const auto parsed = escrow::parse_lease(answer->account->data)) {
    parts_.post(lease, lease::Confirmed{*parsed, answer->slot});
  }
}

Trail Worker::trail_of(ports::OutboxRow& row) {
  return {row.sent,
          [this, &row](const solana::Attempt& attempt) -> base::Result<void> {
            TRY_VOID(parts_.store.outbox_sent(row.id, attempt));
            row.sent = attempt;
            return {};
          },
          [this, &row]() -> base::Result<void> {
            TRY_VOID(parts_.store.outbox_sent(row.id, std::nullopt));
            row.sent.reset();
            return {};
          }};
}

WorkResult Worker::send_ready(const lease::Record& record, ports::OutboxRow& row) {
  const lease::Life& life = record.life;
  if (life.state != State::starting || parts_.view.time().unix_s > life.deadline_s) {
    return WorkResult::done();
  }
  const auto sent = parts_.settle.ready(record.quote, life.opened_slot, trail_of(row));
  if (!sent) {
    look(record.quote.lease);  // somebody may have been quicker, or it was cancelled
    parts_.post(record.quote.lease, lease::ReadyFailed{sent.error().message});
    return WorkResult::again_in(kReadyAgainMs);
  }
  if (*sent) parts_.post(record.quote.lease, lease::ReadyLanded{**sent});
  look(record.quote.lease);
  return WorkResult::done();
}

WorkResult Worker::settle(const lease::Effect& effect, const lease::Record& record,
                          ports::OutboxRow& row) {
  const std::uint32_t attempts = row.attempts;
  const Trail trail = trail_of(row);
  const lease::Life& life = record.life;
  const base::PublicKey& lease = record.quote.lease;
  const bool after_stop =
      effect.kind == EffectKind::settle_claim || effect.kind == EffectKind::settle_finish;
  if (life.closed || life.state != (after_stop ? State::contested : State::stopping)) {
    return WorkResult::done();
  }
  const base::UnixSeconds now = parts_.view.time().unix_s;
  base::Result<Settle::Sent> sent = Settle::Sent();
  if (effect.kind == EffectKind::send_cancel) {
    sent = parts_.settle.cancel(lease, now, trail);
  } else if (effect.kind == EffectKind::settle_dark) {
    if (life.outcome != lease::Outcome::host_dark) return WorkResult::done();
    sent = parts_.settle.dark(lease, life.attestation, trail);
  } else if (effect.kind == EffectKind::settle_end) {
    sent = parts_.settle.end(lease, now, life.attestation, trail);
  } else if (effect.kind == EffectKind::settle_claim) {
    sent = parts_.settle.claim(lease, life.attestation, trail);
  } else {
    sent = parts_.settle.finish(lease, now, life.attestation, trail);
  }
  look(lease);
  // It is asked for only once, so it is not given up because a node saw nothing to do, nor because
  // it is confirmed: a fork may take it back before we have seen what it did. What the chain says
  // in the end moves the record on, and with that ends the work. A claim is no such case: what it
  // proves comes again with the last transaction.
  if (!sent && effect.kind == EffectKind::settle_dark && sent.error().code == base::Code::refused) {
    parts_.post(lease, lease::DarkRefused{sent.error().message});
    return WorkResult::done();
  }
  if (!sent) return WorkResult::again_in(backoff_ms(attempts));
  if (effect.kind == EffectKind::settle_claim) return WorkResult::done();
  return WorkResult::again_in(*sent ? kFinalAgainMs : backoff_ms(attempts));
}

// No fork can bring back what is gone in a finalized answer as new as the one that showed it gone.
bool Worker::is_gone_for_good(const lease::Record& record) {
  const auto answer = parts_.chain.account(record.quote.lease, Commitment::finalized);
  if (!answer || answer->slot < record.life.chain_slot) return false;
  if (!answer->account || answer->account->owner != parts_.program) return true;
  // Another opening at the address says that ours is over; but of a quote that seemed unpaid,
  // whose opening nobody knows, it may be this very one.
  const auto there = escrow::parse_lease(answer->account->data);
  const std::uint64_t ours = record.life.opened_slot;
  return !there || (ours != 0 && there->opened_slot != ours);
}

// Nothing of it is on the chain, though it was seen there: its fork lost. That can only be of an
// opening as young as forks are deep. Otherwise the node has forgotten, or shows not everything.
bool Worker::never_was(const lease::Record& record, const History& history) const {
  const bool is_empty = history.steps.empty() && history.whole && !history.missing;
  if (!is_empty || history.unexplained) return false;
  if (record.life.outcome == lease::Outcome::never_paid) return true;
  return record.life.chain_slot < record.life.opened_slot + 2 * lease::kLostForkSlots;
}

// How often a close was read since it is final. Kept in memory: after a restart it begins anew.
std::uint32_t Worker::final_tries(const base::PublicKey& lease, bool is_final) {
  const std::lock_guard lock(final_mutex_);
  if (is_final) return ++final_tries_[lease];
  final_tries_.erase(lease);
  return 0;
}

WorkResult Worker::read_close(const lease::Record& record, std::uint32_t attempts) {
  const base::PublicKey& lease = record.quote.lease;
  if (!record.life.closed || record.life.state != State::stopping) {
    (void)final_tries(lease, false);
    return WorkResult::done();
  }
  const bool is_final = is_gone_for_good(record);
  if (!is_final && record.life.is_over()) return WorkResult::again_in(kFinalAgainMs);
  const bool is_last = final_tries(lease, is_final) >= kCloseTries;
  const HistoryAsk ask{record.quote, record.life.opened_slot, record.life.chain_slot,
                       is_final ? Commitment::finalized : Commitment::confirmed};
  const auto history =
      read_history(parts_.chain, parts_.program, ask, [this] { return stopped_.load(); });
  if (!history) return WorkResult::again_in(backoff_ms(attempts));
  if (stopped_) return WorkResult::again_in(0);  // the row stays, for the next start
  const bool is_unpaid = record.life.outcome == lease::Outcome::never_paid;
  if (never_was(record, *history) && (is_unpaid || is_last)) {
    parts_.post(lease, lease::CloseRead{{}, true});
    return finished(lease);
  }
  lease::CloseFacts facts = lease::summarize(history->steps);
  const bool unread = history->missing || (!facts.close_signature && history->whole);
  if (unread && !is_last) return WorkResult::again_in(kCloseAgainMs);
  if (history->missing) {
    parts_.log("The node does not show every transaction. The amounts are not known.", lease);
    facts.to_host = facts.to_treasury = facts.to_renter = std::nullopt;
  }
  if (!facts.close_signature) {
    parts_.log("The node kept no closing transaction. The amounts are not known.", lease);
  }
  parts_.post(lease, lease::CloseRead{facts, false, !is_final});
  return is_final ? finished(lease) : WorkResult::again_in(kFinalAgainMs);
}

WorkResult Worker::finished(const base::PublicKey& lease) {
  (void)final_tries(lease, false);
  return WorkResult::done();
}

}  // namespace obelisk::engine
