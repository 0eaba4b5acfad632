#include "core/host/trouble.hpp"

#include <gtest/gtest.h>

#include "core/host/xids.hpp"

namespace obelisk::host {
namespace {

constexpr base::UnixMillis kMinute = 60'000;
constexpr base::UnixMillis kStart = 1'800'000'000'000;

Seen card_at(std::uint32_t temperature_c, std::uint32_t slowdown_c = 90) {
  SeenCard card;
  card.card = "GPU-1";
  card.temperature_c = temperature_c;
  card.slowdown_c = slowdown_c;
  Seen seen;
  seen.cards = {card};
  return seen;
}

Seen xid(std::uint32_t number, const std::string& card = "GPU-1") {
  Seen seen;
  seen.xids = {{card, number}};
  return seen;
}

Seen disk(std::uint64_t used, std::uint64_t size = 1000) {
  Seen seen;
  seen.disk_used_bytes = used;
  seen.disk_bytes = size;
  return seen;
}

class TroubleTest : public testing::Test {
 protected:
  std::vector<Trouble> look(const Seen& seen) { return watch_.look(seen, now_); }
  // The one event that this look makes.
  Trouble only(const Seen& seen) {
    const auto told = look(seen);
    EXPECT_EQ(told.size(), 1u);
    return told.empty() ? Trouble{} : told[0];
  }
  void later(base::UnixMillis by_ms = kTroubleQuietMs) { now_ += by_ms; }

