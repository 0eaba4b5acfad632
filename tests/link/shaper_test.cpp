#include "shaper.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace obelisk::link {
namespace {

constexpr std::int64_t kMs = 1'000'000;

Packet packet(std::size_t bytes = 100, int mark = 0) {
  return Packet(bytes, static_cast<std::byte>(mark));
}

// A shaper, and what came out of it: the number of each packet and when.
struct Line {
  explicit Line(std::string_view words, std::uint64_t seed = 1) : shaper(seed) {
    shaper.set(changed({}, words).value());
  }
  void send(std::int64_t now_ns, std::size_t bytes = 100) {
    const int number = sent++;
    if (shaper.offer(packet(bytes, number), now_ns)) out.emplace_back(number, now_ns);
  }
  // Takes each when it is due, as a carrier does that is never late.
  void drain() {
    while (const auto next = shaper.next_ns()) {
      const auto taken = shaper.take(*next);
      ASSERT_TRUE(taken);
      out.emplace_back(std::to_integer<int>(taken->front()), *next);
    }
  }
  std::vector<int> order() const {
    std::vector<int> numbers;
    for (const auto& [number, when] : out) numbers.push_back(number);
    return numbers;
  }

  Shaper shaper;
  int sent = 0;
  std::vector<std::pair<int, std::int64_t>> out;
};

std::uint64_t accounted(const Counters& of) {
  return of.carried + of.dropped_loss + of.dropped_queue + of.dropped_cut + of.dropped_full +
         of.waiting;
}

TEST(Shaper, DoesNothingUnasked) {
  Line line("clear");
  line.send(7);
  EXPECT_EQ(line.out.size(), 1U);
  EXPECT_FALSE(line.shaper.next_ns());
  EXPECT_EQ(line.shaper.counters().carried_bytes, 100U);
}

TEST(Shaper, DelaysEachBySoMuch) {
  Line line("delay 50");
  line.send(0);
  line.send(3 * kMs);
  EXPECT_FALSE(line.shaper.take(50 * kMs - 1));
  EXPECT_EQ(line.shaper.counters().waiting, 2U);
  line.drain();
  const std::vector<std::pair<int, std::int64_t>> expected{{0, 50 * kMs}, {1, 53 * kMs}};
  EXPECT_EQ(line.out, expected);
}

TEST(Shaper, SaysHowLateTheCarrierWas) {
  Line line("delay 50");
  line.send(0);
  EXPECT_TRUE(line.shaper.take(52 * kMs));
  EXPECT_EQ(line.shaper.counters().latest_us, 2'000);
}

TEST(Shaper, WhatIsDueGoesBeforeWhatComes) {
  Line line("delay 10");
  line.send(0);
  line.shaper.set({});
  line.send(20 * kMs);
  EXPECT_TRUE(line.out.empty());
  line.drain();
  EXPECT_EQ(line.order(), (std::vector{0, 1}));
  EXPECT_EQ(line.shaper.counters().reordered, 0U);
}

TEST(Shaper, JitterStaysWithinItsBoundAndKeepsTheOrder) {
  Line line("delay 20 jitter 10");
  for (int i = 0; i < 100; ++i) line.send(i * kMs);
  line.drain();
  std::vector<int> all(100);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(line.order(), all);
  std::int64_t least = 100 * kMs;
  std::int64_t most = 0;
  for (const auto& [number, when] : line.out) {
    least = std::min(least, when - number * kMs);
    most = std::max(most, when - number * kMs);
  }
  EXPECT_GE(least, 20 * kMs);
  EXPECT_LE(most, 30 * kMs);
  EXPECT_GT(most - least, 5 * kMs);
}

TEST(Shaper, LosesTheSamePacketsWithTheSameSeed) {
  Line first("loss 10", 7);
  Line again("loss 10 delay 5 jitter 5 reorder 50 rate 1000", 7);
  Line other("loss 10", 8);
  for (int i = 0; i < 100; ++i) {
    for (Line* line : {&first, &again, &other}) line->send(i * kMs);
  }
  for (Line* line : {&first, &again, &other}) line->drain();
  auto again_order = again.order();
  std::sort(again_order.begin(), again_order.end());
  EXPECT_EQ(first.order(), again_order);
  EXPECT_NE(first.order(), other.order());
}

TEST(Shaper, LosesAsManyAsWasSaid) {
  Line line("loss 2.5", 3);
  for (int i = 0; i < 100'000; ++i) line.send(i);
  EXPECT_NEAR(static_cast<double>(line.shaper.counters().dropped_loss), 2'500, 150);
  Line none("loss 0");
  Line all("loss 100");
  for (Line* each : {&none, &all}) {
    for (int i = 0; i < 1'000; ++i) each->send(i);
  }
  EXPECT_EQ(none.shaper.counters().dropped_loss, 0U);
  EXPECT_EQ(all.shaper.counters().dropped_loss, 1'000U);
}

TEST(Shaper, ReorderedOnesAreHeldBackAndCounted) {
  Line line("delay 20 reorder 20 hold 3", 2);
  for (int i = 0; i < 100; ++i) line.send(i * kMs);
  line.drain();
  std::uint64_t behind = 0;
  int newest = -1;
  for (const auto& [number, when] : line.out) {
    EXPECT_TRUE(when == (number + 20) * kMs || when == (number + 23) * kMs);
    behind += number < newest ? 1 : 0;
    newest = std::max(newest, number);
  }
  EXPECT_EQ(line.shaper.counters().reordered, behind);
  EXPECT_NEAR(static_cast<double>(behind), 20, 10);
}

TEST(Shaper, ReorderNeedsNoDelay) {
  Line line("reorder 50 hold 1", 2);
  for (int i = 0; i < 20; ++i) line.send(i);
  line.drain();
  EXPECT_GT(line.shaper.counters().reordered, 3U);
  EXPECT_EQ(line.shaper.counters().carried, 20U);
}

TEST(Shaper, TheLineTakesItsTime) {
  Line line("rate 8 delay 10");  // 1,000 bytes a millisecond
  for (int i = 0; i < 3; ++i) line.send(0, 1'000);
  line.send(10 * kMs, 500);
  line.drain();
  const std::vector<std::pair<int, std::int64_t>> expected{
      {0, 11 * kMs}, {1, 12 * kMs}, {2, 13 * kMs}, {3, 20 * kMs + kMs / 2}};
  EXPECT_EQ(line.out, expected);
}

TEST(Shaper, WhatFindsTheQueueFullIsDropped) {
  Line line("rate 8 queue 2");
  for (int i = 0; i < 5; ++i) line.send(0, 1'000);  // one on the line, two wait
  line.send(kMs, 1'000);                            // the first has left, one fits again
  line.send(kMs, 1'000);
  line.drain();
  EXPECT_EQ(line.order(), (std::vector{0, 1, 2, 5}));
  EXPECT_EQ(line.shaper.counters().dropped_queue, 3U);
}

TEST(Shaper, ADelayIsNoQueue) {
  Line line("delay 100 queue 1");
  for (int i = 0; i < 100; ++i) line.send(i);
  EXPECT_EQ(line.shaper.counters().waiting, 100U);
}

TEST(Shaper, ACutTakesWhatIsOnItsWay) {
  Line line("delay 10");
  line.send(0);
  line.shaper.set(changed(line.shaper.settings(), "cut").value());
  line.send(kMs);
  EXPECT_FALSE(line.shaper.next_ns());
  line.shaper.set(changed(line.shaper.settings(), "mend").value());
  line.send(2 * kMs);
  line.drain();
  EXPECT_EQ(line.order(), (std::vector{2}));
  EXPECT_EQ(line.shaper.counters().dropped_cut, 2U);
}

TEST(Shaper, KeepsNoMoreThanItsMemory) {
  Shaper shaper(1, 0, 1'000);
  shaper.set(changed({}, "delay 100").value());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(shaper.offer(packet(250), i));
  EXPECT_EQ(shaper.counters().waiting, 4U);
  EXPECT_EQ(shaper.counters().dropped_full, 1U);
  EXPECT_TRUE(shaper.take(200 * kMs));
  EXPECT_FALSE(shaper.offer(packet(250), 200 * kMs));
  EXPECT_EQ(shaper.counters().dropped_full, 1U);
}

TEST(Shaper, AHeaderTakesNoTimeOnTheLine) {
  Shaper shaper(1, 10);
  shaper.set(changed({}, "rate 8").value());
  EXPECT_FALSE(shaper.offer(packet(1'010), 0));
  EXPECT_EQ(shaper.next_ns(), kMs);
  EXPECT_EQ(shaper.take(kMs)->size(), 1'010U);
  EXPECT_EQ(shaper.counters().carried_bytes, 1'000U);
}

TEST(Shaper, EveryPacketIsAccountedForAtEveryMoment) {
  const std::vector<std::string_view> spells{
      "loss 20 delay 3", "reorder 30 jitter 4", "rate 1 queue 3", "cut", "mend loss 5", "clear"};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Line line("clear", seed);
    for (int i = 0; i < 600; ++i) {
      const std::int64_t now_ns = i * kMs / 3;
      if (i % 17 == 0) {
        const auto& words = spells[(seed + i / 17U) % spells.size()];
        line.shaper.set(changed(line.shaper.settings(), words).value());
      }
      line.send(now_ns, 50 + i % 400);
      while (line.shaper.take(now_ns)) continue;
      ASSERT_EQ(accounted(line.shaper.counters()), static_cast<std::uint64_t>(i + 1));
    }
  }
}

TEST(Settings, AreReadFromWords) {
  const auto all =
      changed({}, "delay 150 jitter 2.5 loss 0.01 reorder 5 hold 7 rate 12.5 queue 9 cut");
  const Settings expected{150'000, 2'500, 100, 50'000, 7'000, 12'500'000, 9, true};
  EXPECT_EQ(all.value(), expected);
  EXPECT_EQ(changed(expected, " mend  delay 0 ").value().delay_us, 0);
  EXPECT_EQ(changed(expected, "clear").value(), Settings{});
}

TEST(Settings, AreTakenWholeOrNotAtAll) {
  for (const char* wrong :
       {"", " ", "delay", "delay x", "delay -1", "delay 60001", "loss 101", "loss nan", "rate inf",
        "delay 5ms", "queue 1e9", "delay 5 fly", "cut 5", "delay 1 loss"}) {
    EXPECT_FALSE(changed({}, wrong)) << wrong;
  }
}

}  // namespace
}  // namespace obelisk::link
