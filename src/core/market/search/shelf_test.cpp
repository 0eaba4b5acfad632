#include "core/market/search/shelf.hpp"

#include <gtest/gtest.h>

#include "core/market/search/cursor.hpp"
#include "core/market/search/testing.hpp"

namespace obelisk::market::search {
namespace {

using testing::Random;
using World = std::map<base::PublicKey, EntryPointer>;

std::vector<EntryPointer> all_of(const World& world) {
  std::vector<EntryPointer> out;
  for (const auto& [host, entry] : world) out.push_back(entry);
  return out;
}

// Some hosts list anew, some leave, some come.
Changes change(Random& random, World& world, std::size_t hosts, std::size_t count) {
  Changes out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t number = testing::below(random, hosts);
    const base::PublicKey host = testing::host_of(number);
    if (testing::below(random, 4) == 0) {
      world.erase(host);
      out[host] = {};
      continue;
    }
    world[host] = testing::random_entry(random, number);
    out[host] = {world[host]};
  }
  return out;
}

std::vector<std::string> ids(const std::vector<EntryPointer>& entries) {
  std::vector<std::string> out;
  for (const EntryPointer& entry : entries) out.push_back(entry->offer.id);
  return out;
}

TEST(Shelf, ShowsWhatIsThereAfterAnyChanges) {
  Random random(3);
  for (int round = 0; round < 5; ++round) {
    World world;
    Shelf shelf;
    for (int step = 0; step < 40; ++step) {
      const Shelf before_it = shelf;
      const auto size_before = before_it.size();
      shelf = shelf.with(change(random, world, 300, 1 + testing::below(random, 20)), 50);
      ASSERT_EQ(shelf.size(), world.size());
      EXPECT_EQ(before_it.size(), size_before);
      std::size_t seen = 0;
      shelf.each([&](const Entry& entry) {
        ++seen;
        ASSERT_TRUE(world.contains(entry.offer.host));
        EXPECT_EQ(world[entry.offer.host].get(), &entry);
      });
      EXPECT_EQ(seen, world.size());
      if (testing::below(random, 8) == 0) {
        shelf = shelf.settled();
        EXPECT_EQ(shelf.fresh(), 0u);
        EXPECT_EQ(shelf.size(), world.size());
      }
      if (world.empty()) continue;
      const auto entries = all_of(world);
      const Query query{testing::random_node(random, entries, 2), {}};
      const auto sort = testing::random_sort(random);
      const auto plain = testing::plainly(entries, query, sort);
      const std::size_t limit = 1 + testing::below(random, 30);
      const Found found = shelf.find({query, sort, testing::kSolPrice, limit});
      auto expected = ids(plain);
      ASSERT_EQ(found.matched, plain.size());
      ASSERT_EQ(found.more, expected.size() > limit);
      expected.resize(std::min(expected.size(), limit));
      ASSERT_EQ(ids(found.entries), expected);
    }
  }
}

// Page after page through the text of the cursor, with changes between them. What did not change
// is seen exactly once; nothing is seen twice unless it changed in between.
TEST(Shelf, PagesHoldOverChanges) {
  Random random(17);
  for (int round = 0; round < 60; ++round) {
    World world;
    Shelf shelf = Shelf().with(change(random, world, 400, 600), 100);
    const auto sort = testing::random_sort(random);
    const auto first = all_of(world);
    Query query;
    if (round % 2 == 0) query.where = testing::random_node(random, first, 1);
    std::set<base::PublicKey> changed;
    std::map<base::PublicKey, int> seen;
    std::string cursor;
    for (int page = 0; page < 1000; ++page) {
      std::optional<Place> after;
      if (!cursor.empty()) {
        after = read_cursor(cursor, sort);
        ASSERT_TRUE(after);
      }
      const Found found =
          shelf.find({query, sort, testing::kSolPrice, 7, after ? &*after : nullptr});
      for (const EntryPointer& entry : found.entries) ++seen[entry->offer.host];
      if (!found.more) break;
      cursor = cursor_text(place_of(*found.entries.back(), sort), sort);
      const Changes changes = change(random, world, 400, 3);
      for (const auto& [host, now] : changes) changed.insert(host);
      shelf = shelf.with(changes, 100);
    }
    for (const EntryPointer& entry : first) {
      if (changed.contains(entry->offer.host)) continue;
      EXPECT_EQ(seen[entry->offer.host], testing::plainly_matches(query, *entry) ? 1 : 0)
          << to_text(sort);
    }
    for (const auto& [host, times] : seen) {
      if (changed.contains(host)) continue;
      EXPECT_LE(times, 1);
    }
  }
}

TEST(Cursor, IsBelievedOnlyAsAPlaceInItsOrder) {
  Random random(2);
  const auto entry = testing::random_entry(random, 1);
  const std::vector<SortKey> by_price{{Field::price, false}, {Field::region, true}};
  const std::string good = cursor_text(place_of(*entry, by_price), by_price);
  EXPECT_EQ(read_cursor(good, by_price), place_of(*entry, by_price));
  EXPECT_FALSE(read_cursor(good, {{Field::price, false}}));
  EXPECT_FALSE(read_cursor(good, {{Field::price, true}, {Field::region, true}}));
  EXPECT_FALSE(read_cursor("", by_price));
  EXPECT_FALSE(read_cursor("zz", by_price));
  EXPECT_FALSE(read_cursor(good + "00", by_price));
  EXPECT_FALSE(read_cursor(std::string(4096, '0'), by_price));
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(read_cursor(good.substr(0, length), by_price)) << length;
  }
  // Whatever else can be read is a place, and asking for what comes after it does no harm.
  const Shelf shelf = Shelf().with({{entry->offer.host, {entry}}});
  const Query query;
  for (int i = 0; i < 5000; ++i) {
    std::string wrong = good;
    wrong[10 + testing::below(random, wrong.size() - 10)] =
        "0123456789abcdef"[testing::below(random, 16)];
    const auto place = read_cursor(wrong, by_price);
    if (place) (void)shelf.find({query, by_price, testing::kSolPrice, 5, &*place});
  }
}

}  // namespace
}  // namespace obelisk::market::search
