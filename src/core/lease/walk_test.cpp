// A random walk: any event, in any order, twice or never. Whatever happens, what must never happen
// does not.
#include <gtest/gtest.h>

#include <random>

#include "core/lease/states.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::lease {
namespace {

using testing::Rental;

class Walk {
 public:
  explicit Walk(std::uint64_t seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      if (chance(3)) rental_.context.chain_now_s += pick(chance(20) ? 5000 : 70);
      slot_ += pick(4);
      rental_.context.control_ok = !chance(4);
      if (chance(50)) rental_.context.watch_started_at_s = rental_.context.chain_now_s;
      const Event event = next();
      const Record before = rental_.record;
      rental_.on(event);
      check(before, event);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }

  bool reached(State state) const { return reached_[static_cast<std::size_t>(state)]; }

 private:
  std::int64_t pick(int below) {
    return std::uniform_int_distribution<std::int64_t>(0, below - 1)(random_);
  }
  bool chance(int one_in) { return pick(one_in) == 0; }

  escrow::Lease some_account() {
    auto account = rental_.account();
    if (chance(30)) account.opened_slot = 900;
    if (chance(40)) account.rate += 1;
    const auto started = 1000 + pick(60);
    if (chance(3)) {
      account = testing::active(account, started);
      if (chance(3)) account.seconds = 7200;
      if (chance(8)) account = testing::closing(account, rental_.context.chain_now_s);
    }
    return account;
  }

  std::uint64_t some_slot() {
    return chance(5) ? static_cast<std::uint64_t>(500 + pick(50))
                     : static_cast<std::uint64_t>(slot_);
  }

  Event next() {
    const auto attempt =
        chance(6) ? static_cast<std::uint32_t>(pick(3)) : rental_.life().login_attempt;
    switch (pick(14)) {
      case 0: return Seen{some_account(), some_slot()};
      case 1: return Confirmed{some_account(), some_slot()};
      case 2: return Confirmed{rental_.account(), some_slot()};
      case 3:
        if (!chance(4)) return Tick{};
        return Absent{some_slot()};
      case 4: {
        auto said = testing::host_running(static_cast<HostState>(pick(6)));
        if (chance(10)) said.ssh.reset();
        if (chance(10)) said.ssh = SshAccess{"::1", 22, "root", "ssh-ed25519 EVIL", {}};
        return said;
      }
      case 5:
        if (chance(4)) return HostLost{};
        return testing::host_running();
      case 6:
      case 7:
        return LoginWorked{attempt, rental_.context.chain_now_s, chance(15) ? "other" : "mark"};
      case 8: return LoginFailed{attempt, static_cast<LoginProblem>(pick(8) == 0 ? 1 : 0), "x"};
      case 9: return ReadyLanded{};
      case 10: return Attested{attested_, {}};
      case 11:
        if (chance(8)) return StopAsked{};
        return Tick{};
      case 12:
        if (chance(2)) return CloseRead{{}, chance(2)};
        return Tick{};
      default: return Tick{};
    }
  }

  void check(const Record& before, const Event& event) {
    const Life& was = before.life;
    const Life& is = rental_.life();
    reached_[static_cast<std::size_t>(is.state)] = true;
    if (is.started_at_s == 0) {
      ASSERT_NE(is.wanted, Wanted::open);
    }
    if (const auto* confirmed = std::get_if<Confirmed>(&event)) {
      const bool running = confirmed->account.state != escrow::State::funded;
      if (is.wanted == Wanted::open && was.wanted != Wanted::open) {
        ASSERT_TRUE(running);
      }
    } else {
      ASSERT_FALSE(is.wanted == Wanted::open && was.wanted != Wanted::open)
          << "the way in opens by a confirmed account alone";
    }
    for (const Effect& effect : rental_.last.effects) check_effect(effect, was, is, event);
    if (was.state == State::ended) {
      ASSERT_EQ(is.state, State::ended);
    }
    if (is.closed) {
      ASSERT_TRUE(is.state == State::stopping || is.state == State::ended);
    }
    if (is.state == State::stopping && is.outcome == Outcome::host_dark &&
        was.outcome != Outcome::host_dark && !is.closed) {
      ASSERT_TRUE(rental_.context.control_ok);
      ASSERT_GT(rental_.context.chain_now_s - rental_.context.watch_started_at_s, 180);
    }
  }

  void check_effect(const Effect& effect, const Life& was, const Life& is, const Event& event) {
    switch (effect.kind) {
      case EffectKind::attest: {
        attested_ = effect.alive_until;
        ASSERT_TRUE(std::holds_alternative<LoginWorked>(event));
        ASSERT_FALSE(is.closed);
        if (is.state == State::active && is.stop_asked_at_s != 0) {
          ASSERT_LE(effect.alive_until, is.stop_asked_at_s);
        }
        ASSERT_TRUE(is.state == State::active || is.state == State::contested ||
                    (is.state == State::stopping && is.outcome == Outcome::ran_to_the_end));
        const auto limit = is.state == State::contested ? is.stopped_at_s : is.ends_at_s();
        ASSERT_LE(effect.alive_until, limit);
        return;
      }
      case EffectKind::send_ready:
        ASSERT_EQ(was.state, State::checking);
        ASSERT_TRUE(std::holds_alternative<LoginWorked>(event));
        return;
      case EffectKind::send_cancel: ASSERT_GT(rental_.context.chain_now_s, is.deadline_s); return;
      case EffectKind::settle_finish:
        ASSERT_GT(rental_.context.chain_now_s, is.window_ends_s);
        return;
      case EffectKind::tell_host: return;
      case EffectKind::log_in: return;
      case EffectKind::give_attestation: return;
      case EffectKind::settle_dark: return;
      case EffectKind::settle_end: return;
      case EffectKind::settle_claim: return;
      case EffectKind::read_close: return;
    }
  }

  std::mt19937_64 random_;
  Rental rental_;
  std::int64_t slot_ = 500;
  base::UnixSeconds attested_ = 0;
  std::array<bool, 8> reached_{};
};

TEST(Walk, NeverLeavesTheRules) {
  std::array<int, 8> reached{};
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    SCOPED_TRACE(seed);
    Walk walk(seed);
    walk.run(120);
    if (::testing::Test::HasFatalFailure()) return;
    for (const State state : kStates) {
      if (walk.reached(state)) ++reached[static_cast<std::size_t>(state)];
    }
  }
  // A walk that never gets anywhere proves nothing.
  for (const State state : kStates) {
    EXPECT_GT(reached[static_cast<std::size_t>(state)], 500) << to_string(state);
  }
}

TEST(States, EndedIsTheEnd) {
  for (const State to : kStates) EXPECT_EQ(allowed(State::ended, to), to == State::ended);
  EXPECT_FALSE(allowed(State::quoted, State::starting));
  EXPECT_FALSE(allowed(State::preparing, State::starting)) << "ready needs a confirmed open";
  EXPECT_FALSE(allowed(State::starting, State::quoted));
  EXPECT_FALSE(allowed(State::active, State::ended)) << "the amounts are read first";
}

}  // namespace
}  // namespace obelisk::lease
