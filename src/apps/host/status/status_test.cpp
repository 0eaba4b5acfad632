#include <gtest/gtest.h>

#include "apps/host/status/lease_row.hpp"

namespace obelisk::host {
namespace {

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

LeaseRecord record(std::optional<std::uint64_t> alive_until = {}) {
  LeaseRecord out;
  out.wish = {"lease", key(9), api::Wanted::open, {}, {}, {}};
  if (alive_until) out.attestation = api::Attestation{500, *alive_until, {}};
  return out;
}

escrow::Lease running() {
  escrow::Lease out{};
  out.state = escrow::State::active;
  out.rate = 3'600'000;
  out.fee_bps = 250;
  out.seconds = 3600;
  out.started_at = 1000;
  out.proven_until = 1000;
  return out;
}

TEST(LeaseRow, EarnsWhatIsProvenWithoutTheFee) {
  EXPECT_EQ(row_of(record(), running()).earned->count, 0U);
  const auto row = row_of(record(1600), running());
  EXPECT_EQ(row.earned->count, 585'000U) << "600 s of 1000 lamports, less 2.5 %";
  EXPECT_EQ(row.proven_until_s, 1600);
  EXPECT_EQ(row.ends_at_s, 4600);
  EXPECT_EQ(row_of(record(9'999), running()).earned->count, 3'510'000U)
      << "no more than was bought";
  auto stopped = running();
  stopped.state = escrow::State::closing;
  stopped.stopped_at = 1300;
  EXPECT_EQ(row_of(record(1600), stopped).earned->count, 292'500U) << "nor past a stop";
}

TEST(LeaseRow, WithoutTheAccountThereIsNoAmount) {
  const auto row = row_of(record(1600), std::nullopt);
  EXPECT_FALSE(row.earned);
  EXPECT_FALSE(row.state);
  auto paid = running();
  paid.state = escrow::State::funded;
  paid.started_at = 0;
  EXPECT_EQ(row_of(record(), paid).earned->count, 0U);
  EXPECT_FALSE(row_of(record(), paid).ends_at_s);
}

TEST(Status, IsForPeopleAndForPrograms) {
  Status status;
  EXPECT_EQ(
      to_json(status),
      R"({"running":false,"program":null,"market":null,"drain_from":null,"leases":[],"cards":[]})");
  status.running = true;
  status.market = key(2).to_string();
  status.drain_from_s = 1'800'000'000;
  status.node_asked = true;
  status.leases = {row_of(record(1600), running()), row_of(record(), std::nullopt)};
  const auto lines = to_lines(status);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0], "Running.");
  EXPECT_NE(lines[4].find("running, earned 0.000585"), std::string::npos) << lines[4];
  EXPECT_NE(lines[5].find("not read from the chain"), std::string::npos);
  EXPECT_NE(lines[6].find("0.000585"), std::string::npos);
  EXPECT_NE(to_json(status).find(R"("state":"running","started_at":"1970-01-01T00:16:40Z")"),
            std::string::npos)
      << to_json(status);
  EXPECT_NE(to_json(status).find(R"("earned_lamports":null)"), std::string::npos);
  status.cards = {{.uuid = "GPU-1", .name = "NVIDIA A40", .temperature_c = 61}};
  EXPECT_EQ(to_lines(status)[3], "Cards: 1");
  EXPECT_EQ(to_lines(status)[4], "  GPU-1 NVIDIA A40: 61 degrees");
  EXPECT_NE(to_json(status).find(R"("cards":[{"uuid":"GPU-1","part_of":null,"name":"NVIDIA A40",)"),
            std::string::npos);
}

}  // namespace
}  // namespace obelisk::host
