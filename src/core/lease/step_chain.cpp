// What the chain says.
#include <algorithm>

#include "base/time.hpp"
#include "core/escrow/layout.hpp"
#include "core/lease/compare.hpp"
#include "core/lease/stepper.hpp"

namespace obelisk::lease {
namespace {

std::string sol(std::optional<base::Lamports> amount) {
  return amount ? base::to_sol_text(*amount) : "an amount the chain did not tell";
}

// A lease on chain only goes forward. An answer that goes back is an old one, or its fork has lost.
int rank(escrow::State state) {
  switch (state) {
    case escrow::State::funded: return 1;
    case escrow::State::active: return 2;
    case escrow::State::closing: return 3;
    case escrow::State::closed: return 4;
  }
  return 0;
}

int rank(const Life& life) {
  if (life.window_ends_s != 0) return rank(escrow::State::closing);
  return rank(life.started_at_s != 0 ? escrow::State::active : escrow::State::funded);
}

}  // namespace

void Stepper::on(const Seen& event) {
  const bool waiting = life_.state == State::quoted || life_.state == State::preparing;
  if (!waiting || event.account.state != escrow::State::funded) return;
  if (life_.opened_slot == event.account.opened_slot) return;
  if (!difference(quote_, event.account).empty()) return;  // `confirmed` will say it for good
  const bool first = life_.state == State::quoted;
  const std::uint64_t confirmed_slot = life_.chain_slot;
  take_in(event.account);
  life_.chain_slot = confirmed_slot;
  if (!first) return;
  move_to(State::preparing);
  want(Wanted::running);
  say("open_seen", "Payment seen. The host makes your machine.");
}

void Stepper::take_in(const escrow::Lease& account) {
  life_.opened_slot = account.opened_slot;
  life_.opened_at_s = account.opened_at;
  life_.deadline_s = account.opened_at + account.ready_deadline_s;
  life_.started_at_s = account.started_at;
  life_.seconds = account.seconds;
  life_.proven_until_s = account.proven_until;
  life_.stopped_at_s = account.stopped_at;
  life_.window_ends_s = account.window_ends;
}

void Stepper::on(const Confirmed& event) {
  if (life_.state == State::ended || event.slot < life_.chain_slot) return;
  if (life_.closed) return come_back(event);
  const bool waiting = life_.state == State::quoted || life_.state == State::preparing;
  if (waiting) return confirm_new(event);
  if (event.account.opened_slot != life_.opened_slot) {
    // The nonce was opened again, so what we served is closed; the new one is nobody's quote.
    return close_seen(event.slot);
  }
  if (!difference(quote_, event.account).empty()) return;
  if (rank(event.account.state) < rank(life_)) return fall_back(event);
  const Life before = life_;
  life_.chain_slot = event.slot;
  take_in(event.account);
  switch (event.account.state) {
    case escrow::State::closed: return;
    case escrow::State::funded: return;
    case escrow::State::closing:
      if (life_.state != State::contested) enter_contested();
      return;
    case escrow::State::active: break;
  }
  if (life_.state == State::checking || life_.state == State::starting) return enter_active();
  if (life_.state == State::stopping) leave_stopping(event.account);
  grown(before);
}

// What was confirmed is not on the chain any more.
void Stepper::fall_back(const Confirmed& event) {
  if (event.slot < life_.chain_slot + kLostForkSlots) return;
  life_.chain_slot = event.slot;
  take_in(event.account);
  life_.settle_asked = life_.cancel_asked = false;
  if (event.account.state == escrow::State::active) {
    note("fork_lost", "The network took back what had ended it. It runs on.");
    return enter_active();
  }
  say("fork_lost",
      "The network took back `ready`. The meter stands still until it is there again.");
  check_again();
}

// A close that was confirmed and is not on the chain any more: the money is in the lease again.
void Stepper::come_back(const Confirmed& event) {
  if (event.slot < life_.chain_slot + kLostForkSlots) return;
  const bool was_unpaid = life_.outcome == Outcome::never_paid;
  // Another opening at this address is nobody's quote.
  if (!was_unpaid && event.account.opened_slot != life_.opened_slot) return;
  if (!difference(quote_, event.account).empty()) return;
  life_.closed = false;
  life_.outcome = Outcome::none;
  if (was_unpaid) return confirm_new(event);
  life_.chain_slot = event.slot;
  forget_end();
  take_in(event.account);
  say("fork_lost", "The network took back its end. What was said of the amounts does not hold.");
  switch (event.account.state) {
    case escrow::State::closed: return;
    case escrow::State::funded: return check_again();
    case escrow::State::active: return enter_active();
    case escrow::State::closing: return enter_contested();
  }
}

// Nothing was proven of a time that did not begin.
void Stepper::forget_service() {
  life_.attestation.reset();
  life_.ready_signature.reset();
  life_.login_pending = false;
}

void Stepper::forget_end() {
  life_.settle_asked = life_.cancel_asked = false;
  life_.host_lamports = life_.fee_lamports = life_.refunded_lamports = std::nullopt;
  life_.stop_signature.reset();
}

void Stepper::check_again() {
  forget_service();
  life_.outcome = Outcome::none;
  move_to(State::checking);
  want(Wanted::running);
  if (host_answers()) log_in(true);
}

void Stepper::grown(const Life& before) {
  if (before.seconds != 0 && life_.seconds > before.seconds) {
    say("extended", "Extended to " + base::to_duration_text(life_.seconds) + " in all.");
  }
}

void Stepper::confirm_new(const Confirmed& event) {
  life_.chain_slot = event.slot;
  const std::string_view differs = difference(quote_, event.account);
  take_in(event.account);
  if (!differs.empty()) return refuse(differs);
  if (life_.confirmed_ms == 0) life_.confirmed_ms = context_.now_ms;
  switch (event.account.state) {
    case escrow::State::closed: return;
    case escrow::State::funded: return enter_checking();
    case escrow::State::active: return enter_active();
    case escrow::State::closing: return enter_contested();
  }
}

void Stepper::enter_checking() {
  move_to(State::checking);
  say("open_confirmed", "Paid. Your machine is being checked.");
  if (life_.host_state == HostState::failed) {
    return give_back("The host could not make it: " + life_.host_message);
  }
  want(Wanted::running);
  if (host_answers()) log_in(true);
}

void Stepper::enter_active() {
  move_to(State::active);
  life_.last_login_s = std::max(life_.last_login_s, life_.started_at_s);
  life_.outcome = Outcome::none;
  want(Wanted::open);
  say("ready_confirmed", "Ready. The meter runs.");
}

void Stepper::enter_contested() {
  const bool was_end = life_.stopped_at_s != 0 && life_.stopped_at_s == life_.ends_at_s();
  if (life_.outcome == Outcome::none || life_.outcome == Outcome::not_ready) {
    life_.outcome = was_end ? Outcome::ran_to_the_end : Outcome::stopped_by_renter;
  }
  move_to(State::contested);
  life_.settle_asked = false;
  const base::UnixSeconds gap = life_.stopped_at_s - life_.proven_until_s;
  say("contested", "Stopped. The last " + base::to_duration_text(gap) +
                       " are not proven. What was not used is back already; the rest is settled "
                       "within " +
                       base::to_duration_text(quote_.claim_window_s) + ".");
  last_proof(true);
}

// The chain says ACTIVE while we are stopping: nobody stopped it yet. Our own cancel came after
// `ready`, or the renter extended just before the end.
void Stepper::leave_stopping(const escrow::Lease& account) {
  const base::UnixSeconds end = account.started_at + account.seconds;
  const bool ready_won = life_.outcome == Outcome::not_ready && account.started_at != 0;
  const bool extended = life_.outcome == Outcome::ran_to_the_end && end > now();
  if (!ready_won && !extended) return;
  life_.settle_asked = false;
  life_.cancel_asked = false;
  enter_active();
}

void Stepper::on(const Absent& event) {
  if (event.slot < life_.chain_slot || life_.closed) return;
  switch (life_.state) {
    case State::ended: return;
    case State::quoted: return cannot_come(event.slot) ? not_there_in_time(event.slot) : void();
    case State::preparing:
      if (event.slot < life_.opened_slot + kForkSlots) return;
      return cannot_come(event.slot) ? not_there_in_time(event.slot) : forget_opening();
    case State::checking: return close_seen(event.slot);
    case State::starting: return close_seen(event.slot);
    case State::active: return close_seen(event.slot);
    case State::stopping: return close_seen(event.slot);
    case State::contested: return close_seen(event.slot);
  }
}

// Either nobody paid, or somebody did and it was closed again while nobody looked.
void Stepper::not_there_in_time(std::uint64_t slot) {
  life_.chain_slot = slot;
  life_.opened_slot = 0;  // whichever its history shows
  life_.closed = true;
  life_.outcome = Outcome::never_paid;
  move_to(State::stopping);
  if (life_.wanted != Wanted::nothing) want(Wanted::gone);
  effect(EffectKind::read_close);
  life_.message =
      "Nobody seems to have paid this quote in time. The chain's history is being read.";
}

void Stepper::never_paid() {
  take_in(escrow::Lease{});
  life_.deadline_s = 0;
  life_.ended_ms = context_.now_ms;
  move_to(State::ended);
  say("never_paid", "Nobody paid this quote in time. Nothing was charged for it.");
}

void Stepper::forget_opening() {
  take_in(escrow::Lease{});
  life_.deadline_s = 0;
  life_.closed = false;
  life_.outcome = Outcome::none;
  forget_service();
  forget_end();
  life_.host_state = HostState::unknown;
  life_.host_message.clear();
  life_.ssh.reset();
  life_.boot_id.clear();
  life_.boot_mark.clear();
  move_to(State::quoted);
  want(Wanted::gone);
  say("open_vanished",
      "The payment is not on the chain any more: the network dropped it, or it was cancelled. "
      "Nothing is held. Send it again.");
}

void Stepper::close_seen(std::uint64_t slot) {
  life_.chain_slot = slot;
  life_.closed = true;
  life_.login_pending = false;
  if (life_.state != State::stopping) move_to(State::stopping);
  want(Wanted::gone);
  effect(EffectKind::read_close);
  say("closed", "Stopped. The amounts are being read from the chain.");
}

void Stepper::give_back(const std::string& why) {
  // `ready` may still have landed: then the machine must be there.
  const bool may_be_ready = life_.state == State::starting;
  move_to(State::stopping);
  life_.outcome = Outcome::not_ready;
  life_.login_pending = false;
  if (life_.wanted != Wanted::nothing && !may_be_ready) want(Wanted::gone);
  const base::UnixSeconds left = std::max<base::UnixSeconds>(0, life_.deadline_s - now());
  say("not_ready", why + " You pay nothing but network fees. Your money comes back by itself in " +
                       base::to_duration_text(left) + "; cancel to have it now.");
}

// Somebody opened another lease at this address. It is nobody's quote, so it holds no cards; like
// any lease that is not ours it is cancelled for its renter once its deadline has passed.
void Stepper::refuse(std::string_view differs) {
  move_to(State::stopping);
  life_.outcome = Outcome::not_ready;
  life_.ended_ms = context_.now_ms;
  if (life_.wanted != Wanted::nothing) want(Wanted::gone);
  move_to(State::ended);
  say("refused", "The lease on chain is not the one that was quoted: " + std::string(differs) +
                     " differs. It is not served. Cancel it to have your money back now; else it "
                     "comes back after its deadline.");
}

void Stepper::on(const ReadyLanded& event) { life_.ready_signature = event.signature; }

void Stepper::on(const ReadyFailed& event) {
  if (life_.state == State::starting) note("ready_failed", "`ready` did not land: " + event.why);
}

void Stepper::on(const StopAsked&) {
  const bool running = life_.state == State::checking || life_.state == State::starting ||
                       life_.state == State::active;
  if (!running) return;
  life_.stop_asked_at_s = now();
  note("stop_asked", "The stop is on its way.");
}

void Stepper::on(const GivenUp&) {
  if (life_.state != State::quoted) return;
  life_.outcome = Outcome::never_paid;
  life_.ended_ms = context_.now_ms;
  move_to(State::ended);
  say("given_up", "The quote was given up. Nothing was charged for it.");
}

// The cards are held until it is final: a fork that is lost with the close in it brings the lease
// back.
void Stepper::on(const CloseRead& event) {
  if (!life_.closed || life_.state != State::stopping) return;
  if (event.never_opened) {
    return life_.outcome == Outcome::never_paid ? never_paid() : forget_opening();
  }
  // What was read once is not unlearned from a node that shows less.
  if (event.facts.close_signature || !life_.is_over()) take_in(event.facts);
  if (!event.provisional) {
    life_.ended_ms = context_.now_ms;
    move_to(State::ended);
  }
  if (const std::string words = closing_words(); words != life_.message) say("ended", words);
}

void Stepper::take_in(const CloseFacts& facts) {
  if (life_.outcome == Outcome::never_paid) {
    life_.outcome = Outcome::none;
    life_.opened_slot = facts.opened_slot;
    life_.opened_at_s = facts.opened_at_s;
    if (facts.opened_at_s != 0) life_.deadline_s = facts.opened_at_s + quote_.ready_deadline_s;
    life_.started_at_s = facts.started_at_s;
    life_.seconds = quote_.seconds;
  }
  const bool cancelled = facts.outcome == Outcome::cancelled;
  const bool host_failed =
      life_.host_state == HostState::failed || life_.outcome == Outcome::not_ready;
  if (cancelled && host_failed) {
    life_.outcome = Outcome::not_ready;
  } else if (facts.outcome != Outcome::none) {
    life_.outcome = facts.outcome;
  }
  life_.host_lamports = facts.to_host;
  life_.fee_lamports = facts.to_treasury;
  life_.refunded_lamports = facts.to_renter;
  if (facts.open_signature) life_.open_signature = facts.open_signature;
  if (facts.ready_signature) life_.ready_signature = facts.ready_signature;
  life_.stop_signature = facts.close_signature;
  if (facts.proven_until_s != 0) life_.proven_until_s = facts.proven_until_s;
  life_.stopped_at_s = facts.stopped_at_s != 0 ? facts.stopped_at_s : life_.proven_until_s;
}

std::string Stepper::closing_words() const {
  const base::UnixSeconds served =
      life_.started_at_s == 0 ? 0 : life_.proven_until_s - life_.started_at_s;
  if (served == 0 && life_.outcome == Outcome::not_ready) {
    return "Not ready in " + base::to_duration_text(quote_.ready_deadline_s) + ". " +
           sol(life_.refunded_lamports) + " is back.";
  }
  std::optional<base::Lamports> paid;
  if (life_.host_lamports && life_.fee_lamports) {
    paid = base::checked_add(*life_.host_lamports, *life_.fee_lamports);
  }
  // What is returned is of what was paid; the account's rent comes back beside it.
  std::optional<base::Lamports> returned = life_.refunded_lamports;
  if (returned) returned->count -= std::min(returned->count, escrow::kBondLamports);
  return "Stopped. You used " + base::to_duration_text(served) + ": " + sol(paid) + ". " +
         sol(returned) + " returned.";
}

}  // namespace obelisk::lease
