// What passing time brings.
#include <algorithm>

#include "base/time.hpp"
#include "core/lease/stepper.hpp"

namespace obelisk::lease {

void Stepper::on(const Tick&) {
  switch (life_.state) {
    case State::quoted: return;
    case State::preparing: return;  // a payment that never confirms is seen to be absent
    case State::checking: return tick_before_ready();
    case State::starting: return tick_before_ready();
    case State::active: return tick_active();
    case State::stopping: return tick_stopping();
    case State::contested: return tick_contested();
    case State::ended: return;
  }
}

void Stepper::tick_before_ready() {
  // A `ready` that was sent may have landed in the last second and not be confirmed yet.
  const base::UnixSeconds grace = life_.state == State::starting ? 3 : 0;
  if (now() > life_.deadline_s + grace) {
    return give_back("Not ready in " + base::to_duration_text(quote_.ready_deadline_s) + ".");
  }
  const bool lost = life_.login_pending && now() - life_.login_asked_at_s > kLastLoginS;
  if (life_.state == State::checking && host_answers() && (lost || !life_.login_pending)) {
    log_in(true);
  }
}

void Stepper::tick_active() {
  if (now() >= life_.ends_at_s()) return at_the_end();
  if (life_.stop_asked_at_s != 0 && now() > life_.stop_asked_at_s + kStopLandingS) {
    life_.stop_asked_at_s = 0;
    note("stop_not_landed", "The stop did not land. The lease runs on. Stop it again.");
  }
  if (life_.login_pending && now() - life_.login_asked_at_s <= kLoginLostS) return;
  const bool failing = life_.last_failure_s != 0;
  const base::UnixSeconds last = std::max(life_.last_login_s, life_.last_failure_s);
  if (now() - last >= (failing ? kRetryDarkS : kAttestEveryS)) look_at_running();
}

void Stepper::at_the_end() {
  move_to(State::stopping);
  life_.outcome = Outcome::ran_to_the_end;
  life_.login_pending = false;  // an answer from before the end cannot prove the end
  say("end_reached", "The time you bought is over. The lease is being settled.");
  last_proof(true);
}

// A last login that says nothing any more is given up.
void Stepper::tick_last_proof(base::UnixSeconds since) {
  if (now() <= since + kLastLoginS || life_.settle_asked) return;
  if (life_.login_pending && now() - life_.login_asked_at_s <= kLastLoginS) return;
  life_.login_pending = false;
  last_proof(false);
}

void Stepper::tick_stopping() {
  if (life_.closed) return;
  switch (life_.outcome) {
    case Outcome::not_ready:
      if (now() > life_.deadline_s && !life_.cancel_asked) {
        life_.cancel_asked = true;
        effect(EffectKind::send_cancel);
      }
      return;
    case Outcome::ran_to_the_end: return tick_last_proof(life_.ends_at_s());
    case Outcome::host_dark: return settle(EffectKind::settle_dark);
    case Outcome::none: return;
    case Outcome::never_paid: return;
    case Outcome::cancelled: return;
    case Outcome::stopped_by_renter: return;
    case Outcome::stopped_by_host: return;
  }
}

void Stepper::tick_contested() {
  if (life_.wanted != Wanted::gone) tick_last_proof(contested_at());
  if (now() > life_.window_ends_s) settle(EffectKind::settle_finish);
}

}  // namespace obelisk::lease
