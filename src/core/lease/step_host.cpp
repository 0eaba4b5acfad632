// What the host says, and what logins show.
#include <algorithm>

#include "base/check.hpp"
#include "core/lease/stepper.hpp"

namespace obelisk::lease {

void Stepper::on(const HostSaid& event) {
  if (life_.state == State::quoted || life_.wanted == Wanted::nothing) return;
  const bool over = life_.state == State::ended || life_.wanted == Wanted::gone;
  switch (event.state) {
    case HostState::unknown: return;
    case HostState::gone: return host_cleared();
    case HostState::failed: return over ? void() : host_broke(event.message);
    case HostState::starting:
      if (over || life_.host_state != HostState::unknown) return;
      life_.host_state = HostState::starting;
      return note("host_starting", "The host is making your machine.");
    case HostState::running: return over ? void() : host_runs(event);
    case HostState::open: return over ? void() : host_runs(event);
  }
}

void Stepper::host_cleared() {
  // A host clears away what it failed to make, and says so; that it failed is what counts.
  if (life_.host_state == HostState::failed && life_.wanted != Wanted::gone) return;
  if (life_.state == State::active) return look_soon(0);
  life_.host_state = HostState::gone;
}

void Stepper::host_broke(const std::string& message) {
  // What it says of a running lease proves nothing.
  if (life_.state == State::active) return look_soon(0);
  const bool again = life_.host_state == HostState::failed;
  life_.host_state = HostState::failed;
  life_.host_message = message;
  if (!again) note("host_failed", "The host reports: " + message);
  if (life_.state == State::checking) give_back("The host could not make it: " + message);
}

void Stepper::host_runs(const HostSaid& event) {
  if (!event.ssh) return;
  const bool pinned = !life_.boot_mark.empty() && life_.ssh.has_value();
  if (pinned && life_.ssh->host_key != event.ssh->host_key) {
    // Said once: a host must not be able to fill the renter's events.
    constexpr const char* kWords = "The host named another host key. It is not trusted.";
    if (life_.host_message != kWords) note("host_key_changed", kWords);
    life_.host_message = kWords;
    return;
  }
  const HostState before = life_.host_state;
  // The way in does not close again while the lease runs, whatever comes late.
  const bool late = before == HostState::open && life_.wanted == Wanted::open;
  if (!late) life_.host_state = event.state;
  life_.ssh = event.ssh;
  life_.boot_id = event.boot_id;
  const bool early = life_.state == State::preparing || life_.state == State::checking;
  if (early && before != HostState::running && event.state == HostState::running) {
    note("host_running", "The machine runs.");
  }
  if (before == HostState::running && life_.host_state == HostState::open) {
    note("host_open", "You may log in.");
  }
  if (life_.state == State::checking && !life_.login_pending) log_in(true);
}

void Stepper::on(const Troubled& event) {
  if (life_.state == State::active) note(event.kind, event.text);
}

void Stepper::on(const HostLost&) { look_soon(kLostLookMs); }

// A sign that something may be wrong: a reason to look, but not as often as the host likes.
void Stepper::look_soon(std::uint32_t delay_ms) {
  if (life_.state != State::active || life_.login_pending) return;
  const base::UnixSeconds since = now() - std::max(life_.last_login_s, life_.last_failure_s);
  const base::UnixSeconds rest_s =
      std::clamp<base::UnixSeconds>(kRetryDarkS - since, 0, kRetryDarkS);
  look_at_running(std::max(delay_ms, static_cast<std::uint32_t>(rest_s) * 1000));
}

// Now and then with a look at the cards; always after a failure, since it may have been a wrong
// card, and a login that does not look would take it back.
void Stepper::look_at_running(std::uint32_t delay_ms) {
  const bool is_turn = life_.login_attempt % kLoginsPerCardCheck == kLoginsPerCardCheck - 1;
  log_in(is_turn || life_.last_failure_s != 0, delay_ms);
}

bool Stepper::is_proving() const {
  if (life_.closed) return false;
  return life_.state == State::active || life_.state == State::contested ||
         (life_.state == State::stopping && life_.outcome == Outcome::ran_to_the_end);
}

base::UnixSeconds Stepper::proof_limit() const {
  if (life_.state == State::contested) return life_.stopped_at_s;
  return life_.ends_at_s();
}

void Stepper::on(const LoginWorked& event) {
  if (!life_.login_pending || event.attempt != life_.login_attempt) return;
  life_.login_pending = false;
  if (life_.state == State::checking) return check_worked(event);
  if (!is_proving()) return;
  if (!life_.boot_mark.empty() && life_.boot_mark != event.boot_mark) {
    return proof_failed("the container was started again");
  }
  proof_worked(event);
}

void Stepper::check_worked(const LoginWorked& event) {
  if (now() > life_.deadline_s) return;  // the tick gives the money back
  life_.boot_mark = event.boot_mark;
  life_.last_login_s = event.alive_at_s;
  life_.first_login_ms = context_.now_ms;
  move_to(State::starting);
  effect(EffectKind::send_ready);
  say("login_worked", "It is as quoted. The meter starts next.");
}

void Stepper::proof_worked(const LoginWorked& event) {
  life_.boot_mark = event.boot_mark;
  life_.last_login_s = std::max(life_.last_login_s, event.alive_at_s);
  life_.first_failure_s = 0;
  life_.last_failure_s = 0;
  base::UnixSeconds alive = std::min(event.alive_at_s, proof_limit());
  // None past a stop that was asked for. Until there it is still proved: else asking again and
  // again, with stops that cannot land, would keep the host from being paid.
  if (life_.stop_asked_at_s != 0 && life_.state == State::active) {
    alive = std::min(alive, life_.stop_asked_at_s);
  }
  const base::UnixSeconds known =
      life_.attestation ? life_.attestation->alive_until : life_.started_at_s;
  if (alive > known) {
    effect(EffectKind::attest).alive_until = alive;
  } else if (life_.state != State::active && known < proof_limit()) {
    // Whoever logged in had not heard of the end yet, and it is the end that is to be proven.
    last_proof(false);
  }
}

void Stepper::on(const LoginFailed& event) {
  if (!life_.login_pending || event.attempt != life_.login_attempt) return;
  life_.login_pending = false;
  if (life_.state == State::checking) {
    if (event.problem != LoginProblem::unreachable) {
      note("check_failed", event.why);
      return give_back("The machine is not what was quoted: " + event.why + ".");
    }
    if (now() <= life_.deadline_s && host_answers()) log_in(true, 250);
    return;
  }
  if (is_proving()) proof_failed(event.why);
}

// Another card is no other than a host that is gone: what was rented is not there.
void Stepper::proof_failed(const std::string& why) {
  if (life_.state == State::active) return failed_while_active(why);
  last_proof(false);
}

void Stepper::failed_while_active(const std::string& why) {
  // Failures count together only if nothing was left unseen between them: a watch that was blind in
  // between knows of two moments, not of a minute.
  const bool blind = life_.last_failure_s != 0 && now() - life_.last_failure_s > kLongestLookAwayS;
  const bool first = life_.first_failure_s == 0 || blind;
  life_.last_failure_s = now();
  // Without control the failure says nothing about the host; neither do failures that an earlier
  // run of the watch saw before it went away itself.
  if (!context_.control_ok) {
    life_.first_failure_s = 0;
    return;
  }
  if (first || life_.first_failure_s < context_.watch_started_at_s) {
    life_.first_failure_s = std::max(now(), context_.chain_may_be_s);
  }
  if (first) note("login_failed", "The watch's login failed: " + why + ". It tries again.");
  if (!is_dark()) return;
  move_to(State::stopping);
  life_.outcome = Outcome::host_dark;
  settle(EffectKind::settle_dark);
  say("host_dark",
      "The host went dark (" + why + "). It is stopped at its last proof; the rest comes back.");
}

bool Stepper::is_dark() const {
  return context_.control_ok && life_.first_failure_s != 0 &&
         life_.last_failure_s - life_.first_failure_s > kDarkAfterS &&
         now() - context_.watch_started_at_s > static_cast<base::UnixSeconds>(quote_.gap_limit_s);
}

// The lease runs on, and is looked at again for a while before it is called dark once more.
void Stepper::on(const DarkRefused& event) {
  if (life_.state != State::stopping || life_.outcome != Outcome::host_dark || life_.closed) return;
  life_.settle_asked = false;
  life_.outcome = Outcome::none;
  life_.first_failure_s = std::min(life_.first_failure_s + kRefusedDarkS, life_.last_failure_s);
  move_to(State::active);
  say("dark_refused", "It is not stopped: " + event.why + " The lease runs on.");
}

// Just after the end or a contested stop the host keeps the container for one last proof. One login
// is always tried, however late: silence of the watch is no evidence against the host.
void Stepper::last_proof(bool first) {
  const bool contested = life_.state == State::contested;
  const bool proven = life_.attestation && life_.attestation->alive_until >= proof_limit();
  if (!proven && life_.login_pending) return;
  const base::UnixSeconds since = contested ? contested_at() : life_.ends_at_s();
  if (!proven && (first || now() <= since + kLastLoginS)) return log_in(false, first ? 0 : 1000);
  want(Wanted::gone);
  if (!contested) return settle(EffectKind::settle_end);
  // Inside the window, also where it proves but a part: whoever finishes after it may leave it out.
  // Whatever becomes of it, `finish` goes out once the window is over.
  const bool proves_more =
      life_.attestation && life_.attestation->alive_until > life_.proven_until_s;
  if (proves_more) effect(EffectKind::settle_claim);
}

void Stepper::on(const Attested& event) {
  const bool kept = life_.state == State::active || life_.state == State::stopping ||
                    life_.state == State::contested;
  if (!kept || life_.closed) return;
  if (life_.attestation && life_.attestation->alive_until >= event.alive_until) return;
  life_.attestation = Attestation{event.alive_until, event.signature};
  effect(EffectKind::give_attestation);
  note("attested", "Served until now: proven to both sides.");
  if (life_.state != State::active && is_proving()) last_proof(false);
}

}  // namespace obelisk::lease
