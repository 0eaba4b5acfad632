// The money's rules as a table: each state with each instruction, and the amounts of each way out.
#include "core/escrow/step.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "core/escrow/test_lease.hpp"

namespace obelisk::escrow {
namespace {

// 2,000 lamports a second, 2.5 % fee, started at 10 s; see test_lease.hpp.
constexpr std::int64_t kStart = kOpenedAt + 10;
constexpr std::uint64_t kPrice = 7'200'000;
constexpr std::uint64_t kHeld = kPrice + kBondLamports;

struct Row {
  const char* name;
  State state;
  Action action;
  std::int64_t now;
  std::int64_t proven;  // seconds after the start; -1 leaves it
  Error error;
  State after;
  Payments payments;  // `left` is worked out
};

Action stop_by(StopHow how) { return {Tag::stop, how, false, 0, 0, 0}; }
Action cancel_by(bool renter) { return {Tag::cancel, {}, renter, 0, 0, 0}; }
Action ready_at(std::uint64_t slot) { return {Tag::ready, {}, false, 0, slot, 0}; }
Action extend_to(std::uint32_t total) { return {Tag::extend, {}, false, total, 0, 0}; }
Action claim_to(std::int64_t until) { return {Tag::claim, {}, false, 0, 0, until}; }
Action finish_it() { return {Tag::finish, {}, false, 0, 0, 0}; }

constexpr Payments pays(std::uint64_t host, std::uint64_t treasury, std::uint64_t renter,
                        std::uint64_t from = 0) {
  return {host, treasury, renter, from, 0};
}

class Step : public testing::TestWithParam<Row> {};

TEST_P(Step, DoesWhatTheTableSays) {
  const Row& row = GetParam();
  Lease lease = test_lease(row.state);
  if (row.proven >= 0) lease.proven_until = lease.started_at + row.proven;
  const Lease before = lease;
  Scene scene = test_scene(lease, row.now);
  // A contested lease has given the future back already.
  if (row.state == State::closing) scene.lease_lamports = 2'000'000 + kBondLamports;
  Payments payments = {9, 9, 9, 9, 9};
  const Error error = step(lease, row.action, scene, payments);
  ASSERT_EQ(error, row.error);
  if (error != Error::none) {
    EXPECT_EQ(lease.state, before.state);
    EXPECT_EQ(lease.proven_until, before.proven_until);
    EXPECT_TRUE((payments == Payments{9, 9, 9, 9, 9})) << "an error must leave everything";
    return;
  }
  EXPECT_EQ(lease.state, row.after);
  EXPECT_EQ(payments.to_host, row.payments.to_host);
  EXPECT_EQ(payments.to_treasury, row.payments.to_treasury);
  EXPECT_EQ(payments.to_renter, row.payments.to_renter);
  EXPECT_EQ(payments.from_renter, row.payments.from_renter);
  EXPECT_EQ(payments.left, scene.lease_lamports + payments.from_renter - payments.to_host -
                               payments.to_treasury - payments.to_renter);
  if (lease.state == State::closed) {
    EXPECT_EQ(payments.left, 0u);
  }
}

constexpr State kF = State::funded;
constexpr State kA = State::active;
constexpr State kC = State::closing;
constexpr State kX = State::closed;
constexpr Error kOk = Error::none;
constexpr Error kState = Error::wrong_state;
constexpr Payments kNothing = pays(0, 0, 0);

INSTANTIATE_TEST_SUITE_P(
    Ready, Step,
    testing::Values(
        Row{"in_time", kF, ready_at(42), kOpenedAt, -1, kOk, kA, kNothing},
        Row{"in_the_last_second", kF, ready_at(42), kOpenedAt + 60, -1, kOk, kA, kNothing},
        Row{"too_late", kF, ready_at(42), kOpenedAt + 61, -1, Error::too_late, kF, {}},
        Row{"another_opening", kF, ready_at(41), kOpenedAt, -1, Error::stale_lease, kF, {}},
        Row{"stale_before_state", kA, ready_at(41), kStart, -1, Error::stale_lease, kA, {}},
        Row{"twice", kA, ready_at(42), kStart, -1, kState, kA, {}},
        Row{"when_closing", kC, ready_at(42), kStart, -1, kState, kC, {}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Cancel, Step,
    testing::Values(
        Row{"renter_at_once", kF, cancel_by(true), kOpenedAt, -1, kOk, kX, pays(0, 0, kHeld)},
        Row{"renter_late", kF, cancel_by(true), kOpenedAt + 999, -1, kOk, kX, pays(0, 0, kHeld)},
        Row{"anyone_early", kF, cancel_by(false), kOpenedAt + 60, -1, Error::too_early, kF, {}},
        Row{"anyone_late", kF, cancel_by(false), kOpenedAt + 61, -1, kOk, kX, pays(0, 0, kHeld)},
        Row{"when_active", kA, cancel_by(true), kStart, -1, kState, kA, {}},
        Row{"when_closing", kC, cancel_by(true), kStart, -1, kState, kC, {}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Extend, Step,
    testing::Values(
        Row{"by_a_second", kA, extend_to(3601), kStart, -1, kOk, kA, pays(0, 0, 0, 2000)},
        Row{"to_the_most", kA, extend_to(7200), kStart + 3599, -1, kOk, kA, pays(0, 0, 0, kPrice)},
        Row{"to_the_same", kA, extend_to(3600), kStart, -1, Error::out_of_range, kA, {}},
        Row{"past_the_most", kA, extend_to(7201), kStart, -1, Error::out_of_range, kA, {}},
        Row{"range_before_time", kA, extend_to(1), kStart + 9999, -1, Error::out_of_range, kA, {}},
        Row{"at_the_end", kA, extend_to(7200), kStart + 3600, -1, Error::too_late, kA, {}},
        Row{"when_funded", kF, extend_to(7200), kStart, -1, kState, kF, {}},
        Row{"when_closing", kC, extend_to(7200), kStart, -1, kState, kC, {}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Claim, Step,
    testing::Values(Row{"a_minute", kA, claim_to(kStart + 60), kStart + 90, -1, kOk, kA,
                        pays(117'000, 3'000, 0)},
                    Row{"not_the_future", kA, claim_to(kStart + 900), kStart + 60, -1, kOk, kA,
                        pays(117'000, 3'000, 0)},
                    Row{"not_past_the_end", kA, claim_to(kStart + 9999), kStart + 9999, -1, kOk, kA,
                        pays(7'020'000, 180'000, 0)},
                    Row{"nothing_new", kA, claim_to(kStart - 5), kStart + 60, 0, kOk, kA, kNothing},
                    Row{"the_distant_past", kA, claim_to(INT64_MIN), kStart + 60, 0, kOk, kA,
                        kNothing},
                    Row{"older_than_proven", kA, claim_to(kStart + 30), kStart + 90, 60, kOk, kA,
                        pays(117'000, 3'000, 0)},
                    Row{"clock_before_proof", kA, claim_to(kStart + 90), kStart - 100, 60, kOk, kA,
                        pays(117'000, 3'000, 0)},
                    Row{"closing_a_part", kC, claim_to(kStart + 400), kStart + 2000, -1, kOk, kC,
                        pays(780'000, 20'000, 0)},
                    Row{"closing_up_to_S", kC, claim_to(kStart + 1000), kStart + 2000, -1, kOk, kX,
                        pays(1'950'000, 50'000, kBondLamports)},
                    Row{"closing_past_S", kC, claim_to(kStart + 5000), kStart + 9999, -1, kOk, kX,
                        pays(1'950'000, 50'000, kBondLamports)},
                    Row{"after_the_window", kC, claim_to(kStart + 1000), kStart + 99'999, -1, kOk,
                        kX, pays(1'950'000, 50'000, kBondLamports)},
                    Row{"when_funded", kF, claim_to(kStart), kStart, -1, kState, kF, {}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Stop, Step,
    testing::Values(
        Row{"served", kA, stop_by(StopHow::served), kStart + 600, 60, kOk, kX,
            pays(1'170'000, 30'000, kHeld - 1'200'000)},
        Row{"served_at_any_gap", kA, stop_by(StopHow::served), kStart + 3000, 0, kOk, kX,
            pays(5'850'000, 150'000, kHeld - 6'000'000)},
        Row{"served_past_the_end", kA, stop_by(StopHow::served), kStart + 9999, 0, kOk, kX,
            pays(7'020'000, 180'000, kBondLamports)},
        Row{"served_at_the_start", kA, stop_by(StopHow::served), kStart, 0, kOk, kX,
            pays(0, 0, kHeld)},
        Row{"dispute_with_no_gap", kA, stop_by(StopHow::dispute), kStart + 60, 60, kOk, kX,
            pays(117'000, 3'000, kHeld - 120'000)},
        Row{"dispute", kA, stop_by(StopHow::dispute), kStart + 100, 60, kOk, kC,
            pays(117'000, 3'000, kPrice - 200'000)},
        Row{"waive", kA, stop_by(StopHow::waive), kStart + 600, 60, kOk, kX,
            pays(117'000, 3'000, kHeld - 120'000)},
        Row{"dark_within_the_limit", kA, stop_by(StopHow::dark), kStart + 240, 60, kOk, kX,
            pays(117'000, 3'000, kHeld - 120'000)},
        Row{"dark_past_the_limit", kA, stop_by(StopHow::dark), kStart + 241, 60, kOk, kC,
            pays(117'000, 3'000, kPrice - 482'000)},
        Row{"served_when_closing", kC, stop_by(StopHow::served), kStart + 1200, 0, kOk, kX,
            pays(1'950'000, 50'000, kBondLamports)},
        Row{"dispute_when_closing",
            kC,
            stop_by(StopHow::dispute),
            kStart + 1200,
            0,
            kState,
            kC,
            {}},
        Row{"waive_when_closing", kC, stop_by(StopHow::waive), kStart + 1200, 0, kOk, kX,
            pays(0, 0, 2'000'000 + kBondLamports)},
        Row{"dark_when_closing",
            kC,
            stop_by(StopHow::dark),
            kStart + 1200,
            819,
            Error::too_early,
            kC,
            {}},
        Row{"dark_when_closing_within_the_limit", kC, stop_by(StopHow::dark), kStart + 1200, 820,
            kOk, kX, pays(1'599'000, 41'000, 360'000 + kBondLamports)},
        Row{"served_when_funded", kF, stop_by(StopHow::served), kStart, -1, kState, kF, {}},
        Row{"dispute_when_funded", kF, stop_by(StopHow::dispute), kStart, -1, kState, kF, {}},
        Row{"waive_when_funded", kF, stop_by(StopHow::waive), kStart, -1, kState, kF, {}},
        Row{"dark_when_funded", kF, stop_by(StopHow::dark), kStart, -1, kState, kF, {}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Finish, Step,
    testing::Values(
        Row{"before_the_end", kA, finish_it(), kStart + 3599, 3599, Error::too_early, kA, {}},
        Row{"proven_to_the_end", kA, finish_it(), kStart + 3600, 3600, kOk, kX,
            pays(7'020'000, 180'000, kBondLamports)},
        Row{"not_proven_to_the_end", kA, finish_it(), kStart + 4000, 3500, kOk, kC,
            pays(6'825'000, 175'000, 0)},
        Row{"within_the_window",
            kC,
            finish_it(),
            kStart + 1000 + 21'600,
            0,
            Error::too_early,
            kC,
            {}},
        Row{"after_the_window", kC, finish_it(), kStart + 1001 + 21'600, 0, kOk, kX,
            pays(0, 0, 2'000'000 + kBondLamports)},
        Row{"after_the_window_part_proven", kC, finish_it(), kStart + 1001 + 21'600, 100, kOk, kX,
            pays(195'000, 5'000, 1'800'000 + kBondLamports)},
        Row{"when_funded", kF, finish_it(), kStart + 9999, -1, kState, kF, {}}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(Step, TagsWithoutALeaseAreNoSteps) {
  for (const Tag tag : {Tag::create_market, Tag::update_market, Tag::open, static_cast<Tag>(9)}) {
    Lease lease = test_lease(State::active);
    Payments payments{};
    EXPECT_EQ(step(lease, {tag, {}, false, 0, 0, 0}, test_scene(lease, kStart), payments),
              Error::bad_data);
  }
}

TEST(Step, AContestRemembersWhatIsInDispute) {
  Lease lease = test_lease(State::active);
  Payments payments{};
  const Scene scene = test_scene(lease, kStart + 500);
  ASSERT_EQ(stop(lease, scene, StopHow::dispute, payments), Error::none);
  EXPECT_EQ(lease.stopped_at, kStart + 500);
  EXPECT_EQ(lease.window_ends, kStart + 500 + 21'600);
  EXPECT_EQ(payments.left, kBondLamports + 500u * 2000);
}

TEST(Step, TheWindowRunsFromTheContestAndNotFromTheEnd) {
  Lease lease = test_lease(State::active);
  Payments payments{};
  ASSERT_EQ(finish(lease, test_scene(lease, kStart + 5000), payments), Error::none);
  EXPECT_EQ(lease.stopped_at, kStart + 3600);
  EXPECT_EQ(lease.window_ends, kStart + 5000 + 21'600);
}

TEST(Step, AStopClosesAtTheTimeItNames) {
  struct Case {
    StopHow how;
    std::int64_t stopped_at;
  };
  for (const Case& one : {Case{StopHow::served, kStart + 100}, Case{StopHow::waive, kStart + 60},
                          Case{StopHow::dark, kStart + 60}}) {
    Lease lease = test_lease(State::active);
    lease.proven_until = kStart + 60;
    Payments payments{};
    ASSERT_EQ(stop(lease, test_scene(lease, kStart + 100), one.how, payments), Error::none);
    EXPECT_EQ(lease.stopped_at, one.stopped_at);
  }
}

// A payment that would be the first of an empty account and is too small for one.
TEST(CannotLand, TheHostIsPaidNothingAndNothingFails) {
  Lease lease = test_lease(State::active);
  Scene scene = test_scene(lease, kStart + 60);
  scene.host_lamports = 0;
  Payments payments{};
  ASSERT_EQ(claim(lease, scene, kStart + 60, payments), Error::none);
  EXPECT_EQ(payments.to_host, 0u);
  EXPECT_EQ(payments.to_treasury, 0u) << "nor is the fee taken";
  EXPECT_EQ(lease.released, 0u) << "it is still owed";
  EXPECT_EQ(lease.proven_until, kStart + 60) << "and it is proven";
}

TEST(CannotLand, TheEdgeIsTheSmallestFirstPayment) {
  struct Case {
    std::uint64_t fee_bps, seconds, to_host;
  };
  // 2,000 a second and no fee: 445 s are 890,000, 446 s are 892,000.
  for (const Case& one : {Case{0, 445, 0}, Case{0, 446, 892'000}}) {
    Lease lease = test_lease(State::active);
    lease.fee_bps = static_cast<std::uint16_t>(one.fee_bps);
    Scene scene = test_scene(lease, kStart + 1000);
    scene.host_lamports = 0;
    Payments payments{};
    const auto until = kStart + static_cast<std::int64_t>(one.seconds);
    ASSERT_EQ(claim(lease, scene, until, payments), Error::none);
    EXPECT_EQ(payments.to_host, one.to_host) << one.seconds;
  }
  // Exactly the smallest in the first second, and a lamport less.
  for (const std::uint64_t less : {0, 1}) {
    Lease lease = test_lease(State::active);
    lease.fee_bps = 0;
    lease.rate = (kSmallestFirstPayment - less) * 3600;
    Scene scene = test_scene(lease, kStart + 1);
    scene.host_lamports = 0;
    Payments payments{};
    ASSERT_EQ(claim(lease, scene, kStart + 1, payments), Error::none);
    EXPECT_EQ(payments.to_host, less == 0 ? kSmallestFirstPayment : 0);
  }
}

TEST(CannotLand, TheFeeStaysAndTheHostIsPaid) {
  Lease lease = test_lease(State::active);
  Scene scene = test_scene(lease, kStart + 60);
  scene.treasury_lamports = 0;
  Payments payments{};
  ASSERT_EQ(claim(lease, scene, kStart + 60, payments), Error::none);
  EXPECT_EQ(payments.to_host, 117'000u);
  EXPECT_EQ(payments.to_treasury, 0u);
  EXPECT_EQ(lease.released, 120'000u);
  EXPECT_EQ(payments.left, scene.lease_lamports - 117'000);
}

TEST(CannotLand, AtTheCloseItIsTheRenters) {
  Lease lease = test_lease(State::active);
  Scene scene = test_scene(lease, kStart + 60);
  scene.host_lamports = 0;
  Payments payments{};
  ASSERT_EQ(stop(lease, scene, StopHow::served, payments), Error::none);
  EXPECT_TRUE((payments == Payments{0, 0, kHeld, 0, 0}));
}

TEST(CannotLand, ASmallRefundWaitsInTheContestedLease) {
  Lease lease = test_lease(State::active);
  Scene scene = test_scene(lease, kStart + 3500);  // 100 s, 200,000 lamports are left
  scene.renter_lamports = 0;
  Payments payments{};
  ASSERT_EQ(stop(lease, scene, StopHow::dispute, payments), Error::none);
  EXPECT_EQ(payments.to_renter, 0u);
  EXPECT_EQ(payments.left, kHeld);
  scene.renter_lamports = 1;
  Lease other = test_lease(State::active);
  payments = {};
  ASSERT_EQ(stop(other, scene, StopHow::dispute, payments), Error::none);
  EXPECT_EQ(payments.to_renter, 200'000u);
}

TEST(CannotLand, NothingAlwaysLands) {
  Lease lease = test_lease(State::active);
  lease.rate = 3600;  // a lamport a second, 10 % fee: the tenth second is all fee
  lease.fee_bps = 1000;
  lease.released = 9;
  Scene scene = test_scene(lease, kStart + 10);
  scene.host_lamports = 0;
  Payments payments{};
  ASSERT_EQ(claim(lease, scene, kStart + 10, payments), Error::none);
  EXPECT_EQ(payments.to_host, 0u);
  EXPECT_EQ(payments.to_treasury, 1u);
  EXPECT_EQ(lease.released, 10u);
}

TEST(Fee, AnyNumberOfClaimsGivesTheSameSplit) {
  for (const std::uint64_t rate : {1ull, 7ull, 3601ull, 9'200'000ull, 123'456'789ull}) {
    for (const int every : {1, 7, 60, 3600}) {
      Lease lease = test_lease(State::active);
      lease.rate = rate;
      lease.fee_bps = 333;
      Scene scene = test_scene(lease, kStart + 3600);
      std::uint64_t host = 0;
      std::uint64_t treasury = 0;
      for (std::int64_t at = every; at < 3600 + every; at += every) {
        Payments payments{};
        ASSERT_EQ(claim(lease, scene, kStart + at, payments), Error::none);
        scene.lease_lamports = payments.left;
        host += payments.to_host;
        treasury += payments.to_treasury;
      }
      EXPECT_EQ(treasury, rate * 333 / 10'000) << rate << " every " << every;
      EXPECT_EQ(host + treasury, rate);
    }
  }
}

// Bytes that no instruction of ours can write: an error, never a wrong amount.
TEST(Corrupt, NothingWraps) {
  const auto run = [](auto change, std::uint64_t lamports = kHeld) {
    Lease lease = test_lease(State::active);
    change(lease);
    Scene scene = {kStart + 100, lamports, 1, 1, 1};
    Payments payments{};
    return step(lease, stop_by(StopHow::served), scene, payments);
  };
  EXPECT_EQ(run([](Lease&) {}), Error::none);
  EXPECT_EQ(run([](Lease& l) { l.rate = UINT64_MAX; }), Error::overflow);
  EXPECT_EQ(run([](Lease& l) { l.released = UINT64_MAX; }), Error::overflow);
  EXPECT_EQ(run([](Lease& l) { l.fee_bps = UINT16_MAX; }), Error::overflow);
  EXPECT_EQ(run([](Lease& l) { l.started_at = INT64_MAX; }), Error::overflow);
  EXPECT_EQ(run([](Lease& l) {
              l.proven_until = INT64_MIN;
              l.started_at = INT64_MAX - 9999;
            }),
            Error::overflow);
  EXPECT_EQ(run([](Lease&) {}, 0), Error::overflow) << "a lease without its lamports";
  // 200,000 are earned, of which 5,000 are the fee.
  EXPECT_EQ(run([](Lease&) {}, 195'000), Error::overflow) << "enough for the host alone";
  EXPECT_EQ(run([](Lease&) {}, 200'000), Error::none);
}

// What each instruction does with times and amounts that do not fit.
struct Broken {
  const char* name;
  State state;
  Action action;
  std::function<void(Lease&, Scene&)> change;
};

class CorruptLease : public testing::TestWithParam<Broken> {};

TEST_P(CorruptLease, IsAnOverflow) {
  const Broken& row = GetParam();
  Lease lease = test_lease(row.state);
  Scene scene = test_scene(lease, kStart + 100);
  row.change(lease, scene);
  Payments payments{};
  EXPECT_EQ(step(lease, row.action, scene, payments), Error::overflow);
}

constexpr auto kOpenedAtTheEndOfTime = [](Lease& l, Scene&) { l.opened_at = INT64_MAX; };
constexpr auto kStartedAtTheEndOfTime = [](Lease& l, Scene&) { l.started_at = INT64_MAX; };

INSTANTIATE_TEST_SUITE_P(
    Each, CorruptLease,
    testing::Values(Broken{"ready", kF, ready_at(42), kOpenedAtTheEndOfTime},
                    Broken{"cancel", kF, cancel_by(false), kOpenedAtTheEndOfTime},
                    Broken{"extend", kA, extend_to(7200), kStartedAtTheEndOfTime},
                    Broken{"claim", kA, claim_to(kStart), kStartedAtTheEndOfTime},
                    Broken{"stop", kA, stop_by(StopHow::dispute), kStartedAtTheEndOfTime},
                    Broken{"finish", kA, finish_it(), kStartedAtTheEndOfTime},
                    Broken{"extend_from_no_price", kA, extend_to(7200),
                           [](Lease& l, Scene&) { l.rate = UINT64_MAX; }},
                    Broken{"extend_to_no_price", kA, extend_to(UINT32_MAX),
                           [](Lease& l, Scene&) { l.max_seconds = UINT32_MAX; }},
                    Broken{"extend_a_lease_of_all_lamports", kA, extend_to(7200),
                           [](Lease&, Scene& s) { s.lease_lamports = UINT64_MAX; }},
                    Broken{"proven_past_the_stop", kC, stop_by(StopHow::served),
                           [](Lease& l, Scene&) { l.proven_until = l.stopped_at + 1; }},
                    Broken{"dispute_of_no_amount", kA, stop_by(StopHow::dispute),
                           [](Lease& l, Scene&) { l.released = UINT64_MAX; }},
                    Broken{"a_gap_of_decades", kA, stop_by(StopHow::dispute),
                           [](Lease& l, Scene& s) {
                             l.seconds = UINT32_MAX;
                             s.now = kStart + UINT32_MAX;
                           }},
                    Broken{"proven_past_the_end", kA, finish_it(),
                           [](Lease& l, Scene& s) {
                             l.proven_until = l.started_at + l.seconds + 2;
                             l.released = 3602 * 2000;
                             s.now = l.proven_until;
                           }},
                    Broken{"a_gap_that_is_not_there", kA, stop_by(StopHow::dispute),
                           [](Lease&, Scene& s) {
                             s.lease_lamports = kBondLamports + 100 * 2000 - 1;
                           }},
                    Broken{"a_window_past_the_end_of_time", kA, finish_it(),
                           [](Lease& l, Scene& s) {
                             l.started_at = INT64_MAX - 4000;
                             l.proven_until = l.started_at;
                             s.now = INT64_MAX - 100;
                           }}),
    [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace obelisk::escrow
