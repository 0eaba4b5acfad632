// The whole of step() as one matrix: every situation a lease can be in, every instruction, everyone
// who may say it. A cell is what becomes of the lease, and the amounts follow from the cell alone.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>
#include <string>

#include "core/escrow/test_lease.hpp"

namespace obelisk::escrow {
namespace {

// 2,000 lamports a second and 2.5 % fee; test_lease.hpp.
constexpr std::uint64_t kPerSecond = 2000;
constexpr std::int64_t kStart = kOpenedAt + 10;

struct Situation {
  const char* name;
  State state;
  std::int64_t proven;  // seconds after the start, as all times here
  std::int64_t now;
};

// A closing lease was stopped at 1000 s.
constexpr std::int64_t kStopped = 1000;
constexpr Situation kSituations[] = {
    {"funded, in the host's last second", State::funded, 0, 60 - 10},
    {"funded, the host is late", State::funded, 0, 61 - 10},
    {"active, proven till now", State::active, 600, 600},
    {"active, a gap of the limit", State::active, 600, 780},
    {"active, a gap past the limit", State::active, 600, 781},
    {"active, over and proven", State::active, 3600, 3600},
    {"active, over with a gap", State::active, 3500, 3600},
    {"closing, a gap past the limit", State::closing, 0, kStopped + 21'600},
    {"closing, a gap of the limit", State::closing, 820, kStopped + 1},
    {"closing, the window is over", State::closing, 0, kStopped + 21'601},
    {"closed", State::closed, 0, 700},
};
constexpr std::size_t kCount = std::size(kSituations);

// A cell: an error by name; "back", closed with everything the renter's; or a state and the seconds
// that are proven and stopped at after it, as "closing 600/781".
struct Row {
  const char* who_says_what;
  Action action;
  const char* cells[kCount];
};

constexpr Action of(Tag tag) { return {tag, {}, false, 7200, 42, INT64_MAX}; }
constexpr Action stop_by(StopHow how) { return {Tag::stop, how, false, 0, 0, 0}; }

// Four lines a row: funded (in time, late); active (no gap, the limit, past it, over, over with a
// gap); closing (a gap past the limit, of the limit, the window is over); closed.
// clang-format off
constexpr Row kTable[] = {
    {"attestor: ready", of(Tag::ready),
     {"active 0/-", "late",
      "state", "state", "state", "state", "state",
      "state", "state", "state",
      "state"}},
    {"renter: cancel", {Tag::cancel, {}, true, 0, 0, 0},
     {"back", "back",
      "state", "state", "state", "state", "state",
      "state", "state", "state",
      "state"}},
    {"anyone: cancel", of(Tag::cancel),
     {"early", "back",
      "state", "state", "state", "state", "state",
      "state", "state", "state",
      "state"}},
    {"renter: extend", of(Tag::extend),
     {"state", "state",
      "active 600/-", "active 600/-", "active 600/-", "late", "late",
      "state", "state", "state",
      "state"}},
    {"anyone: claim, proven till now", of(Tag::claim),
     {"state", "state",
      "active 600/-", "active 780/-", "active 781/-", "active 3600/-", "active 3600/-",
      "closed 1000/1000", "closed 1000/1000", "closed 1000/1000",
      "state"}},
    {"anyone: claim, nothing new", {Tag::claim, {}, false, 0, 0, INT64_MIN},
     {"state", "state",
      "active 600/-", "active 600/-", "active 600/-", "active 3600/-", "active 3500/-",
      "closing 0/1000", "closing 820/1000", "closing 0/1000",
      "state"}},
    {"renter: stop, served", stop_by(StopHow::served),
     {"state", "state",
      "closed 600/600", "closed 780/780", "closed 781/781", "closed 3600/3600", "closed 3600/3600",
      "closed 1000/1000", "closed 1000/1000", "closed 1000/1000",
      "state"}},
    {"renter: stop, disputed", stop_by(StopHow::dispute),
     {"state", "state",
      "closed 600/600", "closing 600/780", "closing 600/781", "closed 3600/3600",
      "closing 3500/3600",
      "state", "state", "state",
      "state"}},
    {"host: stop, waived", stop_by(StopHow::waive),
     {"state", "state",
      "closed 600/600", "closed 600/600", "closed 600/600", "closed 3600/3600", "closed 3500/3500",
      "closed 0/0", "closed 820/820", "closed 0/0",
      "state"}},
    {"attestor: stop, dark", stop_by(StopHow::dark),
     {"state", "state",
      "closed 600/600", "closed 600/600", "closing 600/781", "closed 3600/3600",
      "closed 3500/3500",
      "early", "closed 820/820", "early",
      "state"}},
    {"anyone: finish", of(Tag::finish),
     {"state", "state",
      "early", "early", "early", "closed 3600/3600", "closing 3500/3600",
      "early", "early", "closed 0/1000",
      "state"}},
};
// clang-format on

Lease lease_in(const Situation& where) {
  Lease lease = test_lease(where.state == State::closed ? State::closing : where.state);
  lease.state = where.state;
  if (where.state != State::funded) lease.proven_until = kStart + where.proven;
  return lease;
}

Scene scene_of(const Situation& where, const Lease& lease) {
  Scene scene = test_scene(lease, kStart + where.now);
  // A contested lease has given the future back already.
  if (where.state == State::closing) scene.lease_lamports = kStopped * kPerSecond + kBondLamports;
  return scene;
}

struct Expected {
  Error error = Error::none;
  bool back = false;
  State state = State::closed;
  std::int64_t proven = 0;
  std::int64_t stopped = -1;  // not yet
};

Expected read(const std::string& cell) {
  static const std::map<std::string, Error> errors = {
      {"state", Error::wrong_state}, {"early", Error::too_early}, {"late", Error::too_late}};
  static const std::map<std::string, State> states = {
      {"active", State::active}, {"closing", State::closing}, {"closed", State::closed}};
  Expected expected;
  if (const auto error = errors.find(cell); error != errors.end()) {
    expected.error = error->second;
    return expected;
  }
  expected.back = cell == "back";
  if (expected.back) return expected;
  const auto space = cell.find(' ');
  const auto slash = cell.find('/');
  expected.state = states.at(cell.substr(0, space));
  expected.proven = std::stoll(cell.substr(space + 1, slash - space - 1));
  if (cell.substr(slash + 1) != "-") expected.stopped = std::stoll(cell.substr(slash + 1));
  return expected;
}

// Nothing had been released before in any situation, so what is proven is what is paid.
Payments payments_of(const Expected& expected, const Action& action, const Scene& scene) {
  Payments payments{};
  payments.left = scene.lease_lamports;
  if (action.tag == Tag::extend) {
    payments.from_renter = 3600 * kPerSecond;
    payments.left += payments.from_renter;
  }
  // ready and extend pay nobody, and neither does a lease that was never ready.
  if (expected.back) {
    payments.to_renter = payments.left;
  } else if (action.tag != Tag::ready && action.tag != Tag::extend) {
    const std::uint64_t paid = static_cast<std::uint64_t>(expected.proven) * kPerSecond;
    payments.to_treasury = paid / 40;
    payments.to_host = paid - payments.to_treasury;
    payments.left -= paid;
    const bool contested = expected.state == State::closing && action.tag != Tag::claim;
    const std::uint64_t disputed =
        static_cast<std::uint64_t>(expected.stopped - expected.proven) * kPerSecond;
    if (expected.state == State::closed) payments.to_renter = payments.left;
    if (contested) payments.to_renter = payments.left - disputed - kBondLamports;
  }
  payments.left -= payments.to_renter;
  return payments;
}

void check_cell(const Row& row, std::size_t column) {
  const Situation& where = kSituations[column];
  const Expected expected = read(row.cells[column]);
  Lease lease = lease_in(where);
  const Lease before = lease;
  const Scene scene = scene_of(where, lease);
  const Payments untouched = {9, 9, 9, 9, 9};
  Payments payments = untouched;
  ASSERT_EQ(step(lease, row.action, scene, payments), expected.error);
  if (expected.error != Error::none) {
    EXPECT_EQ(std::memcmp(&lease, &before, sizeof lease), 0) << "an error must leave everything";
    EXPECT_TRUE(payments == untouched);
    return;
  }
  EXPECT_EQ(lease.state, expected.state);
  EXPECT_TRUE(payments == payments_of(expected, row.action, scene));
  if (expected.back) return;
  const std::int64_t start = row.action.tag == Tag::ready ? scene.now : kStart;
  EXPECT_EQ(lease.started_at, start);
  EXPECT_EQ(lease.proven_until, start + expected.proven);
  EXPECT_EQ(lease.stopped_at, expected.stopped < 0 ? 0 : kStart + expected.stopped);
  if (before.state == State::active && lease.state == State::closing) {
    EXPECT_EQ(lease.window_ends, scene.now + lease.claim_window_s);
  }
}

TEST(StepTable, EverySituationWithEveryInstructionAndSigner) {
  for (const Row& row : kTable) {
    for (std::size_t column = 0; column < kCount; ++column) {
      SCOPED_TRACE(std::string(row.who_says_what) + ": " + kSituations[column].name);
      ASSERT_NE(row.cells[column], nullptr) << "the row is too short";
      check_cell(row, column);
    }
  }
}

TEST(StepTable, NothingIsMissingFromIt) {
  std::set<State> states;
  for (const Situation& where : kSituations) states.insert(where.state);
  EXPECT_EQ(states.size(), 4u);
  std::set<Tag> tags;
  std::set<StopHow> hows;
  std::set<bool> cancels;
  for (const Row& row : kTable) {
    tags.insert(row.action.tag);
    if (row.action.tag == Tag::stop) hows.insert(row.action.how);
    if (row.action.tag == Tag::cancel) cancels.insert(row.action.renter_signed);
  }
  EXPECT_EQ(tags, (std::set<Tag>{Tag::ready, Tag::cancel, Tag::extend, Tag::claim, Tag::stop,
                                 Tag::finish}));
  EXPECT_EQ(hows.size(), 4u);
  EXPECT_EQ(cancels.size(), 2u);
}

// A ready that names another opening is that before it is anything else.
TEST(StepTable, AnotherOpeningIsStaleInEveryState) {
  for (const Situation& where : kSituations) {
    Lease lease = lease_in(where);
    Action action = of(Tag::ready);
    action.opened_slot = 41;
    Payments payments{};
    EXPECT_EQ(step(lease, action, scene_of(where, lease), payments), Error::stale_lease)
        << where.name;
  }
}

}  // namespace
}  // namespace obelisk::escrow
