#include "core/market/terms.hpp"

#include <gtest/gtest.h>

#include <random>

#include "base/crypto.hpp"
#include "core/market/canonical_reader.hpp"
#include "core/market/terms_testing.hpp"

namespace obelisk::market {
namespace {

using testing::example;
using testing::key;

TEST(Terms, AreReadBackExactly) {
  const Terms terms = example();
  const std::string text = terms_text(terms);
  const auto back = read_terms(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, terms);
  EXPECT_EQ(terms_text(*back), text);
  // The format is contract: what this version signed must be readable by every later one.
  EXPECT_EQ(terms_hash(text).to_string(), "96sn8SEF535kND1MmVPzn8z2YqWXDUC7GxZHT3cwLo3p");
  EXPECT_TRUE(text.starts_with(R"({"attestor":"GgBaCs3NCBuZN12kCJgAW63ydqohFkHEdfdEXBPzLHq")"))
      << text;
}

TEST(Terms, WhatIsProvenOfACardIsThereOnlyIfSomethingIs) {
  Terms terms = example();
  terms.cards[1].proven_bytes = 23'000'000'000;
  const std::string text = terms_text(terms);
  EXPECT_NE(text.find(R"("memory_bytes":25757220864,"proven_bytes":23000000000,"uuid")"),
            std::string::npos);
  const auto back = read_terms(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, terms);
  std::string nothing = text;
  nothing.replace(nothing.find("23000000000"), 11, "0");
  EXPECT_FALSE(read_terms(nothing)) << "there is one way to say it";
}

TEST(Terms, NoFieldIsMissing) {
  const std::string text = terms_text(example());
  for (const char* field : {"attestor",
                            "card",
                            "cards",
                            "uuid",
                            "memory_bytes",
                            "cpu_milli",
                            "debit",
                            "bond_lamports",
                            "cards_lamports",
                            "disk_lamports",
                            "traffic_lamports",
                            "network_fees_lamports",
                            "price_lamports",
                            "total_lamports",
                            "disk_bytes",
                            "expires_at",
                            "fee_bps",
                            "host",
                            "image",
                            "lamports_per_hour",
                            "market",
                            "market_rev",
                            "max_seconds",
                            "nonce",
                            "offer",
                            "ports",
                            "program",
                            "ram_bytes",
                            "renter",
                            "seconds",
                            "simulated",
                            "sol_price",
                            "micro_usd_per_sol",
                            "source",
                            "at_ms",
                            "ssh_key",
                            "unproven_limit_s",
                            "version"}) {
    EXPECT_NE(text.find("\"" + std::string(field) + "\":"), std::string::npos) << field;
  }
}

TEST(Terms, AQuoteIsOneTextAndOneSignature) {
  const auto attestor = base::Keypair::random();
  Terms terms = example();
  terms.attestor = attestor.public_key();
  const std::string text = terms_text(terms);
  const base::Bytes message = quote_message(terms_hash(text));
  ASSERT_EQ(message.size(), 40u);
  EXPECT_EQ(std::string(message.begin(), message.begin() + 8), "OBELISKQ");
  const auto signature = attestor.sign(message);
  EXPECT_TRUE(verify_quote(text, attestor.public_key(), signature));
  EXPECT_FALSE(verify_quote(text + " ", attestor.public_key(), signature));
  EXPECT_FALSE(verify_quote(text, base::Keypair::random().public_key(), signature));
}

// Whatever single byte is changed, left out or added: refused, or read as a different text that is
// itself canonical. Never the same terms from another text.
TEST(Terms, TamperingIsSeenOrChangesTheHash) {
  const Terms terms = example();
  const std::string text = terms_text(terms);
  std::mt19937 random(7);
  const auto judge = [&](const std::string& changed) {
    if (changed == text) return;
    const auto read = read_terms(changed);
    if (!read) return;
    EXPECT_EQ(terms_text(*read), changed);
    EXPECT_NE(*read, terms);
    EXPECT_NE(terms_hash(changed), terms_hash(text));
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(random() & 0xff);
    judge(changed);
    judge(text.substr(0, i) + text.substr(i + 1));
    judge(text.substr(0, i) + static_cast<char>(random() & 0x7f) + text.substr(i));
    EXPECT_FALSE(read_terms(text.substr(0, i)));
  }
}

TEST(Terms, OtherSpellingsOfTheSameValueAreRefused) {
  const std::string text = terms_text(example());
  const struct {
    const char* from;
    const char* to;
  } cases[] = {
      {"{\"attestor\"", "{ \"attestor\""},
      {"\"seconds\":5400", "\"seconds\":05400"},
      {"\"seconds\":5400", "\"seconds\":5400.0"},
      {"\"seconds\":5400", "\"seconds\":54e2"},
      {"\"seconds\":5400", "\"seconds\":+5400"},
      {"\"seconds\":5400", "\"seconds\":-5400"},
      {"\"fixed\"", "\"\\u0066ixed\""},
      {"\"fixed\"", "\"f\\ixed\""},
      {"\"fixed\"", "\"fix\ted\""},
      {"\"fixed\"", "\"fix\xc3\xa9\""},
      {":false", ":null"},
      {":false", ":False"},
      {"\"9857143\"", "\"09857143\""},
      {"\"9857143\"", "9857143"},
      {"[22]", "[22,]"},
      {"[22]", "[]"},
      {"[22]", "[0]"},
      {"[22]", "[65536]"},
      {"\"version\":1", "\"version\":2"},
      {"\"version\":1}", "\"version\":1}}"},
      {"\"version\":1}", "\"version\":1} "},
      {"\"version\":1}", "\"version\":1,\"z\":1}"},
      {"\"version\":1}", "\"version\":1"},
      {"\"fee_bps\":250", "\"fee_bps\":1001"},
      {"sha256:a", "sha256:A"},
      {"\"price_lamports\":\"14785715\"", "\"price_lamports\":\"14785714\""},
      {"\"bond_lamports\":\"2951040\"", "\"bond_lamports\":\"2951039\""},
      {"\"network_fees_lamports\":\"15000\"", "\"network_fees_lamports\":\"5000\""},
      {"GPU-2c8", "GPU-1c8"},
      {"GPU-1c8", "GPU 1c8"},
      {"\"market_rev\":3", "\"market_rev\":0"},
  };
  for (const auto& c : cases) {
    std::string changed = text;
    const auto at = changed.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.from;
    changed.replace(at, std::string(c.from).size(), c.to);
    EXPECT_FALSE(read_terms(changed)) << c.from << " -> " << c.to;
  }
  EXPECT_FALSE(read_terms(""));
  EXPECT_FALSE(read_terms(std::string(kMaxTermsBytes + 1, '{')));
}

TEST(Terms, DisagreeingValuesAreRefused) {
  const auto refused = [](auto change) {
    Terms t = example();
    change(t);
    return !check_terms(t) && !read_terms(terms_text(t));
  };
  EXPECT_TRUE(check_terms(example()));
  EXPECT_TRUE(refused([](Terms& t) { t.renter = t.host; }));
  EXPECT_TRUE(refused([](Terms& t) { t.program = {}; }));
  EXPECT_TRUE(refused([](Terms& t) { t.cards.clear(); }));
  EXPECT_TRUE(refused([](Terms& t) {
    for (int i = 0; i < 15; ++i) t.cards.push_back({"GPU-" + std::to_string(i), 1});
  }));
  EXPECT_TRUE(refused([](Terms& t) { t.max_seconds = t.seconds - 1; }));
  EXPECT_TRUE(refused([](Terms& t) { t.seconds += 1; }));
  EXPECT_TRUE(refused([](Terms& t) { t.lamports_per_hour = 0; }));
  EXPECT_TRUE(refused([](Terms& t) { t.debit.disk.count += 1; }));
  EXPECT_TRUE(refused([](Terms& t) { t.debit.total.count = UINT64_MAX; }));
  EXPECT_TRUE(refused([](Terms& t) { t.ports.clear(); }));
}

TEST(CanonicalReader, ReadsEscapesAsTheyAreWritten) {
  CanonicalReader in(R"(["a\"b\\c"])");
  in.begin_array();
  ASSERT_TRUE(in.next_item());
  EXPECT_EQ(in.text(5), R"(a"b\c)");
  EXPECT_FALSE(in.next_item());
  EXPECT_TRUE(in.at_end());
  CanonicalReader too_long(R"("abcdef")");
  too_long.text(5);
  EXPECT_FALSE(too_long.ok());
}

}  // namespace
}  // namespace obelisk::market
