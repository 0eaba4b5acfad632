#include "apps/host/drain.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "apps/host/lister.hpp"
#include "base/crypto.hpp"

namespace obelisk::host {
namespace {

constexpr base::UnixMillis kNowMs = 1'795'000'000'000;
constexpr base::UnixSeconds kNowS = kNowMs / 1000;

class Clock final : public ports::Clock {
 public:
  base::UnixMillis now_ms() override { return kNowMs + passed_ms; }
  std::int64_t steady_ms() override { return passed_ms; }
  std::int64_t passed_ms = 0;
};

class Key final : public ports::Signer {
 public:
  const base::PublicKey& public_key() const override { return pair.public_key(); }
  base::Signature sign(base::ByteView message) override { return pair.sign(message); }
  base::Keypair pair = base::Keypair::random();
};

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/obelisk-drain-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    path = name;
  }
  void TearDown() override { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

TEST(DrainFrom, ReadsATimeOrAWait) {
  EXPECT_EQ(*drain_from("", kNowMs), kNowS);
  EXPECT_EQ(*drain_from("45s", kNowMs), kNowS + 45);
  EXPECT_EQ(*drain_from("90m", kNowMs), kNowS + 5'400);
  EXPECT_EQ(*drain_from("12h", kNowMs), kNowS + 43'200);
  EXPECT_EQ(*drain_from("3d", kNowMs), kNowS + 259'200);
  EXPECT_EQ(*drain_from(base::to_rfc3339_seconds(kNowS + 77), kNowMs), kNowS + 77);
  EXPECT_EQ(*drain_from("2001-01-01T00:00:00Z", kNowMs), kNowS) << "past is now";
  const std::string day = base::to_rfc3339_seconds(kNowS + 3 * 86'400).substr(0, 10);
  EXPECT_EQ(*drain_from(day, kNowMs), *drain_from(day + "T00:00:00Z", kNowMs));
  for (const char* wrong : {"soon", "3", "h", "-3h", "3w", "1.5h", "99999999999999999d", "9999d",
                            "2026-13-01T00:00:00Z", "2999-01-01T00:00:00Z"}) {
    const auto read = drain_from(wrong, kNowMs);
    ASSERT_FALSE(read.ok()) << wrong;
    EXPECT_EQ(read.error().code, base::Code::usage);
  }
}

using DrainFile = Folder;

TEST_F(DrainFile, IsWrittenReadAndCancelled) {
  EXPECT_FALSE(read_drain(path)->has_value());
  EXPECT_FALSE(*cancel_drain(path));
  ASSERT_TRUE(write_drain(path, 12'345).ok());
  EXPECT_EQ(**read_drain(path), 12'345);
  EXPECT_TRUE(*cancel_drain(path));
  EXPECT_FALSE(read_drain(path)->has_value());
  std::ofstream(path / "drain.json") << "{\"from_s\":12";
  EXPECT_FALSE(read_drain(path).ok());
}

class ListerTest : public Folder {
 protected:
  ListerTest() {
    whole.host = signer.public_key();
    whole.seq = static_cast<std::uint64_t>(kNowMs);
    whole.cards = {{"CPU-1", "cpu", "AMD EPYC", 0}};
    whole.max_seconds = 86'400;
    whole.micro_usd_per_hour = 1;
  }
  std::unique_ptr<Lister> make() {
    return std::make_unique<Lister>(Lister::Parts{
        whole, signer, clock, path, [this](const std::string& text) { said.push_back(text); },
        [this](const std::string& words) { log.push_back(words); }});
  }
  static api::Listing listing_in(const std::string& message) {
    return *api::listing_from_json(api::host_listing_from_json(message)->listing);
  }

  Key signer;
  Clock clock;
  api::Listing whole;
  std::vector<std::string> said;
  std::vector<std::string> log;
};

TEST_F(ListerTest, SaysTheListingAgainWhenItChanges) {
  const auto lister = make();
  EXPECT_EQ(listing_in(lister->current()), whole);
  lister->look();
  EXPECT_TRUE(said.empty());
  ASSERT_TRUE(write_drain(path, kNowS + 600).ok());
  lister->look();
  lister->look();
  ASSERT_EQ(said.size(), 1U);
  api::Listing last = listing_in(said.back());
  EXPECT_EQ(last.maintenance_from_s, static_cast<std::uint64_t>(kNowS + 600));
  EXPECT_EQ(last.cards, whole.cards);
  EXPECT_GT(last.seq, whole.seq);
  EXPECT_EQ(listing_in(lister->current()), last) << "the same after a new connection";

  clock.passed_ms = 600'000;
  lister->look();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_TRUE(listing_in(said.back()).cards.empty());
  EXPECT_GT(listing_in(said.back()).seq, last.seq);

  ASSERT_TRUE(*cancel_drain(path));
  lister->look();
  ASSERT_EQ(said.size(), 3U);
  last = listing_in(said.back());
  EXPECT_EQ(last.cards, whole.cards);
  EXPECT_FALSE(last.maintenance_from_s.has_value());
}

TEST_F(ListerTest, ADrainOutlivesARestart) {
  ASSERT_TRUE(write_drain(path, kNowS - 5).ok());
  EXPECT_TRUE(listing_in(make()->current()).cards.empty());
}

TEST_F(ListerTest, WhatCannotBeReadChangesNothingAndIsSaidOnce) {
  const auto lister = make();
  std::ofstream(path / "offer") << "?";
  lister->look();
  lister->look();
  EXPECT_TRUE(said.empty());
  EXPECT_EQ(log.size(), 1U);
}

TEST_F(ListerTest, TriesAgainWhatWasTooOften) {
  const auto lister = make();
  lister->put_off();
  lister->look();
  EXPECT_TRUE(said.empty());
  clock.passed_ms = kListAgainMs;
  lister->look();
  lister->look();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(listing_in(said.back()), whole) << "with the seq that it had";
}

TEST_F(ListerTest, SaysWhatListSetAndOutlivesARestart) {
  const auto lister = make();
  ASSERT_TRUE(write_offer(path, {1'380'000, 600}).ok());
  lister->look();
  lister->look();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(listing_in(said.back()).micro_usd_per_hour, 1'380'000U);
  EXPECT_EQ(listing_in(said.back()).min_seconds, 600U);
  EXPECT_EQ(listing_in(make()->current()).micro_usd_per_hour, 1'380'000U);
  whole.max_seconds = 120;
  EXPECT_EQ(listing_in(make()->current()).min_seconds, 120U) << "no longer than the longest";
  ASSERT_TRUE(write_offer(path, {}).ok());
  lister->look();
  EXPECT_EQ(listing_in(said.back()).micro_usd_per_hour, 1U) << "as the settings say";
  EXPECT_FALSE(listing_in(said.back()).min_seconds.has_value());
}

TEST_F(ListerTest, ServesForAWhileWhatItAskedForBefore) {
  whole.micro_usd_per_hour = 500'000;
  const auto lister = make();
  EXPECT_EQ(lister->promised(), whole);
  ASSERT_TRUE(write_offer(path, {1'000'000, 600}).ok());
  lister->look();
  EXPECT_EQ(lister->promised().micro_usd_per_hour, 500'000U) << "quotes at that are being paid";
  EXPECT_EQ(lister->promised().min_seconds.value_or(0), 0U);
  clock.passed_ms = kPromisedMs + 1;
  EXPECT_EQ(lister->promised().micro_usd_per_hour, 1'000'000U);
  EXPECT_EQ(lister->promised().min_seconds, 600U);
  ASSERT_TRUE(write_offer(path, {400'000, std::nullopt}).ok());
  lister->look();
  EXPECT_EQ(lister->promised().micro_usd_per_hour, 400'000U) << "cheaper holds at once";
  ASSERT_TRUE(write_drain(path, 1).ok());
  lister->look();
  EXPECT_EQ(lister->promised().cards, whole.cards) << "a lease that was quoted before is served";
  EXPECT_EQ(make()->promised().micro_usd_per_hour, 400'000U) << "not the settings' price";
}

TEST_F(ListerTest, OffersNothingWhereItBeginsWithoutKnowingTheFloor) {
  std::ofstream(path / "offer") << "?";
  const auto lister = make();
  EXPECT_TRUE(listing_in(lister->current()).cards.empty());
  EXPECT_EQ(log.size(), 1U);
  ASSERT_TRUE(write_offer(path, {2'000'000, {}}).ok());
  lister->look();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(listing_in(said.back()).cards, whole.cards);
  EXPECT_EQ(listing_in(said.back()).micro_usd_per_hour, 2'000'000U);
}

using OfferFile = Folder;

TEST_F(OfferFile, IsWrittenAndRead) {
  EXPECT_EQ(*read_offer(path), OfferWords{});
  for (const OfferWords& words : {OfferWords{1, {}}, {{}, 60}, {1'000'000'000, 31'536'000}, {}}) {
    ASSERT_TRUE(write_offer(path, words).ok());
    EXPECT_EQ(*read_offer(path), words);
  }
  for (const char* wrong :
       {"?", "micro_usd_per_hour 0", "micro_usd_per_hour 1000000001", "min_seconds 59",
        "min_seconds 31536001", "min_seconds -60", "micro_usd_per_hour 5 ", "price 5", ""}) {
    std::ofstream(path / "offer") << wrong << "\n";
    EXPECT_FALSE(read_offer(path).ok()) << wrong;
  }
}

TEST(MinSeconds, AreWholeMinutes) {
  EXPECT_EQ(*min_seconds_from("1"), 60U);
  EXPECT_EQ(*min_seconds_from("525600"), 31'536'000U);
  for (const char* wrong : {"0", "-1", "1.5", "525601", "", "x", "99999999999999999999"}) {
    EXPECT_EQ(min_seconds_from(wrong).error().code, base::Code::usage) << wrong;
  }
}

TEST_F(ListerTest, TakesItsCardsBackWhenItStops) {
  const auto lister = make();
  lister->withdraw();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(listing_in(said.back()).cards.empty());
  EXPECT_TRUE(listing_in(lister->current()).cards.empty());
}

}  // namespace
}  // namespace obelisk::host
