// Sending against ten thousand small worlds: a chain that drops, delays, forks and stalls, nodes
// that answer late, not at all or out of date, and a process that dies and starts again from what
// it wrote down.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "core/solana/sending.hpp"

namespace obelisk::solana {
namespace {

constexpr std::int64_t kSlotMs = 200;
constexpr std::uint64_t kLives = 20;  // blocks that a blockhash lives here
constexpr std::uint64_t kFinal = 8;   // blocks until one is finalized
constexpr std::int64_t kCalmAfterMs = 20'000;

struct Signed {
  std::uint64_t last_valid = 0;
  std::vector<std::uint64_t> arrives;      // heights at which a copy reaches a leader
  std::optional<std::uint64_t> landed_at;  // the height of its block
};

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  bool chance(double of) { return std::bernoulli_distribution(of)(random_); }
  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_);
  }
  bool is_calm() const { return now_ms_ > kCalmAfterMs; }

  void pass(std::int64_t ms) {
    for (const std::int64_t until = now_ms_ + ms; now_ms_ < until; now_ms_ += 25) {
      if (now_ms_ % kSlotMs == 0) slot();
    }
  }
  void broadcast(Signed& one) {
    if (!is_calm() && chance(0.5)) return;
    one.arrives.push_back(height_ + (is_calm() ? 1 : 1 + below(kLives * 2)));
  }
  std::uint64_t height() const { return height_; }
  std::uint64_t finalized() const { return finalized_; }
  std::int64_t now_ms() const { return now_ms_; }
  std::vector<Signed> all;

 private:
  void slot() {
    // A fork that loses takes its blocks with it, never a finalized one.
    if (!is_calm() && chance(0.05)) {
      const std::uint64_t back = 1 + below(kFinal - 1);
      height_ = height_ < back ? 0 : height_ - back;
      height_ = std::max(height_, finalized_);
      for (Signed& one : all) {
        if (one.landed_at && *one.landed_at > height_) {
          one.landed_at.reset();
          if (chance(0.5)) one.arrives.push_back(height_ + 1);
        }
      }
    }
    ++height_;
    finalized_ = std::max(finalized_, height_ - kFinal);
    for (Signed& one : all) {
      for (const std::uint64_t at : one.arrives) {
        const bool may = at <= height_ && height_ <= one.last_valid && !one.landed_at;
        if (may && at + 2 * kLives > height_) one.landed_at = height_;
      }
    }
  }

  std::mt19937_64 random_;
  std::int64_t now_ms_ = 0;
  std::uint64_t height_ = 100;
  std::uint64_t finalized_ = 92;
};

// What a node says; in bad days it may say nothing.
Seen answer(World& world, const Signed& one, const Look& how) {
  Seen out;
  const bool silent = !world.is_calm() && world.chance(0.3);
  if (how.height && !silent) {
    out.finalized_height = world.finalized();
    out.finalized_slot = world.finalized();
  }
  if (!world.is_calm() && world.chance(0.3)) return out;
  // Behind a load balancer the next question may go to a node that is far behind.
  const std::uint64_t lag = world.is_calm() || world.chance(0.7) ? 0 : world.below(3 * kLives);
  const std::uint64_t seen_to = world.height() - std::min(world.height(), lag);
  out.sighting_slot = seen_to;
  if (one.landed_at && *one.landed_at > seen_to) {
    out.sighting = Sighting::unknown;
    return out;
  }
  const bool forgotten =
      one.landed_at && !how.whole_history && world.height() > *one.landed_at + 3 * kLives;
  if (!one.landed_at || forgotten) {
    out.sighting = Sighting::unknown;
  } else {
    out.sighting =
        *one.landed_at <= world.finalized() ? Sighting::deep_enough : Sighting::too_shallow;
  }
  return out;
}

int count_landed(const World& world) {
  int out = 0;
  for (const Signed& one : world.all) out += one.landed_at ? 1 : 0;
  return out;
}

// One payment; how often it is on the chain in the end.
int pay_once(std::uint64_t seed) {
  World world(seed);
  const SendingLimits limits{.timeout_ms = 15'000, .most_signings = 100};
  Sending sending(limits, 0);
  bool done = false;
  for (int steps = 0; steps < 20'000 && !done; ++steps) {
    const bool dies = !world.is_calm() && world.chance(0.01);
    Act act = sending.next(world.now_ms());
    if (dies || act == Act::unknown) {
      world.pass(static_cast<std::int64_t>(25 * world.below(200)));
      sending = world.all.empty()
                    ? Sending(limits, world.now_ms())
                    : Sending::resumed(limits, world.all.back().last_valid, world.now_ms());
      continue;
    }
    switch (act) {
      case Act::estimate: sending.estimated(); break;
      case Act::blockhash: sending.has_blockhash(world.height() + kLives); break;
      case Act::sign:
        world.all.push_back(
            {.last_valid = world.height() + kLives, .arrives = {}, .landed_at = {}});
        // Written down before it is sent: whoever dies here finds it again.
        sending.is_signed(world.now_ms());
        break;
      case Act::broadcast:
        world.broadcast(world.all.back());
        sending.was_broadcast(world.now_ms());
        break;
      case Act::look: {
        const Look how = sending.look(world.now_ms());
        const Seen seen = answer(world, world.all.back(), how);
        world.pass(25);
        sending.saw(how, seen, world.now_ms());
        break;
      }
      case Act::wait: world.pass((sending.wait_ms(world.now_ms()) + 24) / 25 * 25); break;
      case Act::landed: done = true; break;
      case Act::expired:
      case Act::unknown: ADD_FAILURE() << "gave up"; return -1;
    }
  }
  EXPECT_TRUE(done) << "never ended";
  world.pass(60'000);
  return count_landed(world);
}

TEST(SendingWorlds, EachPaymentLandsExactlyOnce) {
  for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
    ASSERT_EQ(pay_once(seed), 1) << "seed " << seed;
  }
}

}  // namespace
}  // namespace obelisk::solana
