// The program, compiled natively under the sanitizers, against core/escrow's step(): the same
// bytes, lamports and codes on random walks. The accounts' own checks are tested on the built file.
#include <gtest/gtest.h>

#include <random>

#include "core/escrow/error_text.hpp"
#include "core/escrow/step.hpp"
#include "program/native/world.hpp"

namespace obelisk::program {
namespace {

using escrow::Action;
using escrow::Lease;
using escrow::StopHow;
using escrow::Tag;

TEST(NativeProgram, OpenWritesWhatALeaseIs) {
  World world;
  ASSERT_EQ(world.host.run(world.create_market()).code, 0u);
  const Outcome opened = world.host.run(escrow::encode_open(world.program, world.purchase()));
  ASSERT_EQ(opened.code, 0u);
  EXPECT_EQ(opened.violation, "");
  const HostAccount& account = world.host.at(world.lease.key);
  EXPECT_EQ(account.lamports, 9'200'000u + escrow::kBondLamports);
  EXPECT_EQ(account.owner, world.program);
  const auto lease = escrow::parse_lease(account.data);
  ASSERT_TRUE(lease.has_value());
  EXPECT_EQ(lease->opened_slot, 42u);
  ASSERT_EQ(opened.events.size(), 1u);
  EXPECT_TRUE(escrow::parse_event(opened.events[0]).has_value());
}

TEST(NativeProgram, OpenAtAPrefundedAddress) {
  World world;
  ASSERT_EQ(world.host.run(world.create_market()).code, 0u);
  world.host.at(world.lease.key).lamports = 5;
  ASSERT_EQ(world.host.run(escrow::encode_open(world.program, world.purchase())).code, 0u);
  EXPECT_EQ(world.host.at(world.lease.key).lamports, 9'200'005u + escrow::kBondLamports);
  EXPECT_TRUE(escrow::parse_lease(world.host.at(world.lease.key).data).has_value());
}

TEST(NativeProgram, AWrongBumpSignsForNothing) {
  World world;
  ASSERT_EQ(world.host.run(world.create_market()).code, 0u);
  escrow::Open purchase = world.purchase();
  ++purchase.bump;
  EXPECT_NE(world.host.run(escrow::encode_open(world.program, purchase)).code, 0u);
  EXPECT_EQ(world.host.at(world.lease.key).lamports, 0u);
}

// An action of the model as the transaction a client would send.
struct Sent {
  escrow::Call call;
  escrow::Call before;
  bool has_before = false;
};

Sent send(const World& world, const Action& action) {
  const auto parties = world.parties();
  switch (action.tag) {
    case Tag::create_market:
    case Tag::update_market:
    case Tag::open: break;
    case Tag::ready:
      return {escrow::encode_ready(world.program, parties, action.opened_slot), {}, false};
    case Tag::cancel:
      return {escrow::encode_cancel(world.program, parties, action.renter_signed), {}, false};
    case Tag::extend:
      return {escrow::encode_extend(world.program, parties, action.total_seconds), {}, false};
    case Tag::claim:
      return {escrow::encode_claim(world.program, parties),
              world.proof(action.alive_until, world.attestor), true};
    case Tag::stop: return {escrow::encode_stop(world.program, parties, action.how), {}, false};
    case Tag::finish: break;
  }
  return {escrow::encode_finish(world.program, parties), {}, false};
}

class Walk {
 public:
  explicit Walk(std::uint64_t seed) : random_(seed) {
    EXPECT_EQ(world_.host.run(world_.create_market()).code, 0u);
    escrow::Open purchase = world_.purchase();
    purchase.rate_lamports_per_hour = pick({1, 3600, 9'200'000, 123'456'789});
    EXPECT_EQ(world_.host.run(escrow::encode_open(world_.program, purchase)).code, 0u);
    if (seed % 4 != 0) one_step({Tag::ready, {}, false, 0, 42, 0});
  }

