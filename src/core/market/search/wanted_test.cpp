#include "core/market/search/wanted.hpp"

#include <gtest/gtest.h>

#include "core/market/search/shelf.hpp"
#include "core/market/search/testing.hpp"

namespace obelisk::market::search {
namespace {

// Whatever is asked for, the index finds what a look at each offer would find, the cheapest first.
TEST(Wanted, FindsWhatALookAtEachOfferFinds) {
  testing::Random random(7);
  const auto entries = testing::random_entries(random, 400);
  const Index index(entries);
  std::vector<Offer> offers;
  for (const EntryPointer& entry : entries) offers.push_back(entry->offer);
  std::size_t some = 0;
  for (int round = 0; round < 500; ++round) {
    const Offer& like = offers[testing::below(random, offers.size())];
    market::Search wanted;
    wanted.count = 1 + testing::below(random, 5);
    wanted.seconds = static_cast<std::uint32_t>(testing::below(random, 200'000));
    wanted.disk_bytes = testing::below(random, 900'000'000'000);
    if (round % 3 == 0) {
      wanted.offer = like.id;
    } else if (round % 3 == 1) {
      wanted.card = like.card;
    }
    const auto sort = default_sort();
    const Found found = index.find({query_of(wanted), sort, 0, 1000, nullptr});
    const auto plain = matching(offers, wanted);
    ASSERT_EQ(found.matched, plain.size()) << round;
    some += plain.empty() ? 0 : 1;
    std::uint64_t before = 0;
    for (const EntryPointer& entry : found.entries) {
      EXPECT_TRUE(std::ranges::count(plain, entry->offer.id, &Offer::id) == 1);
      EXPECT_GE(entry->offer.micro_usd_per_hour, before);
      before = entry->offer.micro_usd_per_hour;
    }
  }
  EXPECT_GT(some, 100u);
}

TEST(Wanted, AnIdIsThatIdInAnyCase) {
  testing::Random random(1);
  const auto entries = testing::random_entries(random, 20);
  const Index index(entries);
  market::Search wanted;
  wanted.offer = entries[3]->offer.id;
  const auto sort = default_sort();
  EXPECT_EQ(index.find({query_of(wanted), sort, 0, 10, nullptr}).matched, 1u);
  wanted.offer = "0";
  EXPECT_EQ(index.find({query_of(wanted), sort, 0, 10, nullptr}).matched, 0u);
  wanted.offer = "";
  EXPECT_EQ(index.find({query_of(wanted), sort, 0, 10, nullptr}).matched, 0u);
}

}  // namespace
}  // namespace obelisk::market::search
