// Random walks over every instruction, with the protocol's invariants after each step. The walk
// knows nothing of the formulas in step.cpp but the names of price, earned and fee.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "core/escrow/test_lease.hpp"

namespace obelisk::escrow {
namespace {

using Random = std::mt19937_64;

template <class T>
T pick(Random& random, std::initializer_list<T> values) {
  return *(values.begin() + static_cast<std::ptrdiff_t>(random() % values.size()));
}

std::uint64_t between(Random& random, std::uint64_t low, std::uint64_t high) {
  return low + random() % (high - low + 1);
}

__extension__ typedef unsigned __int128 Wide;

std::uint64_t exact_earned(const Lease& lease, std::int64_t until) {
  const auto seconds = static_cast<std::uint64_t>(until - lease.started_at);
  return static_cast<std::uint64_t>(static_cast<Wide>(lease.rate) * seconds / 3600);
}

struct World {
  Random random;
  Lease lease{};
  std::uint64_t held = 0;
  std::uint64_t renter = 0;
  std::uint64_t host = 0;
  std::uint64_t treasury = 0;
  std::uint64_t paid_in = 0;
  std::uint64_t to_host = 0;
  std::uint64_t to_treasury = 0;
  std::int64_t now = 1'000'000;

  explicit World(std::uint64_t seed) : random(seed) {
    lease = test_lease();
    lease.rate = pick<std::uint64_t>(
        random, {1, 7, 3600, 9'200'000, kMaxRate, between(random, 1, 100'000'000)});
    lease.seconds = pick<std::uint32_t>(
        random, {60, 61, 3600, static_cast<std::uint32_t>(between(random, 60, 5000))});
    lease.max_seconds =
        pick<std::uint32_t>(random, {lease.seconds, lease.seconds + 1, lease.seconds * 2});
    lease.fee_bps = pick<std::uint16_t>(random, {0, 1, 100, 999, 1000});
    lease.gap_limit_s = pick<std::uint32_t>(random, {60, 180, 600});
    lease.claim_window_s = pick<std::uint32_t>(random, {600, 21'600});
    lease.opened_at = now;
    paid_in = price_of(lease);
    held = paid_in + kBondLamports + pick<std::uint64_t>(random, {0, 0, 650'240});
    renter = pick<std::uint64_t>(random, {0, 1'000'000'000'000'000});
    host = pick<std::uint64_t>(random, {0, 1, 1'000'000});
    treasury = pick<std::uint64_t>(random, {0, 1'000'000});
  }

  Scene scene() const { return {now, held, host, treasury, renter}; }

  Action any_action() {
    Action action{};
    action.tag = static_cast<Tag>(between(random, 3, 8));
    action.how = static_cast<StopHow>(between(random, 0, 3));
    action.renter_signed = random() % 10 == 0;
    action.opened_slot = random() % 8 == 0 ? 41 : 42;
    action.total_seconds = pick<std::uint32_t>(
        random, {lease.seconds + 1, lease.max_seconds, lease.max_seconds + 1, 0});
    action.alive_until = pick<std::int64_t>(
        random, {now, now - 30, now + 999, lease.started_at - 5, -1, 0, lease.stopped_at});
    return action;
  }

  void apply(const Payments& payments) {
    held = payments.left;
    host += payments.to_host;
    treasury += payments.to_treasury;
    renter += payments.to_renter;
    renter -= payments.from_renter;
    paid_in += payments.from_renter;
    to_host += payments.to_host;
    to_treasury += payments.to_treasury;
  }
};

void check_amounts(const World& world, const Payments& payments, const Scene& before) {
  ASSERT_EQ(before.lease_lamports + payments.from_renter,
            payments.to_host + payments.to_treasury + payments.to_renter + payments.left)
      << "lamports are conserved";
  const auto lands = [](std::uint64_t amount, std::uint64_t wallet) {
    return amount == 0 || wallet != 0 || amount >= kSmallestFirstPayment;
  };
  ASSERT_TRUE(lands(payments.to_host, before.host_lamports));
  ASSERT_TRUE(lands(payments.to_treasury, before.treasury_lamports));
  ASSERT_TRUE(lands(payments.to_renter, before.renter_lamports)) << "a refund must never fail";
  ASSERT_LE(world.to_host + world.to_treasury, world.paid_in);
}

void check_lease(const World& world, const Lease& before) {
  const Lease& lease = world.lease;
  ASSERT_GE(lease.released, before.released) << "released never falls";
  ASSERT_GE(lease.proven_until, before.proven_until) << "nor does what is proven";
  ASSERT_LE(world.to_host + world.to_treasury, lease.released);
  ASSERT_LE(world.to_treasury,
            static_cast<std::uint64_t>(static_cast<Wide>(lease.released) * lease.fee_bps / 10'000));
  if (lease.state == State::closed) {
    ASSERT_EQ(world.held, 0u);
    return;
  }
  ASSERT_GE(world.held, kBondLamports);
  if (lease.state == State::funded) return;
  const std::int64_t until = lease.state == State::closing ? lease.stopped_at : lease.proven_until;
  ASSERT_LE(lease.released, exact_earned(lease, lease.proven_until));
  ASSERT_GE(world.held - kBondLamports, exact_earned(lease, until) - lease.released)
      << "what is or may be owed to the host is there";
  ASSERT_LE(lease.proven_until, lease.started_at + lease.seconds);
}

// From every state the renter alone reaches closed at once.
void check_renter_can_leave(const World& world) {
  Lease lease = world.lease;
  Action leave{};
  leave.tag = lease.state == State::funded ? Tag::cancel : Tag::stop;
  leave.how = StopHow::served;
  leave.renter_signed = true;
  Payments payments{};
  ASSERT_EQ(step(lease, leave, world.scene(), payments), Error::none);
  ASSERT_EQ(lease.state, State::closed);
}

// With nobody but a passer-by, in time.
void check_anyone_can_end(World world) {
  world.now = std::max(world.now, world.lease.opened_at) + 1'000'000'000;
  for (int turn = 0; turn < 2 && world.lease.state != State::closed; ++turn) {
    Action action{};
    action.tag = world.lease.state == State::funded ? Tag::cancel : Tag::finish;
    Payments payments{};
    ASSERT_EQ(step(world.lease, action, world.scene(), payments), Error::none);
    world.apply(payments);
    world.now += world.lease.claim_window_s + 1;
  }
  ASSERT_EQ(world.lease.state, State::closed);
  ASSERT_EQ(world.held, 0u);
}

void walk(std::uint64_t seed, std::array<int, 9>& accepted) {
  World world(seed);
  // Most random walks would end in FUNDED: three of four begin in ACTIVE.
  if (seed % 4 != 0) {
    ASSERT_EQ(ready(world.lease, world.scene(), 42), Error::none);
  }
  for (int turn = 0; turn < 40 && world.lease.state != State::closed; ++turn) {
    world.now += pick<std::int64_t>(world.random, {0, 0, 1, 5, 59, 60, 61, 200, 3000, 25'000, -3});
    if (world.random() % 30 == 0) world.host = 0;
    if (world.random() % 30 == 0) world.renter = 0;
    const Lease before = world.lease;
    const Scene scene = world.scene();
    const Action action = world.any_action();
    Payments payments{};
    if (action.tag == Tag::extend && world.renter == 0) continue;  // the runtime would refuse
    if (step(world.lease, action, scene, payments) != Error::none) continue;
    ++accepted[static_cast<std::size_t>(action.tag)];
    world.apply(payments);
    ASSERT_NO_FATAL_FAILURE(check_amounts(world, payments, scene)) << "seed " << seed;
    ASSERT_NO_FATAL_FAILURE(check_lease(world, before)) << "seed " << seed;
    if (world.lease.state == State::closed) return;
    ASSERT_NO_FATAL_FAILURE(check_renter_can_leave(world)) << "seed " << seed;
  }
  ASSERT_NO_FATAL_FAILURE(check_anyone_can_end(world)) << "seed " << seed;
}

TEST(StepProperty, InvariantsHoldOnRandomWalks) {
  std::array<int, 9> accepted{};
  for (std::uint64_t seed = 0; seed < 40'000; ++seed) {
    walk(seed, accepted);
    if (HasFatalFailure()) return;
  }
  for (std::size_t tag = 3; tag < accepted.size(); ++tag) {
    EXPECT_GT(accepted[tag], 1000) << "the walk hardly ever reaches tag " << tag;
  }
}

}  // namespace
}  // namespace obelisk::escrow
