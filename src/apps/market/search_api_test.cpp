// GET /v1/offers as a search: what is asked, what is answered, page by page.
#include <gtest/gtest.h>

#include "apps/market/api.hpp"
#include "apps/market/api_testing.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

class SearchApi : public testing::ApiParts {
 protected:
  SearchApi() { hub.serve(leases); }

  // A host whose cards differ from the others' as `change` says.
  template <class F>
  base::PublicKey add_host(std::size_t cards, F change) {
    const base::Keypair host = base::Keypair::random();
    auto listing = testing::listing_of(host.public_key(), cards);
    change(listing);
    const auto taken = offers.take_listing(host.public_key(), testing::sign_listing(listing, host));
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().message);
    offers.host_connected(host.public_key());
    return host.public_key();
  }
  base::PublicKey add_priced(std::uint64_t micro_usd, std::size_t cards = 1) {
    return add_host(cards, [&](api::Listing& listing) { listing.micro_usd_per_hour = micro_usd; });
  }
  http::Response ask(const std::string& query) {
    http::Request request;
    request.path = "/v1/offers";
    request.query = query;
    testing::TestExchange exchange;
    api.handle(request, exchange);
    return exchange.response.value_or(http::Response{});
  }
  api::OfferList found(const std::string& query) {
    const auto response = ask(query);
    EXPECT_EQ(response.status, 200) << query << response.body;
    auto list = api::offer_list_from_json(response.body);
    EXPECT_TRUE(list) << response.body;
    return list ? *list : api::OfferList{};
  }
  std::vector<std::uint64_t> prices_of(const api::OfferList& list) {
    std::vector<std::uint64_t> out;
    for (const api::Offer& offer : list.offers) out.push_back(offer.micro_usd_per_hour);
    return out;
  }

  Api api{desk(), log};
};

