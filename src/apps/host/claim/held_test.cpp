#include "apps/host/claim/held.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "apps/host/earnings/earnings_report.hpp"
#include "apps/host/records.hpp"

namespace obelisk::host {
namespace {

class HeldAttestations : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/obelisk-held-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    state = name;
    std::filesystem::create_directory(state / "leases");
  }
  void TearDown() override { std::filesystem::remove_all(state); }

  static base::PublicKey key(std::uint8_t seed) {
    base::PublicKey out;
    out.bytes.fill(seed);
    return out;
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(state / "leases" / name) << text;
  }
  static std::string attestation(std::uint64_t slot, std::uint64_t alive_until) {
    api::Attestation out;
    out.opened_slot = slot;
    out.alive_until = alive_until;
    return api::to_json(out);
  }

  std::filesystem::path state;
};

TEST_F(HeldAttestations, AreThoseOfLeasesThatAreGoneFromHereToo) {
  put(key(1).to_string() + ".attestation.json", attestation(5, 1'000));
  put(key(2).to_string() + ".attestation.json", attestation(6, 2'000));
  const auto held = held_attestations(state);
  ASSERT_EQ(held.size(), 2U);
  EXPECT_EQ(held[0].lease, key(1));
  EXPECT_EQ(held[1].attestation.alive_until, 2'000U);
}

TEST_F(HeldAttestations, TheNewestOfRecordAndFileCounts) {
  api::MarketLease wish{"lease", key(1), api::Wanted::running, {}, {}, {}};
  LeaseRecord record{wish, "key", 0, {}, 0, {}};
  record.attestation.emplace();
  record.attestation->opened_slot = 5;
  record.attestation->alive_until = 900;
  ASSERT_TRUE(Records(state / "leases").save(record).ok());
  EXPECT_EQ(held_attestations(state).at(0).attestation.alive_until, 900U);
  put(key(1).to_string() + ".attestation.json", attestation(5, 1'000));
  ASSERT_EQ(held_attestations(state).size(), 1U);
  EXPECT_EQ(held_attestations(state)[0].attestation.alive_until, 1'000U);
}

TEST_F(HeldAttestations, WhatIsNoneIsPassedOver) {
  put("nonsense.attestation.json", attestation(5, 1'000));
  put(key(1).to_string() + ".attestation.json", "{\"opened_slot\":5");
  put(key(2).to_string() + ".attestation.json", attestation(5, UINT64_MAX));
  put(key(3).to_string() + ".attestation.json", std::string(5'000, ' ') + attestation(5, 1));
  put(key(4).to_string() + ".lease", "damaged");
  EXPECT_TRUE(held_attestations(state).empty());
  EXPECT_TRUE(held_attestations(state / "none").empty());
}

TEST(EarningsReportText, SaysWhatItDidNotCount) {
  EarningsReport report;
  report.earnings = sum_up({{{}, {1'000'000}, {25'000}, 1'795'046'400}}, 1'795'046'400);
  auto lines = to_lines(report);
  EXPECT_EQ(lines.at(0).find("Earned since 2026-11-19: 0.001 SOL, after 0.000025 SOL"), 0U)
      << lines.at(0);
  EXPECT_EQ(lines.at(2), "Proven and not claimed yet: 0 SOL.");
  const std::size_t whole = lines.size();
  report.chain.unclear = 2;
  report.chain.is_cut = true;
  lines = to_lines(report);
  ASSERT_EQ(lines.size(), whole + 2);
  EXPECT_NE(lines.back().find("Not counted"), std::string::npos);
  EXPECT_NE(to_json(report).find("\"unclear\":2"), std::string::npos);
}

}  // namespace
}  // namespace obelisk::host