  void run() {
    for (int turn = 0; turn < 40 && !closed_ && !testing::Test::HasFatalFailure(); ++turn) {
      world_.host.now += static_cast<std::int64_t>(pick({0, 1, 60, 61, 200, 3000, 25'000}));
      if (random_() % 20 == 0) world_.host.at(world_.host_wallet).lamports = 0;
      if (random_() % 20 == 0) world_.host.at(world_.treasury).lamports = 0;
      one_step(any_action());
    }
  }

 private:
  std::uint64_t pick(std::initializer_list<std::uint64_t> values) {
    return *(values.begin() + static_cast<std::ptrdiff_t>(random_() % values.size()));
  }

  Action any_action() {
    const Lease lease = *escrow::parse_lease(world_.host.at(world_.lease.key).data);
    Action action{};
    action.tag = static_cast<Tag>(3 + random_() % 6);
    action.how = static_cast<StopHow>(random_() % 4);
    action.renter_signed = random_() % 8 == 0;
    action.opened_slot = random_() % 8 == 0 ? 41 : 42;
    action.total_seconds = static_cast<std::uint32_t>(
        pick({lease.seconds + 1, lease.max_seconds, lease.max_seconds + 1, 0}));
    action.alive_until = world_.host.now - static_cast<std::int64_t>(pick({0, 30, 5000})) +
                         static_cast<std::int64_t>(pick({0, 999}));
    return action;
  }

  std::uint64_t lamports(const base::PublicKey& key) { return world_.host.at(key).lamports; }

  void one_step(const Action& action) {
    Lease lease = *escrow::parse_lease(world_.host.at(world_.lease.key).data);
    const std::uint64_t renter = lamports(world_.renter);
    const std::uint64_t host = lamports(world_.host_wallet);
    const std::uint64_t treasury = lamports(world_.treasury);
    const escrow::Scene scene = {world_.host.now, lamports(world_.lease.key), host, treasury,
                                 renter};
    escrow::Payments paid{};
    const escrow::Error expected = step(lease, action, scene, paid);

    const Sent sent = send(world_, action);
    const Outcome outcome = world_.host.run(sent.call, sent.has_before ? &sent.before : nullptr);
    ASSERT_EQ(outcome.code, static_cast<std::uint64_t>(expected));
    ASSERT_EQ(outcome.violation, "");
    ASSERT_EQ(lamports(world_.lease.key),
              expected == escrow::Error::none ? paid.left : scene.lease_lamports);
    ASSERT_EQ(lamports(world_.renter), renter + paid.to_renter - paid.from_renter);
    ASSERT_EQ(lamports(world_.host_wallet), host + paid.to_host);
    ASSERT_EQ(lamports(world_.treasury), treasury + paid.to_treasury);
    const HostAccount& account = world_.host.at(world_.lease.key);
    closed_ = expected == escrow::Error::none && lease.state == escrow::State::closed;
    if (closed_) {
      ASSERT_TRUE(account.data.empty());
      ASSERT_EQ(account.owner, base::PublicKey{});
    } else {
      ASSERT_EQ(account.data, escrow::encode_lease(lease));
    }
    if (expected == escrow::Error::none) check_event(outcome, action, lease, paid);
  }

  void check_event(const Outcome& outcome, const Action& action, const Lease& lease,
                   const escrow::Payments& paid) {
    ASSERT_EQ(outcome.events.size(), 1u);
    const auto event = escrow::parse_event(outcome.events[0]);
    ASSERT_TRUE(event.has_value());
    ASSERT_EQ(event->tag, action.tag);
    ASSERT_EQ(event->state, lease.state);
    ASSERT_EQ(event->to_host, paid.to_host);
    ASSERT_EQ(event->to_treasury, paid.to_treasury);
    ASSERT_EQ(event->to_renter, paid.to_renter);
    ASSERT_EQ(event->proven_until, lease.proven_until);
    ASSERT_EQ(event->stopped_at, lease.stopped_at);
  }

  std::mt19937_64 random_;
  World world_;
  bool closed_ = false;
};

TEST(NativeProgram, AgreesWithTheModelOnRandomWalks) {
  for (std::uint64_t seed = 0; seed < 1500 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Walk(seed).run();
  }
}

}  // namespace
}  // namespace obelisk::program
