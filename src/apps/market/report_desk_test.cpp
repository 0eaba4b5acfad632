#include "apps/market/report_desk.hpp"

#include <gtest/gtest.h>

#include "adapters/fake/memory_audit_store.hpp"
#include "adapters/fake/memory_report_store.hpp"
#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using testing::key;

class Reports : public ::testing::Test {
 protected:
  void SetUp() override {
    offers.host_connected(host.public_key());
    ASSERT_TRUE(offers.take_listing(
        host.public_key(), testing::sign_listing(testing::listing_of(host.public_key(), 2), host)));
  }
  market::Report about_the_host() {
    return {clock.now_ms() / 1000,
            host.public_key(),
            std::nullopt,
            key(2),
            "fraud",
            reporter.public_key(),
            "It was number " + std::to_string(++made) + "."};
  }
  static api::SignedReport signed_by(const base::Keypair& who, const market::Report& report) {
    const std::string text = market::report_text(report);
    return {text, who.sign(market::report_message(text))};
  }
  api::SignedReport signed_report(const market::Report& report) {
    return signed_by(reporter, report);
  }
  Code refused(const api::SignedReport& message) {
    const auto taken = desk.take(message, "10.0.0.1");
    EXPECT_FALSE(taken.ok());
    return taken.ok() ? Code::internal : taken.error().code;
  }
  void rented(const base::PublicKey& lease, const base::PublicKey& by, lease::State state) {
    lease::Record record;
    record.quote.lease = lease;
    record.quote.host = host.public_key();
    record.quote.renter = by;
    record.life.state = state;
    store.records.push_back(record);
  }

  int made = 0;
  testing::TestClock clock;
  testing::TestStore store;
  testing::TestLeases leases{store};
  OfferDesk offers{store, clock, false};
  fake::MemoryReportStore kept;
  fake::MemoryAuditStore audit;
  ReportDesk desk{{leases, offers, kept, audit, clock}, key(2)};
  base::Keypair host = base::Keypair::random();
  base::Keypair reporter = base::Keypair::random();
};

TEST_F(Reports, AreKeptOnceAndInTheTrail) {
  const auto message = signed_report(about_the_host());
  const auto taken = desk.take(message, "10.0.0.1");
  ASSERT_TRUE(taken.ok()) << taken.error().message;
  EXPECT_EQ(taken->report, 1U);
  clock.steady += 60'000;
  EXPECT_EQ(*desk.take(message, "10.0.0.2"), *taken);
  const auto rows = *kept.newest(0, 10);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].host, host.public_key());
  EXPECT_EQ(rows[0].reporter, reporter.public_key());
  EXPECT_EQ(rows[0].reason, "fraud");
  EXPECT_EQ(rows[0].said, message.report);
  EXPECT_EQ(rows[0].remote_address, "10.0.0.1");
  const auto trail = *audit.newest(0, 10);
  ASSERT_EQ(trail.size(), 1U);
  EXPECT_EQ(trail[0].what, "report");
  EXPECT_EQ(trail[0].who, reporter.public_key().to_string());
  EXPECT_EQ(trail[0].subject, host.public_key().to_string());
}

TEST_F(Reports, MustBeSignedByTheirReporterAsOneText) {
  market::Report report = about_the_host();
  EXPECT_EQ(refused(signed_by(base::Keypair::random(), report)), Code::forbidden);
  auto changed = signed_report(report);
  changed.report.replace(changed.report.find("number"), 6, "NUMBER");
  EXPECT_EQ(refused(changed), Code::forbidden);
  auto spaced = signed_report(report);
  spaced.report.insert(1, " ");
  spaced.signature = reporter.sign(market::report_message(spaced.report));
  EXPECT_EQ(refused(spaced), Code::invalid_input);
  auto more = signed_report(report);
  more.report.insert(1, "\"a\":1,");
  more.signature = reporter.sign(market::report_message(more.report));
  EXPECT_EQ(refused(more), Code::invalid_input);
  report.market = key(3);
  EXPECT_EQ(refused(signed_report(report)), Code::invalid_input);
  report = about_the_host();
  report.at_s -= market::kReportFreshS + 1;
  EXPECT_EQ(refused(signed_report(report)), Code::invalid_input);
  report.at_s += 2 * market::kReportFreshS + 2;
  EXPECT_EQ(refused(signed_report(report)), Code::invalid_input);
  EXPECT_EQ(refused({"{}", {}}), Code::invalid_input);
  EXPECT_TRUE(kept.newest(0, 10)->empty());
}

TEST_F(Reports, AreAboutAHostOrALeaseThatIsKnown) {
  market::Report report = about_the_host();
  report.host = key(9);
  EXPECT_EQ(refused(signed_report(report)), Code::not_found);
  report = about_the_host();
  report.lease = key(50);
  EXPECT_EQ(refused(signed_report(report)), Code::not_found);
  rented(key(50), reporter.public_key(), lease::State::active);
  EXPECT_TRUE(desk.take(signed_report(report), "10.0.0.1").ok());
  rented(key(51), key(8), lease::State::active);
  report.lease = key(51);
  EXPECT_EQ(refused(signed_report(report)), Code::not_found) << "somebody else's";
  rented(key(52), reporter.public_key(), lease::State::quoted);
  report.lease = key(52);
  EXPECT_EQ(refused(signed_report(report)), Code::not_found) << "never paid";
}

TEST_F(Reports, AreBoundedByWalletAndByAddress) {
  for (std::uint64_t i = 0; i < kMaxReportsPerWallet; ++i) {
    ASSERT_TRUE(desk.take(signed_report(about_the_host()), "10.0.0.1").ok());
  }
  EXPECT_EQ(refused(signed_report(about_the_host())), Code::rate_limited);
  for (std::uint64_t i = kMaxReportsPerWallet; i < kMaxReportsPerRemoteAddress; ++i) {
    const base::Keypair other = base::Keypair::random();
    market::Report report = about_the_host();
    report.reporter = other.public_key();
    ASSERT_TRUE(desk.take(signed_by(other, report), "10.0.0.1").ok());
  }
  const base::Keypair last = base::Keypair::random();
  market::Report report = about_the_host();
  report.reporter = last.public_key();
  EXPECT_EQ(refused(signed_by(last, report)), Code::rate_limited);
  EXPECT_TRUE(desk.take(signed_by(last, report), "10.0.0.2").ok());
  clock.steady += 86'400'001;
  EXPECT_TRUE(desk.take(signed_report(about_the_host()), "10.0.0.1").ok());
}

TEST_F(Reports, ThoseThatNameALeaseAreNotCrowdedOut) {
  for (std::uint64_t i = 0; i < kMaxReportsWithoutLease; ++i) {
    ports::ReportRow row;
    row.at_ms = clock.now_ms();
    row.signature.bytes.fill(0);
    std::memcpy(row.signature.bytes.data(), &i, sizeof i);
    ASSERT_TRUE(kept.add(row).ok());
  }
  EXPECT_EQ(refused(signed_report(about_the_host())), Code::rate_limited);
  rented(key(50), reporter.public_key(), lease::State::ended);
  market::Report report = about_the_host();
  report.lease = key(50);
  EXPECT_TRUE(desk.take(signed_report(report), "10.0.0.1").ok());
}

}  // namespace
}  // namespace obelisk::market_app
