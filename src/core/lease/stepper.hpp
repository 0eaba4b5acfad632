// The inside of step(): one event's worth of deciding, written as small moves over a life. Only the
// step_*.cpp files include it. No move may leave the table of states.hpp.
#pragma once

#include <string>

#include "core/lease/step.hpp"

namespace obelisk::lease {

class Stepper {
 public:
  Stepper(const Record& record, const Context& context)
      : quote_(record.quote), context_(context), out_{record.life, {}, {}}, life_(out_.life) {}
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;

  void on(const Seen& event);
  void on(const Confirmed& event);
  void on(const Absent& event);
  void on(const HostSaid& event);
  void on(const HostLost& event);
  void on(const LoginWorked& event);
  void on(const LoginFailed& event);
  void on(const ReadyLanded& event);
  void on(const ReadyFailed& event);
  void on(const DarkRefused& event);
  void on(const Attested& event);
  void on(const StopAsked& event);
  void on(const GivenUp& event);
  void on(const Troubled& event);
  void on(const CloseRead& event);
  void on(const Tick& event);

  Decision take() { return std::move(out_); }

 private:
  // --- words and work ---
  void move_to(State state);
  void note(std::string kind, std::string message);
  void say(std::string kind, std::string message);  // a note that is also the lease's message
  Effect& effect(EffectKind kind);
  void want(Wanted wanted);
  void log_in(bool check_card, std::uint32_t delay_ms = 0);
  void look_at_running(std::uint32_t delay_ms = 0);

  // --- chain ---
  void take_in(const escrow::Lease& account);
  void confirm_new(const Confirmed& event);
  void enter_checking();
  void enter_active();
  void enter_contested();
  void leave_stopping(const escrow::Lease& account);
  void fall_back(const Confirmed& event);
  void come_back(const Confirmed& event);
  void check_again();
  void forget_service();
  void forget_end();
  void grown(const Life& before);
  void close_seen(std::uint64_t slot);
  void take_in(const CloseFacts& facts);
  std::string closing_words() const;
  void not_there_in_time(std::uint64_t slot);
  void never_paid();
  void forget_opening();
  void refuse(std::string_view differs);
  void give_back(const std::string& why);  // never ready: the money goes back after the deadline

  // --- host ---
  void host_cleared();
  void host_broke(const std::string& message);
  void host_runs(const HostSaid& event);
  void look_soon(std::uint32_t delay_ms);

  // --- logins ---
  void check_worked(const LoginWorked& event);
  void proof_worked(const LoginWorked& event);
  void proof_failed(const std::string& why);
  void failed_while_active(const std::string& why);
  bool is_dark() const;
  void last_proof(bool first);
  void settle(EffectKind kind);

  // --- time ---
  void tick_before_ready();
  void tick_active();
  void tick_stopping();
  void tick_contested();
  void tick_last_proof(base::UnixSeconds since);
  void at_the_end();

  base::UnixSeconds now() const { return context_.chain_now_s; }
  // No `open` of this quote can come any more, nor be one that this answer does not have yet.
  bool cannot_come(std::uint64_t slot) const {
    return now() > quote_.expires_at_s + kOpenLandingS && slot >= context_.chain_slot;
  }
  bool host_answers() const;
  bool is_proving() const;  // a state in which a login may still become an attestation
  base::UnixSeconds proof_limit() const;
  base::UnixSeconds contested_at() const {
    return life_.window_ends_s - static_cast<base::UnixSeconds>(quote_.claim_window_s);
  }

  const Quote& quote_;
  const Context& context_;
  Decision out_;
  Life& life_;
};

}  // namespace obelisk::lease
