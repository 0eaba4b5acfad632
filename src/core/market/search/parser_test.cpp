#include <gtest/gtest.h>

#include "core/market/search/testing.hpp"

namespace obelisk::market::search {
namespace {

Query read(std::string_view text) {
  const auto parsed = parse_query(text);
  if (const auto* mistake = std::get_if<Mistake>(&parsed)) {
    ADD_FAILURE() << text << ": " << mistake->error().message;
    return {};
  }
  return std::get<Query>(parsed);
}

std::string mistake_of(std::string_view text) {
  const auto parsed = parse_query(text);
  const auto* mistake = std::get_if<Mistake>(&parsed);
  if (mistake == nullptr) return "none";
  EXPECT_FALSE(mistake->action.empty());
  return mistake->error().message;
}

// What a query comes to, written in the one way that the writer has.
std::string written(std::string_view text) { return to_text(read(text)); }

TEST(Parser, ReadsTheExamplesOfTheDocuments) {
  EXPECT_EQ(written("card=rtx-4090,a40 gpus>=2 vram>=24GB price<=1.50 region=eu* -simulated "
                    "order=price"),
            "card=\"rtx-4090\",\"a40\" gpus>=2 vram>=24GB price<=1.5USD region=\"eu\"* "
            "not simulated=yes sort=price");
  EXPECT_EQ(written(""), "");
  EXPECT_EQ(written("  \t\n"), "");
  EXPECT_EQ(written("sort=price,-vram"), "sort=price,-vram");
  EXPECT_EQ(written("cpu"), "card=\"cpu\"") << "a card first, though there is such a field";
  EXPECT_EQ(written("a40 or l4"), "card=\"a40\" or card=\"l4\"");
  EXPECT_EQ(written("(a40 or l4) and price<1"), "(card=\"a40\" or card=\"l4\") price<1USD");
  EXPECT_EQ(written("a40 price<1 or l4"), "card=\"a40\" price<1USD or card=\"l4\"");
  EXPECT_EQ(written("NOT (a40 OR l4)"), "not (card=\"a40\" or card=\"l4\")");
  EXPECT_EQ(written("price <= $1.50"), "price<=1.5USD");
}

TEST(Parser, SpacesAndLetterCaseDoNotMatter) {
  EXPECT_EQ(read("vram >= 24 gpus=2"), read("VRAM>=24gb GPUs==2"));
  EXPECT_EQ(read("card = a40 , L4"), read("gpu=a40,l4"));
  EXPECT_EQ(read("card=mig-h100-sxm-1g.10gb"), read("MIG-H100-sxm-1g.10gb"));
  EXPECT_EQ(read("region=EU*"), read("geolocation=\"eu\"*"));
  EXPECT_EQ(read("simulated"), read("simulated=true"));
  EXPECT_EQ(read("-simulated"), read("not simulated"));
}

TEST(Parser, QuantitiesAreExact) {
  const auto number = [](std::string_view text) {
    const Query query = read(text);
    return query.where ? query.where->test.values.front().span.low : kUnknown;
  };
  EXPECT_EQ(number("vram=24"), std::uint64_t{24} << 30);
  EXPECT_EQ(number("vram=24GiB"), std::uint64_t{24} << 30);
  EXPECT_EQ(number("vram=0.5TB"), std::uint64_t{1} << 39);
  EXPECT_EQ(number("disk=24"), 24'000'000'000u);
  EXPECT_EQ(number("disk=24GiB"), std::uint64_t{24} << 30);
  EXPECT_EQ(number("price=1.380000"), 1'380'000u);
  EXPECT_EQ(number("sol=0.009857143"), 9'857'143u);
  EXPECT_EQ(number("sol=7lamports"), 7u);
  EXPECT_EQ(number("duration=1.5"), 5'400'000u);
  EXPECT_EQ(number("duration=90min"), 5'400'000u);
  EXPECT_EQ(number("login_p50=2"), 2'000u);
  EXPECT_EQ(number("login_p50=1500ms"), 1'500u);
  EXPECT_EQ(number("cores=1.5"), 1'500u);
  EXPECT_EQ(number("bandwidth=1TB/s"), 1'000'000'000'000u);
  EXPECT_EQ(number("tflops=165.2"), 165'200u);
  EXPECT_EQ(number("power=450"), 450'000u);
}

TEST(Parser, AVersionIsAsLongAsItIsWritten) {
  const auto span = [](std::string_view text) {
    return read(text).where->test.values.front().span;
  };
  EXPECT_EQ(span("driver=550.54.15"),
            (Span{version_number("550.54.15"), version_number("550.54.15")}));
  EXPECT_EQ(span("driver=550").low, version_number("550.0.0"));
  EXPECT_EQ(span("driver=550").high, version_number("551.0.0") - 1);
  EXPECT_EQ(span("cuda=12.4").low, version_number(12, 4));
  EXPECT_EQ(span("capability=8.9"), (Span{version_number(8, 9), version_number(8, 10) - 1}));
  EXPECT_EQ(version_number("550.x"), kUnknown);
  EXPECT_EQ(version_number("1.2.3.4"), kUnknown);
  EXPECT_EQ(version_number("1048576"), kUnknown);
  EXPECT_EQ(version_number(""), kUnknown);
}

TEST(Parser, RangesAndTheStar) {
  const auto span = [](std::string_view text) {
    return read(text).where->test.values.front().span;
  };
  EXPECT_EQ(span("vram=24..48GB"), (Span{std::uint64_t{24} << 30, std::uint64_t{48} << 30}));
  EXPECT_EQ(span("disk=100..500MB"), (Span{100'000'000, 500'000'000}));
  EXPECT_EQ(span("price=0.5..$1"), (Span{500'000, 1'000'000}));
  EXPECT_EQ(span("cuda=12..12.4"), (Span{version_number(12, 0), version_number(12, 5) - 1}));
  EXPECT_EQ(span("login_p50=*"), (Span{0, kMaxNumber}));
}

TEST(Parser, SaysWhereAndWhat) {
  EXPECT_EQ(mistake_of("price<=1.50 vrm>=24GB"), "At 13: 'vrm' is no field; did you mean vram?");
  EXPECT_EQ(mistake_of("xyzzy>=24GB"), "At 1: 'xyzzy' is no field.");
  EXPECT_EQ(mistake_of("a4O"), "At 1: 'a4O' is no field and no card; did you mean a40?");
  EXPECT_EQ(mistake_of("card=a40,rtx-4900"),
            "At 10: there is no card 'rtx-4900'; did you mean rtx-4090?");
  EXPECT_EQ(mistake_of("card=zz*"), "At 6: there is no card 'zz*'.");
  EXPECT_EQ(mistake_of("vram"), "At 5: vram has to be compared with something.");
  EXPECT_EQ(mistake_of("vram>="), "At 7: a value has to stand after vram.");
  EXPECT_EQ(mistake_of("vram>=24,48"), "At 9: a list goes with = and != only.");
  EXPECT_EQ(mistake_of("vram>=24..48"), "At 7: '24..48' goes with = and != only.");
  EXPECT_EQ(mistake_of("vram=48..24"), "At 6: '48..24' ends before it begins.");
  EXPECT_EQ(mistake_of("vram=24Gb/s"),
            "At 6: '24Gb/s' is no number of TB, GB, MB, TiB, GiB, MiB, kB, B.");
  EXPECT_EQ(mistake_of("gpus>=1.5"), "At 7: '1.5' is finer than is counted here.");
  EXPECT_EQ(mistake_of("gpus>=-1"), "At 7: '-1' is no number.");
  EXPECT_EQ(mistake_of("gpus>=1e3"), "At 7: '1e3' is no number.");
  EXPECT_EQ(mistake_of("price=0.0000001"), "At 7: '0.0000001' is finer than is counted here.");
  EXPECT_EQ(mistake_of("price=99999999999999999999"),
            "At 7: '99999999999999999999' is no number of USD.");
  EXPECT_EQ(mistake_of("vram=9999999999999999TB"), "At 6: '9999999999999999TB' is too large.");
  EXPECT_EQ(mistake_of("driver>=550.x"), "At 9: '550.x' is no version, as 12 or 550.54.15 are.");
  EXPECT_EQ(mistake_of("simulated=maybe"), "At 11: 'maybe' is neither yes nor no.");
  EXPECT_EQ(mistake_of("card<a40"), "At 5: card has no order: it is only = or != something.");
  EXPECT_EQ(mistake_of("card=!a40"), "At 6: a value has to stand after card.");
  EXPECT_EQ(mistake_of("vram!24"), "At 5: a comparison is one of = != < <= > >=.");
  EXPECT_EQ(mistake_of("region=*west"), "At 8: a * stands at the end only: eu*.");
  EXPECT_EQ(mistake_of("vram=\"24\"*"), "At 6: a * goes with text only.");
  EXPECT_EQ(mistake_of("region=\"eu"), "At 8: this '\"' is never closed.");
  EXPECT_EQ(mistake_of("(a40 or l4"), "At 1: this '(' is never closed.");
  EXPECT_EQ(mistake_of("a40)"), "At 4: nothing is open that ')' could close.");
  EXPECT_EQ(mistake_of("()"), "At 1: nothing stands in these parentheses.");
  EXPECT_EQ(mistake_of("a40 or"),
            "At 7: something to look for has to stand on both sides of 'or'.");
  EXPECT_EQ(mistake_of("a40 and"), "At 8: something to look for has to stand after 'and'.");
  EXPECT_EQ(mistake_of("not"), "At 1: nothing stands here that could be excluded.");
  EXPECT_EQ(mistake_of("not or a40"), "At 5: a field has to stand before 'or'.");
  EXPECT_EQ(mistake_of(", a40"), "At 1: a field has to stand before ','.");
  EXPECT_EQ(mistake_of("=24"), "At 1: a field has to stand before '='.");
  EXPECT_EQ(mistake_of("region=\xc3\xbc"), "At 8: this is no plain ASCII.");
  EXPECT_EQ(mistake_of("sort=nothing"), "At 6: 'nothing' is no field to sort by.");
  EXPECT_EQ(mistake_of("sort=image"), "At 6: an offer has several of 'image'.");
  EXPECT_EQ(mistake_of("sort=price,prce"),
            "At 12: 'prce' is no field to sort by; did you mean price?");
  EXPECT_EQ(mistake_of("sort=price,-price"), "At 13: 'price' is in this sort order twice.");
  EXPECT_EQ(mistake_of("sort=price sort=vram"), "At 12: this is the second sort order.");
  EXPECT_EQ(mistake_of("sort>price"), "At 5: a sort order is named with =.");
  EXPECT_EQ(mistake_of("(a40 sort=price)"),
            "At 6: a sort order stands outside of parentheses and nots.");
  EXPECT_EQ(mistake_of("sort=price,vram,gpus,ram,disk"), "At 26: a sort order has at most 4 keys.");
}

TEST(Parser, EverythingIsBounded) {
  EXPECT_EQ(mistake_of(std::string(1025, ' ')), "At 1025: a query has at most 1024 bytes.");
  EXPECT_EQ(mistake_of(std::string(17, '(')), "At 17: this is nested too deeply.");
  EXPECT_EQ(mistake_of(std::string(500, '-')), "At 17: this is nested too deeply.");
  std::string many;
  for (int i = 0; i < 33; ++i) many += "gpus>1 ";
  EXPECT_EQ(mistake_of(many), "At 225: a query compares at most 32 times.");
  std::string values = "gpus=1";
  for (int i = 0; i < 64; ++i) values += ",1";
  EXPECT_EQ(mistake_of(values), "At 134: a query has at most 64 values.");
  const std::string word(600, 'v');
  EXPECT_LT(mistake_of(word + "=1").size(), 100u);
}

TEST(Parser, WhatIsWrittenIsReadAgain) {
  testing::Random random(5);
  const auto entries = testing::random_entries(random, 50);
  int compared = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Query query{testing::random_node(random, entries, 3), testing::random_sort(random)};
    const std::string text = to_text(query);
    if (text.size() > kMaxQueryBytes) continue;
    const auto again = parse_query(text);
    if (const auto* mistake = std::get_if<Mistake>(&again)) {
      // Only what a query may not be for its size.
      EXPECT_NE(mistake->what.find("at most"), std::string::npos) << text << mistake->what;
      continue;
    }
    const Query& read_again = std::get<Query>(again);
    EXPECT_EQ(to_text(read_again), text);
    EXPECT_EQ(read_again.sort, query.sort);
    for (const EntryPointer& entry : entries) {
      EXPECT_EQ(testing::plainly_matches(read_again, *entry),
                testing::plainly_matches(query, *entry))
          << text;
    }
    ++compared;
  }
  EXPECT_GT(compared, 15'000);
}

TEST(Parser, ASortOrderAlone) {
  const auto sort = parse_sort("price, -vram");
  ASSERT_TRUE(std::holds_alternative<std::vector<SortKey>>(sort));
  EXPECT_EQ(to_text(std::get<std::vector<SortKey>>(sort)), "price,-vram");
  for (const char* wrong : {"", "-", "price,", "price vram", "price;"}) {
    EXPECT_TRUE(std::holds_alternative<Mistake>(parse_sort(wrong))) << wrong;
  }
}

}  // namespace
}  // namespace obelisk::market::search
