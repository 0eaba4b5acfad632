#include "core/host/series.hpp"

#include <gtest/gtest.h>

namespace obelisk::host {
namespace {

constexpr base::UnixMillis kNowMs = 1'795'000'000'000;

// A lease of two cores whose counters the test moves on.
class Lease {
 public:
  explicit Lease(std::size_t cards = 0) : series(2000, cards) {
    now.at_ms = kNowMs;
    now.steady_ms = 5;
    now.cpu_us = 1'000'000;
    now.memory_bytes = 100;
    now.received_bytes = 50;
    now.sent_bytes = 60;
    series.add(now);
  }
  // Ten seconds in which it used so much of a core and sent so many bytes.
  void pass(std::uint64_t cpu_milli = 0, std::uint64_t sent = 0, int times = 1) {
    for (int i = 0; i < times; ++i) {
      now.at_ms += kSampleEveryMs;
      now.steady_ms += kSampleEveryMs;
      now.cpu_us = *now.cpu_us + cpu_milli * 10'000;
      now.sent_bytes = *now.sent_bytes + sent;
      series.add(now);
    }
  }
  Sample newest() const { return series.since(0).back(); }

  Series series;
  Figures now;
};

TEST(Series, RatesAreOfWhatCountersGrew) {
  Lease lease;
  EXPECT_EQ(lease.newest().seconds, 0u);
  EXPECT_FALSE(lease.newest().cpu_milli) << "one look says nothing of a rate";
  EXPECT_EQ(lease.newest().memory_bytes, 100u);
  lease.pass(1500, 12'345);
  EXPECT_EQ(lease.newest().seconds, 10u);
  EXPECT_EQ(lease.newest().cpu_milli, 1500u);
  EXPECT_EQ(lease.newest().sent_bytes_per_s, 1234u);
  EXPECT_EQ(lease.newest().received_bytes_per_s, 0u);
}

TEST(Series, ACounterThatBeganAnewCountsFromZero) {
  Lease lease;
  lease.pass(1000, 9000);
  lease.now.cpu_us = 0;
  lease.now.sent_bytes = 0;
  lease.pass(200, 500);
  EXPECT_EQ(lease.newest().cpu_milli, 200u);
  EXPECT_EQ(lease.newest().sent_bytes_per_s, 50u);
  lease.now.cpu_us.reset();
  lease.now.steady_ms += 10'000;
  lease.series.add(lease.now);
  EXPECT_FALSE(lease.newest().cpu_milli);
  lease.series.add(lease.now);  // no time passed
  EXPECT_FALSE(lease.newest().sent_bytes_per_s);
}

TEST(Series, AnHourOfSamplesAndADayOfMeans) {
  Lease lease;
  lease.pass(300, 0, 3 * 24 * 360);
  const auto all = lease.series.since(0);
  ASSERT_GT(all.size(), kSamplesKept);
  EXPECT_LE(all.size(), kSamplesKept + kMeansKept);
  EXPECT_EQ(all.back().seconds, 10u);
  EXPECT_EQ(all.front().seconds, 120u);
  EXPECT_EQ(all.front().cpu_milli, 300u);
  EXPECT_NEAR(static_cast<double>(all.back().at_ms - all.front().at_ms), 24 * 3'600'000, 240'000);
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].at_ms, all[i].at_ms);
  const auto some = lease.series.since(all[all.size() - 3].at_ms);
  ASSERT_EQ(some.size(), 2u);
  EXPECT_EQ(some.back(), all.back());
}

TEST(Series, AMeanIsOfWhatIsKnown) {
  Sample a{.at_ms = 1, .seconds = 10, .cpu_milli = 100, .memory_bytes = 10};
  Sample b{.at_ms = 2, .seconds = 30, .cpu_milli = 500};
  a.gpus = {{"GPU-1", 50}};
  b.gpus = {{"GPU-1", 90, 7}};
  const Sample mean = mean_of({a, b});
  EXPECT_EQ(mean.at_ms, 2);
  EXPECT_EQ(mean.seconds, 40u);
  EXPECT_EQ(mean.cpu_milli, 400u);
  EXPECT_EQ(mean.memory_bytes, 10u);
  EXPECT_FALSE(mean.processes);
  ASSERT_EQ(mean.gpus.size(), 1u);
  EXPECT_EQ(mean.gpus[0].use_percent, 80u);
  EXPECT_EQ(mean.gpus[0].memory_used_bytes, 7u);
  EXPECT_EQ(mean_of({}), Sample());
}

TEST(Idle, CountsFromTheLastWork) {
  Lease lease;
  EXPECT_FALSE(lease.series.idle_s()) << "one look is not enough";
  lease.pass();
  EXPECT_EQ(lease.series.idle_s(), 10);
  lease.pass(99, 100, 5);  // below 5 % of two cores
  EXPECT_EQ(lease.series.idle_s(), 60);
  lease.pass(101);
  EXPECT_EQ(lease.series.idle_s(), 0);
  lease.pass();
  EXPECT_EQ(lease.series.idle_s(), 10);
  lease.pass(0, 200'020);  // more than 20,000 a second
  EXPECT_EQ(lease.series.idle_s(), 0);
}

TEST(Idle, ALoginOnASmallLeaseIsNoWork) {
  Series series(250, 0);
  Figures now{.cpu_us = 0, .received_bytes = 0, .sent_bytes = 0};
  series.add(now);
  now.steady_ms += 10'000;
  now.cpu_us = 450'000;  // 45 of a thousandth of a core, on a lease of 250
  series.add(now);
  EXPECT_EQ(series.idle_s(), 10);
}

TEST(Idle, IsUnknownWhereAFigureIsMissing) {
  Lease with_card(1);
  with_card.pass();
  EXPECT_FALSE(with_card.series.idle_s()) << "the card may be at work";
  with_card.now.gpus = {{"GPU-1", 3}};
  with_card.pass();
  EXPECT_EQ(with_card.series.idle_s(), 10);
  with_card.now.gpus = {{"GPU-1", 6}};
  with_card.pass();
  EXPECT_EQ(with_card.series.idle_s(), 0);
  Lease blind;
  blind.pass();
  blind.now.sent_bytes.reset();
  blind.now.steady_ms += 10'000;
  blind.series.add(blind.now);
  EXPECT_FALSE(blind.series.idle_s());
}

}  // namespace
}  // namespace obelisk::host
