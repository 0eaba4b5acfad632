#include "core/host/earnings.hpp"

#include <gtest/gtest.h>

#include "core/escrow/test_lease.hpp"
#include "core/host/claimable.hpp"

namespace obelisk::host {
namespace {

base::PublicKey key(std::uint8_t seed) {
  base::PublicKey out;
  out.bytes.fill(seed);
  return out;
}

constexpr base::UnixSeconds kMidnight = 1'795'046'400;  // 2026-11-19T00:00:00Z

TEST(Earnings, AreSummedByDayAndByLease) {
  const std::vector<Payment> payments{{key(1), {100}, {2}, kMidnight + 5},
                                      {key(2), {500}, {10}, kMidnight - 1},
                                      {key(1), {50}, {1}, kMidnight + 86'399},
                                      {key(1), {7}, {0}, kMidnight - 86'401},
                                      {key(3), {1}, {0}, std::nullopt}};
  const Earnings sums = sum_up(payments, kMidnight - 86'400);
  EXPECT_EQ(sums.all, (Sum{{651}, {13}, 4})) << "all but the one from before";
  ASSERT_EQ(sums.days.size(), 3U);
  EXPECT_EQ(sums.days[0].first, base::to_rfc3339_seconds(kMidnight).substr(0, 10));
  EXPECT_EQ(sums.days[0].second, (Sum{{150}, {3}, 2}));
  EXPECT_EQ(sums.days[1].second, (Sum{{500}, {10}, 1}));
  EXPECT_EQ(sums.days[2].first, "") << "the node gave no time";
  ASSERT_EQ(sums.leases.size(), 3U);
  EXPECT_EQ(sums.leases[0].first, key(2));
  EXPECT_EQ(sums.leases[1].second, (Sum{{150}, {3}, 2}));
  EXPECT_EQ(sum_up({}, 0).all, Sum{});
}

TEST(Earnings, ALyingNodeDoesNotWrapASum) {
  const Earnings sums = sum_up({{key(1), {UINT64_MAX}, {}, 5}, {key(1), {9}, {}, 5}}, 0);
  EXPECT_EQ(sums.all.earned.count, UINT64_MAX);
}

TEST(FirstMidnight, TodayIsTheLastDay) {
  EXPECT_EQ(first_midnight(kMidnight + 7, 1), kMidnight);
  EXPECT_EQ(first_midnight(kMidnight, 7), kMidnight - 6 * 86'400);
  EXPECT_EQ(first_midnight(86'400, 365), 0);
}

TEST(Claimable, IsWhatTheProgramWouldPay) {
  const escrow::Lease lease = escrow::test_lease(escrow::State::active);
  const base::Lamports balance{escrow::price_of(lease) + escrow::kBondLamports};
  const base::UnixSeconds start = lease.started_at;
  // 2,000 lamports a second, and 2.5 % of it is the market's.
  EXPECT_EQ(claimable(lease, balance, start + 100, start + 500),
            (Claimable{{195'000}, {5'000}, start + 100, false}));
  EXPECT_EQ(claimable(lease, balance, start + 900, start + 500)->proven_until_s, start + 500)
      << "not past now";
  EXPECT_FALSE(claimable(lease, balance, start, start + 500)) << "nothing is proven yet";
  EXPECT_FALSE(claimable(escrow::test_lease(), balance, start + 100, start + 500)) << "not ready";
  EXPECT_TRUE(
      claimable(escrow::test_lease(escrow::State::closing), balance, start + 1'000, start + 2'000)
          ->closes);
  escrow::Lease claimed = lease;
  claimed.proven_until = start + 100;
  claimed.released = 200'000;
  EXPECT_FALSE(claimable(claimed, balance, start + 100, start + 500)) << "claimed already";
  EXPECT_EQ(claimable(claimed, balance, start + 150, start + 500)->to_host.count, 97'500U);
}

}  // namespace
}  // namespace obelisk::host