TEST_F(SearchApi, FiltersAndSorts) {
  add_priced(300'000);
  add_priced(100'000, 2);
  add_priced(200'000);
  EXPECT_EQ(prices_of(found("")), (std::vector<std::uint64_t>{100'000, 200'000, 300'000}));
  EXPECT_EQ(found("").total, 3u);
  EXPECT_EQ(prices_of(found("q=price%3E%3D0.2")), (std::vector<std::uint64_t>{200'000, 300'000}));
  EXPECT_EQ(prices_of(found("q=price%3E0.1&sort=-price")),
            (std::vector<std::uint64_t>{300'000, 200'000}));
  EXPECT_EQ(prices_of(found("q=gpus%3E1+or+price%3D0.3+sort%3D-price")),
            (std::vector<std::uint64_t>{300'000, 100'000}));
  EXPECT_EQ(prices_of(found("q=rtx-4090+price%3C0.3&count=2&card=rtx-4090")),
            (std::vector<std::uint64_t>{100'000}));
  EXPECT_TRUE(found("q=card%3Da40").offers.empty());
  EXPECT_EQ(prices_of(found("q=sol%3C0.001")), (std::vector<std::uint64_t>{100'000}));
}

TEST_F(SearchApi, WithoutASolPriceTheDollarsStand) {
  add_priced(100'000);
  add_priced(200'000);
  EXPECT_TRUE(found("").offers.front().lamports_per_hour);
  prices.micro_usd_per_sol = 0;
  const auto list = found("q=price%3C%3D0.1");
  ASSERT_EQ(list.offers.size(), 1u);
  EXPECT_FALSE(list.offers.front().lamports_per_hour);
  EXPECT_EQ(prices_of(found("sort=-sol")), (std::vector<std::uint64_t>{200'000, 100'000}));
  EXPECT_EQ(ask("q=sol%3C0.001").status, 502) << "nobody can say which those are";
}

TEST_F(SearchApi, WhatAHostReportsIsShownAndSearched) {
  add_priced(100'000);
  add_host(1, [](api::Listing& listing) {
    listing.cpu_name = "AMD EPYC 9354";
    listing.driver_version = "550.54.15";
    listing.cuda_version = 12'040;
    listing.pcie_generation = 4;
    listing.pcie_lanes = 16;
    listing.nvlink_links = 0;
    listing.power_limit_mw = 450'000;
    listing.region = "eu-west";
    listing.memory_bytes_per_s = 940'000'000'000;
    listing.disk_bytes_per_s = 2'100'000'000;
    listing.upload_bits_per_s = 300'000'000;
  });
  const auto list = found("q=driver%3E%3D550+cuda%3D12.4+pcie%3D4+nvlink%3D0+cpu%3Damd*+power<500");
  ASSERT_EQ(list.offers.size(), 1u);
  const api::Offer& offer = list.offers.front();
  EXPECT_EQ(offer.cpu_name, "AMD EPYC 9354");
  EXPECT_EQ(offer.driver_version, "550.54.15");
  EXPECT_EQ(offer.cuda_version, 12'040u);
  EXPECT_EQ(offer.nvlink_links, 0u);
  EXPECT_EQ(offer.memory_bytes_per_s, 940'000'000'000u);
  EXPECT_EQ(found("q=measured_bandwidth%3E900+disk_bw%3D2.1+upload%3E%3D300").total, 1u);
  EXPECT_FALSE(offer.download_bits_per_s);
  EXPECT_FALSE(offer.reliability_bps);
  EXPECT_EQ(offer.bandwidth_bytes_per_s, 1'008'000'000'000u);
  EXPECT_EQ(offer.compute_capability, 89u);
  EXPECT_EQ(offer.listed, 1u);
  EXPECT_FALSE(offer.login_p50_ms);
  // The other host said nothing of it: neither this nor its opposite finds that one.
  EXPECT_EQ(found("q=pcie%3E0").total, 1u);
  EXPECT_EQ(found("q=not+pcie%3D9").total, 1u);
  EXPECT_EQ(found("q=region!%3Dasia").total, 1u);
}

TEST_F(SearchApi, AMistakeSaysWhere) {
  const auto response = ask("q=price%3C%3D1.50+vrm%3E%3D24GB");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  for (const char* part : {R"("parameter":"q")", R"("position":13,)", R"("charged_lamports":"0")",
                           R"("detail":"At 13: 'vrm' is no field; did you mean vram?")"}) {
    EXPECT_NE(response.body.find(part), std::string::npos) << response.body;
  }
  const auto sorted = ask("sort=price,x");
  EXPECT_NE(sorted.body.find(R"("parameter":"sort","position":7,)"), std::string::npos);
  for (const char* wrong :
       {"q=%", "q=%zz", "limit=0", "limit=501", "limit=x", "limit=", "cursor=x",
        "cursor=", "sort=", "q=sort%3Dprice&sort=price", "count=17", "q=%00", "q=%22"}) {
    EXPECT_EQ(ask(wrong).status, 422) << wrong;
  }
  EXPECT_EQ(ask("q=" + std::string(5000, 'a')).status, 422);
}

TEST_F(SearchApi, PagesHoldWhileOffersComeAndGo) {
  std::vector<base::PublicKey> hosts;
  for (std::uint64_t i = 0; i < 30; ++i) hosts.push_back(add_priced(100'000 + 10'000 * (i / 3)));
  std::map<base::PublicKey, int> seen;
  std::string cursor;
  int pages = 0;
  do {
    const auto page = found("limit=4" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const api::Offer& offer : page.offers) ++seen[offer.host];
    EXPECT_LE(page.offers.size(), 4u);
    cursor = page.next.value_or("");
    ++pages;
    if (pages == 3) add_priced(50'000);           // before all that was shown
    if (pages == 3) offers.host_gone(hosts[0]);   // shown already
    if (pages == 3) offers.host_gone(hosts[29]);  // not yet
    if (pages == 3) clock.steady += kHostGraceMs;
  } while (!cursor.empty());
  EXPECT_EQ(pages, 8);
  for (std::size_t i = 0; i < 29; ++i) EXPECT_EQ(seen[hosts[i]], 1) << i;
  EXPECT_EQ(seen.size(), 29u);
  EXPECT_EQ(ask("sort=vram&cursor=" + found("limit=4").next.value_or("")).status, 422);
}

}  // namespace
}  // namespace obelisk::market_app