  TroubleWatch watch_{{"GPU-1", "GPU-2"}};
  base::UnixMillis now_ = kStart;
};

TEST_F(TroubleTest, ALeaseThatIsWellHearsNothing) {
  Seen seen = card_at(60);
  seen.disk_used_bytes = 10;
  seen.disk_bytes = 100;
  seen.oom_kills = 0;
  seen.cards[0].ecc_uncorrected = 7;
  for (int i = 0; i < 100; ++i, later(5000)) EXPECT_TRUE(look(seen).empty());
  EXPECT_TRUE(look({}).empty());
}

TEST_F(TroubleTest, AnXidInPlainWords) {
  const Trouble told = only(xid(79));
  EXPECT_EQ(told.kind, TroubleKind::xid);
  EXPECT_EQ(told.card, "GPU-1");
  EXPECT_EQ(told.text, "The card's driver reported Xid 79: the card has fallen off the bus.");
  EXPECT_EQ(told.action, "Save your work and end the lease: obelisk stop.");
  EXPECT_FALSE(told.is_over);
  EXPECT_TRUE(look({}).empty()) << "and nothing is over";
}

TEST_F(TroubleTest, AnXidThatIsNotInTheTable) {
  EXPECT_EQ(only(xid(4711)).text, "The card's driver reported Xid 4711.");
}

TEST_F(TroubleTest, AProgramsOwnFaultIsNotTheCards) {
  EXPECT_NE(only(xid(31)).action.find("your program"), std::string::npos);
}

TEST_F(TroubleTest, WhatNobodyHasToActOnIsNotTold) {
  for (std::uint32_t number : {14u, 45u, 63u, 106u, 154u}) EXPECT_TRUE(look(xid(number)).empty());
}

TEST_F(TroubleTest, CardsOfOthersAreNotSpokenOf) {
  EXPECT_TRUE(look(xid(79, "GPU-3")).empty());
  Seen seen = card_at(99);
  seen.cards[0].card = "GPU-3";
  seen.cards[0].is_lost = true;
  EXPECT_TRUE(look(seen).empty());
}

TEST_F(TroubleTest, OneEventOfAKindAndCardInTenMinutesAndTheGravestOfTheRest) {
  EXPECT_EQ(only(xid(13)).text.find("errors in all"), std::string::npos);
  later(kMinute);
  EXPECT_TRUE(look(xid(31)).empty());
  EXPECT_TRUE(look(xid(79)).empty());
  EXPECT_TRUE(look(xid(13)).empty());
  EXPECT_EQ(look(xid(48, "GPU-2")).size(), 1u) << "the other card has its own ten minutes";
  later(8 * kMinute);
  EXPECT_TRUE(look({}).empty());
  later(kMinute);
  EXPECT_EQ(only({}).text,
            "The card's driver reported Xid 79: the card has fallen off the bus. It reported 3 "
            "errors in all.");
  later();
  EXPECT_TRUE(look({}).empty()) << "each once";
}

TEST_F(TroubleTest, HeatBeginsAndEnds) {
  EXPECT_TRUE(look(card_at(89)).empty());
  const Trouble hot = only(card_at(90));
  EXPECT_EQ(hot.kind, TroubleKind::hot);
  EXPECT_EQ(hot.text, "The card is too hot (90 degrees) and runs slower to cool down.");
  later();
  EXPECT_TRUE(look(card_at(86)).empty()) << "hysteresis";
  const Trouble over = only(card_at(85));
  EXPECT_TRUE(over.is_over);
  EXPECT_EQ(over.text, "The card has cooled down (85 degrees) and is no longer slowed by heat.");
  EXPECT_EQ(over.action, "");
  later();
  EXPECT_TRUE(look(card_at(85)).empty());
}

TEST_F(TroubleTest, HeatByTheDriversWordAlone) {
  Seen seen;
  seen.cards = {{.card = "GPU-1", .is_slowed_by_heat = true}};
  EXPECT_EQ(only(seen).text, "The card is too hot and runs slower to cool down.");
  later();
  EXPECT_TRUE(look({}).empty()) << "not read is not cool";
  seen.cards[0].is_slowed_by_heat.reset();
  EXPECT_TRUE(look(seen).empty()) << "a missing figure neither";
  seen.cards[0].is_slowed_by_heat = false;
  EXPECT_TRUE(only(seen).is_over);
}

TEST_F(TroubleTest, FlickeringIsToldOnce) {
  std::size_t told = 0;
  for (int i = 0; i < 118; ++i, later(5000)) told += look(card_at(i % 2 == 0 ? 95 : 60)).size();
  EXPECT_EQ(told, 2u) << "its beginning, and its first end";
  later(30'000);
  EXPECT_FALSE(only(card_at(95)).is_over) << "ten minutes after it was told last";
}

TEST_F(TroubleTest, UncorrectedErrorsAreCountedFromTheFirstLook) {
  Seen seen = card_at(60);
  seen.cards[0].ecc_uncorrected = 5;
  EXPECT_TRUE(look(seen).empty());
  seen.cards[0].ecc_uncorrected = 6;
  EXPECT_EQ(only(seen).text, "The card's memory had an error that ECC could not correct.");
  seen.cards[0].ecc_uncorrected = 8;
  EXPECT_TRUE(look(seen).empty());
  seen.cards[0].ecc_uncorrected = 1;  // the driver was loaded again
  EXPECT_TRUE(look(seen).empty());
  later();
  EXPECT_EQ(only(seen).text, "The card's memory had 3 errors that ECC could not correct.");
  later();
  EXPECT_TRUE(look(seen).empty());
}

TEST_F(TroubleTest, ALostCardAndItsReturn) {
  Seen seen;
  seen.cards = {{.card = "GPU-2", .is_lost = true}};
  const Trouble lost = only(seen);
  EXPECT_EQ(lost.kind, TroubleKind::card_lost);
  EXPECT_EQ(lost.card, "GPU-2");
  later();
  EXPECT_TRUE(look(seen).empty());
  seen.cards[0].is_lost = false;
  const Trouble back = only(seen);
  EXPECT_TRUE(back.is_over);
  EXPECT_EQ(back.text, "The card answers again.");
}

TEST_F(TroubleTest, AFullDiskAndRoomAgain) {
  EXPECT_TRUE(look(disk(949)).empty());
  const Trouble full = only(disk(950));
  EXPECT_EQ(full.kind, TroubleKind::disk_full);
  EXPECT_EQ(full.card, "");
  EXPECT_EQ(full.text, "The lease's disk is 95 % full: programs fail once it is full.");
  EXPECT_TRUE(look(disk(901)).empty());
  const Trouble over = only(disk(900));
  EXPECT_TRUE(over.is_over);
  EXPECT_EQ(over.text, "The lease's disk is 90 % full, which is well again.");
  EXPECT_TRUE(look(disk(0, 0)).empty()) << "a size of nothing says nothing";
}

TEST_F(TroubleTest, KilledForMemory) {
  Seen seen;
  seen.oom_kills = 2;
  EXPECT_TRUE(look(seen).empty()) << "what was before the watch";
  seen.oom_kills = 3;
  EXPECT_EQ(only(seen).text, "The lease ran out of memory: a program was killed.");
  seen.oom_kills = 9;
  later();
  EXPECT_EQ(only(seen).text, "The lease ran out of memory: 6 programs were killed.");
}

TEST_F(TroubleTest, ALeaseHasAHardMost) {
  std::size_t told = 0;
  std::string last;
  for (std::size_t i = 0; i < 2 * kMostTroubles; ++i, later()) {
    for (const Trouble& trouble : look(xid(79))) {
      ++told;
      last = trouble.text;
    }
  }
  EXPECT_EQ(told, kMostTroubles);
  EXPECT_TRUE(last.ends_with("Of this lease no more trouble is told.")) << last;
}

TEST_F(TroubleTest, AClockThatIsSetBackSilencesForTenMinutesAtMost) {
  EXPECT_EQ(look(xid(79)).size(), 1u);
  now_ -= 24 * 60 * kMinute;
  EXPECT_TRUE(look(xid(79)).empty());
  later();
  EXPECT_EQ(look({}).size(), 1u);
}

// The longest that can be said, with the last words of a lease.
TEST_F(TroubleTest, NothingIsLongerThanAnEventMayBe) {
  for (std::uint32_t number = 0; number < 300; ++number) {
    const XidMeaning meaning = meaning_of_xid(number);
    const std::string text =
        "The card's driver reported Xid 4294967295: " + std::string(meaning.what) +
        ". It reported 18446744073709551615 errors in all. Of this lease no "
        "more trouble is told. " +
        std::string(action_for(meaning.weight));
    EXPECT_LE(text.size(), kMostTroubleText) << number;
  }
}

TEST(TroubleKindText, NamesAreStable) {
  EXPECT_EQ(to_string(TroubleKind::xid), "xid");
  EXPECT_EQ(to_string(TroubleKind::hot), "hot");
  EXPECT_EQ(to_string(TroubleKind::ecc), "ecc");
  EXPECT_EQ(to_string(TroubleKind::card_lost), "card_lost");
  EXPECT_EQ(to_string(TroubleKind::disk_full), "disk_full");
  EXPECT_EQ(to_string(TroubleKind::out_of_memory), "out_of_memory");
}

}  // namespace
}  // namespace obelisk::host
