#include "core/market/book.hpp"

#include <gtest/gtest.h>

namespace obelisk::market {
namespace {

constexpr std::uint64_t kGib = std::uint64_t{1} << 30;
constexpr base::UnixMillis kNow = 1'795'000'000'000;

base::PublicKey key(std::uint8_t seed) {
  base::PublicKey out;
  out.bytes.fill(seed);
  return out;
}

ListedCard card(const std::string& uuid, const std::string& kind = "rtx-4090") {
  if (kind == "cpu") return {uuid, kind, "AMD EPYC", 0};
  if (kind == "a40") return {uuid, kind, "NVIDIA A40", 46'068ull << 20};
  return {uuid, kind, "NVIDIA GeForce RTX 4090", 24'564ull << 20};
}

Listing listing(std::uint8_t host, std::uint64_t price, std::vector<ListedCard> cards) {
  Listing out;
  out.host = key(host);
  out.seq = 1;
  out.cards = std::move(cards);
  out.micro_usd_per_hour = price;
  out.disk_bytes_max = 500 * kGib;
  out.ram_bytes = 128 * kGib;
  out.cpu_milli = 32'000;
  out.max_seconds = 86'400;
  out.images = {{"sha256:" + std::string(64, '0'), "ssh", 400'000'000}};
  return out;
}

constexpr auto kAll = [](const base::PublicKey&) { return true; };

TEST(Book, ALaterListingReplacesAnEarlierOne) {
  ListingBook book;
  Listing one = listing(1, 100, {card("GPU-1")});
  EXPECT_TRUE(book.put(one));
  EXPECT_FALSE(book.put(one));
  one.seq = 2;
  one.micro_usd_per_hour = 200;
  EXPECT_TRUE(book.put(one));
  Listing late = listing(1, 50, {card("GPU-1")});
  EXPECT_FALSE(book.put(late));
  EXPECT_EQ(book.find(key(1))->micro_usd_per_hour, 200u);
  EXPECT_EQ(book.find(key(2)), nullptr);
}

TEST(Book, AnOfferShrinksTowardsItsHostsMaintenance) {
  constexpr base::UnixSeconds kFrom = 1'000'000;
  ListingBook book;
  Listing one = listing(1, 100, {card("GPU-1")});
  one.maintenance_from_s = kFrom;
  book.put(one);
  const auto longest = [&](base::UnixSeconds now_s) {
    const auto offers = book.offers_of(key(1), {}, now_s);
    EXPECT_EQ(offers.size(), book.offers({}, kAll, now_s).size());
    return offers.empty() ? 0U : offers.front().max_seconds;
  };
  EXPECT_EQ(longest(kFrom - 200'000), 86'400U) << "far away it is what the host says";
  EXPECT_EQ(longest(kFrom - 3'600), 3'600U - 120U);
  EXPECT_EQ(longest(kFrom - 3'599), 3'600U - 180U) << "whole minutes, rounded down";
  EXPECT_EQ(longest(kFrom - 180), 60U) << "the shortest lease there is";
  EXPECT_EQ(longest(kFrom - 179), 0U);
  EXPECT_EQ(longest(kFrom), 0U);
  EXPECT_EQ(longest(kFrom + 1'000'000), 0U);
  EXPECT_EQ(book.offers_of(key(1), {}, 0).front().maintenance_from_s, kFrom);
  for (base::UnixSeconds now_s = kFrom - 4'000; now_s < kFrom; now_s += 7) {
    EXPECT_LE(now_s + kBeforeStartS + longest(now_s), std::max(kFrom, now_s + kBeforeStartS));
  }
}

TEST(Book, AListingWithoutCardsOffersNothing) {
  ListingBook book;
  Listing one = listing(1, 100, {card("GPU-1")});
  book.put(one);
  EXPECT_EQ(book.offers({}, kAll, 0).size(), 1U);
  one.seq = 2;
  one.cards.clear();
  EXPECT_TRUE(check_listing(one, false, kNow).ok());
  book.put(one);
  EXPECT_TRUE(book.offers({}, kAll, 0).empty());
  EXPECT_TRUE(book.offers_of(key(1), {}, 0).empty());
}

TEST(Book, MakesRoomOnlyByWhoIsDispensable) {
  ListingBook book;
  book.put(listing(1, 300, {card("GPU-1")}));
  book.put(listing(2, 300, {card("GPU-1")}));
  const auto is_second = [](const base::PublicKey& host) { return host == key(2); };
  EXPECT_TRUE(book.forget_one(is_second));
  EXPECT_FALSE(book.forget_one(is_second));
  EXPECT_NE(book.find(key(1)), nullptr);
  EXPECT_EQ(book.hosts(), 1u);
}

TEST(Book, OffersAreOneKindOnOneHostCheapestFirst) {
  ListingBook book;
  book.put(listing(1, 300, {card("GPU-2"), card("GPU-1"), card("GPU-3", "a40")}));
  book.put(listing(2, 200, {card("GPU-1")}));
  book.put(listing(3, 100, {}));
  book.put(listing(4, 50, {card("GPU-1")}));
  const auto offers = book.offers(
      {{key(1), "GPU-1"}}, [](const base::PublicKey& host) { return host != key(4); }, 0);
  ASSERT_EQ(offers.size(), 3u);
  EXPECT_EQ(offers[0].host, key(2));
  EXPECT_EQ(offers[0].free.size(), 1u);  // another host's GPU-1 is another card
  const auto mixed = matching(offers, {.card = "rtx-4090"});
  ASSERT_EQ(mixed.size(), 2u);
  EXPECT_EQ(mixed[1].host, key(1));
  EXPECT_EQ(mixed[1].listed, 2u);
  ASSERT_EQ(mixed[1].free.size(), 1u);
  EXPECT_EQ(mixed[1].free[0].uuid, "GPU-2");
  EXPECT_EQ(mixed[1].ram_bytes, 128 * kGib / 3);
  EXPECT_EQ(mixed[1].cpu_milli, 32'000u / 3);
  EXPECT_NE(offers[1].id, offers[2].id);
}

TEST(Book, AnOffersIdIsStableAndBelongsToHostAndKind) {
  EXPECT_EQ(offer_id(key(1), "a40"), offer_id(key(1), "a40"));
  EXPECT_EQ(offer_id(key(1), "a40").size(), 16u);
  EXPECT_NE(offer_id(key(1), "a40"), offer_id(key(2), "a40"));
  EXPECT_NE(offer_id(key(1), "a40"), offer_id(key(1), "l4"));
}

TEST(Book, SearchKeepsWhatFits) {
  ListingBook book;
  book.put(listing(1, 300, {card("GPU-1"), card("GPU-2")}));
  const auto offers = book.offers({}, kAll, 0);
  const std::string id = offers[0].id;
  EXPECT_EQ(matching(offers, {.offer = id, .count = 2}).size(), 1u);
  EXPECT_TRUE(matching(offers, {.offer = id, .count = 3}).empty());
  EXPECT_TRUE(matching(offers, {.card = "a40"}).empty());
  EXPECT_TRUE(matching(offers, {.card = "rtx-4090", .seconds = 86'401}).empty());
  EXPECT_TRUE(matching(offers, {.card = "rtx-4090", .disk_bytes = 251 * kGib}).empty());
  EXPECT_EQ(matching(offers, {.count = 2, .disk_bytes = 500 * kGib}).size(), 1u);
  EXPECT_TRUE(matching(offers, {.count = 2, .disk_bytes = 501 * kGib}).empty());
  EXPECT_EQ(matching(offers, {}).size(), 1u);
}

TEST(Book, NothingShorterIsSoldThanItsHostSays) {
  ListingBook book;
  Listing one = listing(1, 300, {card("GPU-1")});
  one.min_seconds = 600;
  book.put(one);
  one.host = key(2);
  one.min_seconds = 1'200;
  book.put(one);
  const auto offers = book.offers({}, kAll, 0);
  EXPECT_EQ(matching(offers, {.seconds = 600, .bought = 600}).size(), 1U);
  EXPECT_EQ(matching(offers, {.seconds = 7'200, .bought = 1'200}).size(), 2U);
  EXPECT_EQ(matching(offers, {}).size(), 2U) << "who does not say how long sees all";
  const Search shorter{.card = "rtx-4090", .seconds = 3'600, .bought = 599};
  EXPECT_TRUE(matching(offers, shorter).empty());
  const base::Error why = why_none(offers, shorter, 0);
  EXPECT_EQ(why.code, base::Code::invalid_input);
  EXPECT_NE(why.message.find("the shortest is 10 min"), std::string::npos) << why.message;
  EXPECT_TRUE(why.action.starts_with("Ask for 600 seconds or more")) << why.action;
  one.seq = 2;
  one.maintenance_from_s = 1'000'000;
  book.put(one);
  EXPECT_EQ(book.offers_of(key(2), {}, 1'000'000 - 1'320).size(), 1U);
  EXPECT_TRUE(book.offers_of(key(2), {}, 1'000'000 - 1'319).empty()) << "no time for its shortest";
}

TEST(Book, OneCardBringsItsShareOfTheDisk) {
  ListingBook book;
  book.put(listing(1, 300, {card("GPU-1"), card("GPU-2")}));
  const auto offers = book.offers({{key(1), "GPU-2"}}, kAll, 0);
  EXPECT_EQ(offers[0].disk_bytes_max, 250 * kGib);
}

TEST(Book, SaysWhyThereIsNothing) {
  ListingBook book;
  book.put(listing(1, 300, {card("GPU-1"), card("GPU-2")}));
  book.put(listing(2, 300, {card("GPU-1", "a40")}));
  const auto offers = book.offers({{key(1), "GPU-1"}, {key(1), "GPU-2"}}, kAll, 0);
  const auto why = [&](const Search& search, std::int64_t in_s = 0) {
    EXPECT_TRUE(matching(offers, search).empty());
    return why_none(offers, search, in_s);
  };
  const auto unknown = why({.card = "rtx-9090"});
  EXPECT_EQ(unknown.code, base::Code::not_found);
  EXPECT_NE(unknown.action.find("rtx-4090"), std::string::npos);
  const auto hostile = why({.card = std::string("\xff\n") + std::string(100, 'x')});
  EXPECT_EQ(hostile.message, "There is no card '??" + std::string(38, 'x') + "'.");
  const auto nobody = why({.card = "h100-sxm"});
  EXPECT_EQ(nobody.code, base::Code::not_found);
  EXPECT_EQ(nobody.action, "Free now: a40 (1).");
  EXPECT_EQ(why({.offer = "0000000000000000"}).code, base::Code::not_found);
  EXPECT_EQ(why({.card = "rtx-4090", .count = 3}).action, "Ask for 2 or fewer.");
  EXPECT_EQ(why({.card = "rtx-4090", .seconds = 90'000}).code, base::Code::invalid_input);
  EXPECT_EQ(why({.card = "rtx-4090", .disk_bytes = 600 * kGib}).code, base::Code::invalid_input);
  const auto taken = why({.card = "rtx-4090"}, 1'800);
  EXPECT_EQ(taken.code, base::Code::conflict);
  EXPECT_NE(taken.message.find("30 min"), std::string::npos) << taken.message;
  EXPECT_EQ(taken.charged_lamports, 0u);
}

TEST(Listing, AHostIsBelievedOnlyWhatCanBe) {
  const Listing good = listing(1, 300, {card("GPU-1"), card("GPU-2"), card("CPU-1", "cpu")});
  EXPECT_TRUE(check_listing(good, false, kNow));
  const auto refused = [&](auto change, bool local = false) {
    Listing bad = good;
    change(bad);
    return !check_listing(bad, local, kNow);
  };
  EXPECT_TRUE(refused([](Listing& l) { l.cards[0].card = "rtx-5090"; }));
  EXPECT_TRUE(refused([](Listing& l) { l.cards[0].card = "gpu"; }));
  EXPECT_TRUE(refused([](Listing& l) { l.cards[0].driver_name = "NVIDIA GeForce RTX 4090 D"; }));
  EXPECT_TRUE(refused([](Listing& l) { l.cards[0].memory_bytes = 48 * kGib; }));
  EXPECT_TRUE(refused([](Listing& l) { l.cards[0].memory_bytes = 0; }));
  EXPECT_TRUE(refused([](Listing& l) { l.cards[0].uuid = "GPU-1 $(reboot)"; }));
  EXPECT_TRUE(refused([](Listing& l) { l.cards[0].uuid = ""; }));
  EXPECT_TRUE(refused([](Listing& l) { l.cards[1].uuid = "GPU-1"; }));
  EXPECT_TRUE(refused([](Listing& l) { l.cards[2].driver_name = "\x1b[2J"; }));
  EXPECT_TRUE(refused([](Listing& l) {
    for (int i = 0; i < 62; ++i) l.cards.push_back(card("X-" + std::to_string(i)));
  }));
  EXPECT_TRUE(refused([](Listing& l) { l.micro_usd_per_hour = 0; }));
  EXPECT_TRUE(refused([](Listing& l) { l.micro_usd_per_hour = 1'000'000'001; }));
  EXPECT_TRUE(refused([](Listing& l) { l.micro_usd_per_gb_month = 1'000'001; }));
  EXPECT_TRUE(refused([](Listing& l) { l.max_seconds = 59; }));
  EXPECT_TRUE(refused([](Listing& l) { l.min_seconds = 59; }));
  EXPECT_TRUE(refused([](Listing& l) { l.min_seconds = l.max_seconds + 1; }));
  EXPECT_TRUE(refused([](Listing& l) { l.ram_bytes = UINT64_MAX; }));
  EXPECT_TRUE(refused([](Listing& l) { l.cpu_milli = UINT32_MAX; }));
  EXPECT_TRUE(refused([](Listing& l) { l.images[0].digest = "debian:12"; }));
  EXPECT_TRUE(refused([](Listing& l) { l.images.clear(); }));
  EXPECT_TRUE(refused([](Listing& l) { l.region = "a\nb"; }));
  EXPECT_TRUE(refused([](Listing& l) { l.seq = kNow + kMaxSeqAheadMs + 1; }));
  EXPECT_TRUE(refused([](Listing& l) { l.seq = UINT64_MAX; }));
  EXPECT_TRUE(refused([](Listing& l) { l.simulated = true; }));
  EXPECT_FALSE(refused([](Listing& l) { l.simulated = true; }, true));
  EXPECT_FALSE(refused([](Listing& l) { l.cards.clear(); }));
}

}  // namespace
}  // namespace obelisk::market
