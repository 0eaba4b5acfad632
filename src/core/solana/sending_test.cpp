#include "core/solana/sending.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace obelisk::solana {
namespace {

constexpr std::uint64_t kLast = 150;
constexpr SendingLimits kTwice{.timeout_ms = 60'000, .most_signings = 2};
constexpr SendingLimits kNever{.timeout_ms = 60'000, .most_signings = 0};

// Signed and sent at 0.
Sending flying(const SendingLimits& limits) {
  Sending out(limits, 0);
  out.estimated();
  out.has_blockhash(kLast);
  out.is_signed(0);
  EXPECT_EQ(out.next(0), Act::broadcast);
  out.was_broadcast(0);
  return out;
}

// Waits until a look is due, sends what has to be sent, and answers the look; when that was.
std::int64_t answer(Sending& sending, std::int64_t now_ms, const Seen& seen) {
  for (;;) {
    switch (sending.next(now_ms)) {
      case Act::broadcast: sending.was_broadcast(now_ms); break;
      case Act::wait: now_ms += sending.wait_ms(now_ms); break;
      case Act::look: {
        const Look how = sending.look(now_ms);
        Seen told = seen;
        if (!how.height) told.finalized_height.reset();
        sending.saw(how, told, now_ms);
        return now_ms;
      }
      default: ADD_FAILURE() << "it ended at " << now_ms; return now_ms;
    }
  }
}

TEST(Sending, TriesItAsksForABlockhashAndSignsAtTheLastMoment) {
  Sending sending(kTwice, 0);
  EXPECT_EQ(sending.next(0), Act::estimate);
  sending.estimated();
  EXPECT_EQ(sending.next(5), Act::blockhash);
  sending.has_blockhash(kLast);
  EXPECT_EQ(sending.next(6), Act::sign);
  sending.is_signed(7);
  EXPECT_EQ(sending.next(7), Act::broadcast);
}

TEST(Sending, LandedOnceItIsAsDeepAsWanted) {
  Sending sending = flying(kTwice);
  EXPECT_EQ(sending.next(0), Act::look);
  std::int64_t now = answer(sending, 0, {{}, Sighting::too_shallow});
  EXPECT_EQ(sending.next(now), Act::wait);
  now = answer(sending, now, {{}, Sighting::deep_enough});
  EXPECT_EQ(now, 75);
  EXPECT_EQ(sending.next(now), Act::landed);
}

TEST(Sending, TheSameBytesAgainEveryHalfSecondUntilItIsInABlock) {
  Sending sending = flying(kTwice);
  std::vector<std::int64_t> broadcasts;
  std::int64_t now = 0;
  for (; now < 2'000; now += 10) {
    const Act act = sending.next(now);
    if (act == Act::broadcast) {
      broadcasts.push_back(now);
      sending.was_broadcast(now);
    }
    if (act == Act::look) sending.saw(sending.look(now), {100, Sighting::unknown}, now);
  }
  EXPECT_EQ(broadcasts, (std::vector<std::int64_t>{500, 1'000, 1'500}));
  now = answer(sending, now, {{}, Sighting::too_shallow});
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(sending.next(now), Act::broadcast);
    now = answer(sending, now, {{}, Sighting::too_shallow});
  }
}

TEST(Sending, ADroppedForkIsSentOnceMoreWithTheSameBytes) {
  Sending sending = flying(kTwice);
  std::int64_t now = 1'000;
  now = answer(sending, now, {100, Sighting::too_shallow});
  now = answer(sending, now, {100, Sighting::unknown});
  EXPECT_EQ(sending.next(now + 500), Act::broadcast);
}

TEST(Sending, AHintIsALookAtOnce) {
  Sending sending = flying(kTwice);
  answer(sending, 0, {100, Sighting::unknown});
  EXPECT_EQ(sending.next(10), Act::wait);
  sending.hint(10);
  EXPECT_EQ(sending.next(10), Act::look);
}

TEST(Sending, TheLastValidHeightItselfIsStillValid) {
  Sending sending = flying(kTwice);
  std::int64_t now = 0;
  while (now < 50'000) now = answer(sending, now, {kLast, Sighting::unknown});
  EXPECT_FALSE(sending.look(now + 2'000).whole_history);
}

TEST(Sending, ExpiredAfterTwoLooksThroughTheWholeHistoryPastTheHeight) {
  Sending sending = flying(kTwice);
  std::int64_t now = answer(sending, 2'000, {kLast + 1, Sighting::unknown});
  EXPECT_TRUE(sending.look(now).whole_history) << "that look was not through the history";
  const std::int64_t first = answer(sending, now, {{}, Sighting::unknown});
  now = first;
  while (sending.next(now) == Act::wait || sending.next(now) == Act::look) {
    EXPECT_LT(now, first + 800);
    now = answer(sending, now, {{}, Sighting::unknown});
  }
  EXPECT_GE(now, first + 800);
  EXPECT_EQ(sending.next(now), Act::estimate) << "another may be signed";
}

TEST(Sending, ANodeThatIsBehindTheProofOfTheHeightCannotSayItIsUnknown) {
  Sending sending = flying(kTwice);
  std::int64_t now =
      answer(sending, 2'000,
             {kLast + 1, Sighting::unknown, /*finalized_slot=*/1'000, /*sighting_slot=*/1'000});
  for (int i = 0; i < 50; ++i) {
    now = answer(sending, now, {{}, Sighting::unknown, 0, /*sighting_slot=*/999});
    ASSERT_EQ(sending.next(now), Act::wait);
  }
  const std::int64_t first = answer(sending, now, {{}, Sighting::unknown, 0, 1'000});
  for (now = first; now < first + 800;) {
    now = answer(sending, now, {{}, Sighting::unknown, 0, 1'001});
  }
  EXPECT_EQ(sending.next(now), Act::estimate);
}

TEST(Sending, NoAnswerIsNoLook) {
  Sending sending = flying(kTwice);
  std::int64_t now = answer(sending, 2'000, {kLast + 1, Sighting::unknown});
  for (int i = 0; i < 20; ++i) now = answer(sending, now, {});
  now = answer(sending, now, {{}, Sighting::unknown});
  EXPECT_EQ(sending.next(now), Act::wait);
}

TEST(Sending, SeenInABlockAfterTheHeightStartsTheLooksAnew) {
  Sending sending = flying(kTwice);
  std::int64_t now = answer(sending, 2'000, {kLast + 1, Sighting::unknown});
  now = answer(sending, now, {{}, Sighting::unknown});
  now = answer(sending, now, {{}, Sighting::too_shallow});
  now = answer(sending, now + 1'000, {{}, Sighting::unknown});
  EXPECT_EQ(sending.next(now), Act::wait) << "one look alone";
  now = answer(sending, now, {{}, Sighting::deep_enough});
  EXPECT_EQ(sending.next(now), Act::landed);
}

TEST(Sending, SignedAsOftenAsAllowedAndNoMore) {
  Sending sending(kTwice, 0);
  std::int64_t now = 0;
  for (int signing = 1; signing <= 2; ++signing) {
    ASSERT_EQ(sending.next(now), Act::estimate);
    sending.estimated();
    sending.has_blockhash(kLast);
    sending.is_signed(now);
    now += 2'000;
    while (sending.next(now) != Act::estimate && sending.next(now) != Act::expired) {
      now = answer(sending, now, {kLast + 1, Sighting::unknown});
    }
  }
  EXPECT_EQ(sending.next(now), Act::expired);
}

TEST(Sending, WhatAWalletSignedIsNeverSignedAgain) {
  Sending sending = Sending::signed_already(kNever, kLast, 0);
  EXPECT_EQ(sending.next(0), Act::broadcast);
  std::int64_t now = 2'000;
  while (sending.next(now) != Act::expired) {
    ASSERT_LT(now, 20'000);
    now = answer(sending, now, {kLast + 1, Sighting::unknown});
  }
}

TEST(Sending, AfterARestartItIsLookedForBeforeItIsSentAgain) {
  Sending sending = Sending::resumed(kTwice, kLast, 500);
  EXPECT_EQ(sending.next(500), Act::look);
  EXPECT_TRUE(sending.look(500).height);
  sending.saw(sending.look(500), {100, Sighting::unknown}, 501);
  EXPECT_EQ(sending.next(501), Act::broadcast);
  Sending gone = Sending::resumed(kTwice, kLast, 500);
  gone.saw(gone.look(500), {kLast + 1, Sighting::unknown}, 501);
  EXPECT_NE(gone.next(501), Act::broadcast) << "its blockhash is over";
}

TEST(Sending, TimeIsOverWithoutCallingItExpired) {
  Sending sending = flying(kTwice);
  EXPECT_EQ(sending.next(59'999), Act::broadcast);
  EXPECT_EQ(sending.next(60'000), Act::unknown);
}

}  // namespace
}  // namespace obelisk::solana
