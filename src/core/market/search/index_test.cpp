#include "core/market/search/index.hpp"

#include <gtest/gtest.h>

#include "core/market/search/testing.hpp"

namespace obelisk::market::search {
namespace {

std::vector<std::string> ids(const std::vector<EntryPointer>& entries) {
  std::vector<std::string> out;
  for (const EntryPointer& entry : entries) out.push_back(entry->offer.id);
  return out;
}

Query read(std::string_view text) {
  auto parsed = parse_query(text);
  EXPECT_TRUE(std::holds_alternative<Query>(parsed)) << text;
  return std::get<Query>(std::move(parsed));
}

// One entry with a known value in every field that anybody knows.
EntryPointer whole() {
  Entry entry;
  Offer& offer = entry.offer;
  offer.id = "0123456789abcdef";
  offer.host = testing::host_of(7);
  offer.card = "rtx-4090";
  offer.free.resize(2);
  for (ListedCard& card : offer.free) card.proven_bytes = 21ull << 30;
  offer.listed = 4;
  offer.memory_bytes = 24'564ull << 20;
  offer.micro_usd_per_hour = 1'380'000;
  offer.micro_usd_per_gb_month = 50'000;
  offer.disk_bytes_max = 200'000'000'000;
  offer.ram_bytes = std::uint64_t{32} << 30;
  offer.cpu_milli = 7'500;
  offer.max_seconds = 86'400;
  offer.min_seconds = 600;
  offer.images = {{"sha256:" + std::string(64, 'a'), "ssh", 400'000'000},
                  {"sha256:" + std::string(64, 'b'), "jupyter", 900'000'000}};
  offer.pulls_max_bytes = 20'000'000'000;
  offer.region = "EU-West";
  offer.reported = {"AMD EPYC 9354",
                    "550.54.15",
                    12'040,
                    4,
                    16,
                    0,
                    450'000,
                    960'000'000'000,
                    25'000'000'000,
                    50'000'000'000,
                    3'000'000'000,
                    1'000'000'000,
                    200'000'000};
  return make_entry(std::move(entry.offer), {20, 700, 1'900}, {40, 39});
}

bool finds(const EntryPointer& entry, const std::string& text) {
  const Query query = read(text);
  const Index index({entry});
  const bool found = !index.find({query, default_sort(), testing::kSolPrice}).entries.empty();
  EXPECT_EQ(found, testing::plainly_matches(query, *entry)) << text;
  return found;
}

// For each field a comparison that holds for whole() and one that does not.
struct Case {
  Field field;
  std::string_view yes;
  std::string_view no;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> table{
      {Field::id, "id=0123456789ABCDEF", "id=0123"},
      {Field::host, "host!=x", "host=x*"},
      {Field::card, "card=rtx-*", "card=a40,l4"},
      {Field::name, "name=\"rtx 4090\"", "name=a*"},
      {Field::arch, "arch=ada", "arch!=ada"},
      {Field::gpus, "gpus=2", "gpus>2"},
      {Field::listed, "listed>=4", "listed!=4"},
      {Field::vram, "vram=24GB", "vram>24GB"},
      {Field::total_vram, "total_vram=48", "total_vram<48"},
      {Field::bandwidth, "bandwidth>=1TB/s", "bandwidth>=1009GB/s"},
      {Field::tflops, "tflops=165.2", "tflops>166"},
      {Field::total_tflops, "total_tflops=330.4", "total_flops>331"},
      {Field::capability, "capability>=8.9", "capability>=9"},
      {Field::price, "price=1.38", "price<1.38"},
      {Field::sol, "sol<=0.009857143", "sol<=0.009857142"},
      {Field::disk_price, "disk_price<=0.05", "disk_price=0"},
      {Field::traffic_price, "traffic_price=0", "inet_down_cost>0"},
      {Field::tflops_per_usd, "tflops_per_usd=119..120", "tflops_per_usd>=120"},
      {Field::duration, "duration>=1d", "duration>24h"},
      {Field::min_duration, "min_duration<=10min", "min_duration<10"},
      {Field::region, "region=eu*", "region=us*,asia"},
      {Field::simulated, "simulated=no", "simulated"},
      {Field::cpu, "cpu=amd*", "cpu=intel*"},
      {Field::cores, "cores>=7.5", "cores>=8"},
      {Field::ram, "ram=32GB", "ram>32GB"},
      {Field::disk, "disk=200GB", "disk>200GB"},
      {Field::image, "image=sha256:bb*", "image=sha256:c*"},
      {Field::templates, "template=jup*,vllm", "template!=ssh"},
      {Field::pulls, "pulls>=20GB", "pulls>20GB"},
      {Field::driver, "driver=550", "driver>550"},
      {Field::cuda, "cuda=12.4", "cuda>=12.5"},
      {Field::pcie, "pcie>=4", "pcie=3"},
      {Field::lanes, "lanes=16", "lanes<16"},
      {Field::nvlink, "nvlink=0", "nvlink>0"},
      {Field::power, "power=450W", "power<450W"},
      {Field::login_p50, "login_p50=700ms", "login_p50>0.7"},
      {Field::login_p95, "login_p95<=2s", "login_p95<=1s"},
      {Field::logins, "logins>=20", "logins>20"},
      {Field::measured_bandwidth, "measured_bandwidth>=900GB/s", "measured_bandwidth>1TB/s"},
      {Field::pcie_bandwidth, "pcie_bw=25", "pcie_bw>25"},
      {Field::nvlink_bandwidth, "nvlink_bandwidth<=50", "nvlink_bandwidth<50"},
      {Field::disk_bandwidth, "disk_bw>=2GB/s", "disk_bw>=4GB/s"},
      {Field::download, "download>=500", "download>1Gbps"},
      {Field::upload, "upload=200Mbps", "upload>200"},
      {Field::reliability, "reliability>=97.5", "reliability>97.5%"},
      {Field::proven, "proven=21GB", "proven>21GB"},
  };
  return table;
}

TEST(Index, EveryFieldIsCompared) {
  ASSERT_EQ(cases().size(), kFieldCount);
  const EntryPointer entry = whole();
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    const Case& one = cases()[i];
    ASSERT_EQ(static_cast<std::size_t>(one.field), i);
    const std::string yes(one.yes);
    const std::string no(one.no);
    EXPECT_TRUE(finds(entry, yes)) << yes;
    EXPECT_FALSE(finds(entry, no)) << no;
    EXPECT_FALSE(finds(entry, "not " + yes)) << yes;
    EXPECT_TRUE(finds(entry, "not " + no)) << no;
  }
}

// Neither a comparison nor its opposite holds of what nobody knows.
TEST(Index, TheUnknownMatchesNothing) {
  Entry bare;
  bare.offer.card = "cpu";
  bare.offer.id = "x";
  const auto entry = make_entry(std::move(bare.offer), {});
  std::size_t unknown = 0;
  for (const FieldInfo& field : fields()) {
    const bool is_text = field.kind == Kind::text;
    if (is_text ? !text_of(*entry, field.field).empty()
                : number_of(*entry, field.field) != kUnknown) {
      continue;
    }
    ++unknown;
    const std::string name(field.name);
    const std::string value = is_text ? "a" : field.kind == Kind::flag ? "yes" : "1";
    for (const std::string sign : {"=", "!="}) {
      EXPECT_FALSE(finds(entry, name + sign + value)) << name;
      EXPECT_FALSE(finds(entry, "not " + name + sign + value)) << name;
      EXPECT_FALSE(finds(entry, "not not " + name + sign + value)) << name;
    }
    if (field.kind != Kind::flag) {
      EXPECT_FALSE(finds(entry, name + "=*")) << name;
    }
    EXPECT_TRUE(finds(entry, name + "=" + value + " or card=cpu"));
    EXPECT_FALSE(finds(entry, "not (" + name + "=" + value + " and card=cpu)"));
  }
  EXPECT_GE(unknown, 20u);
}

TEST(Index, WithoutASolPriceNothingIsKnownInSol) {
  const Index index({whole()});
  for (const char* text : {"sol>=0", "sol!=1", "not sol=1", "sol=*"}) {
    const Query query = read(text);
    EXPECT_TRUE(index.find({query, default_sort(), 0}).entries.empty()) << text;
    EXPECT_EQ(index.find({query, default_sort(), 1'000'000}).entries.size(), 1u) << text;
  }
}

TEST(Index, AnswersAsThePlainEvaluationDoes) {
  testing::Random random(11);
  std::size_t matched = 0;
  for (int round = 0; round < 20; ++round) {
    const auto entries = testing::random_entries(random, 1 + testing::below(random, 2500));
    const Index index(entries);
    for (int i = 0; i < 40; ++i) {
      Query query;
      if (i != 0) query.where = testing::random_node(random, entries, 3);
      const auto sort = testing::random_sort(random);
      const auto plain = testing::plainly(entries, query, sort);
      const std::size_t limit = 1 + testing::below(random, 50);
      const Found found = index.find({query, sort, testing::kSolPrice, limit});
      ASSERT_EQ(found.matched, plain.size()) << to_text(query);
      auto expected = ids(plain);
      EXPECT_EQ(found.more, expected.size() > limit);
      expected.resize(std::min(expected.size(), limit));
      ASSERT_EQ(ids(found.entries), expected) << to_text(query) << " by " << to_text(sort);
      matched += plain.size();
    }
  }
  EXPECT_GT(matched, 10'000u);
}

TEST(Index, AnEmptyOneFindsNothing) {
  const Index index({});
  const Query query = read("price<=1 or -simulated");
  const Found found = index.find({query, default_sort(), testing::kSolPrice});
  EXPECT_TRUE(found.entries.empty());
  EXPECT_EQ(found.matched, 0u);
  EXPECT_FALSE(found.more);
}

TEST(Index, PercentilesAreByNearestRank) {
  EXPECT_EQ(login_times({}), LoginTimes{});
  EXPECT_EQ(login_times({700}), (LoginTimes{1, 700, 700}));
  EXPECT_EQ(login_times({3, 1, 2}), (LoginTimes{3, 2, 3}));
  std::vector<std::uint32_t> hundred;
  for (std::uint32_t i = 100; i > 0; --i) hundred.push_back(i);
  EXPECT_EQ(login_times(hundred), (LoginTimes{100, 50, 95}));
}

}  // namespace
}  // namespace obelisk::market::search
