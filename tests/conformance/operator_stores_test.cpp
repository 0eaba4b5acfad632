// What every AuditStore, ReportStore and RefusalStore must do, over all that opens stores.
#include <gtest/gtest.h>

#include "core/lease/testing.hpp"
#include "stores_drivers.hpp"

namespace obelisk::conformance {
namespace {

using lease::testing::key;

class OperatorStoresSuite : public ::testing::TestWithParam<StoresDriver> {
 protected:
  void SetUp() override {
    stores_ = GetParam().make();
    ASSERT_NE(stores_, nullptr);
  }

  std::shared_ptr<ports::Stores> stores_;
};

base::Signature signature(int n) {
  base::Signature out;
  out.bytes.fill(static_cast<std::uint8_t>(n));
  return out;
}

ports::ReportRow report(int n) {
  return {0,      1000 + n,    key(1),         std::nullopt, "fraud", "words 'x' \"y\" é",
          key(2), "127.0.0.1", "{\"said\":1}", signature(n)};
}

TEST_P(OperatorStoresSuite, TheAuditTrailIsReadNewestFirst) {
  ports::AuditStore& audit = *stores_->audit;
  for (int i = 1; i <= 5; ++i) {
    const auto seq = audit.add(
        {99, 1000 + i, "user root", "refuse", "subject", "it's \"" + std::to_string(i) + "\" é\n"});
    ASSERT_TRUE(seq.ok());
    EXPECT_EQ(*seq, static_cast<std::uint64_t>(i));
  }
  const auto two = audit.newest(0, 2);
  ASSERT_TRUE(two.ok());
  ASSERT_EQ(two->size(), 2U);
  EXPECT_EQ((*two)[0],
            (ports::AuditRow{5, 1005, "user root", "refuse", "subject", "it's \"5\" é\n"}));
  EXPECT_EQ((*two)[1].seq, 4U);
  const auto rest = audit.newest(4, 100);
  ASSERT_TRUE(rest.ok());
  ASSERT_EQ(rest->size(), 3U);
  EXPECT_EQ(rest->front().seq, 3U);
  EXPECT_TRUE(audit.newest(1, 100)->empty());
}

TEST_P(OperatorStoresSuite, AReportIsKeptWithEveryFieldAndOnce) {
  ports::ReportStore& reports = *stores_->reports;
  ports::ReportRow row = report(1);
  row.lease = key(7);
  EXPECT_EQ(*reports.add(row), 1U);
  EXPECT_EQ(*reports.add(report(2)), 2U);
  EXPECT_EQ(*reports.add(row), 1U);
  row.seq = 1;
  const auto found = reports.by_signature(signature(1));
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ(**found, row);
  EXPECT_FALSE(reports.by_signature(signature(9))->has_value());
  const auto all = reports.newest(0, 10);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->front().seq, 2U);
  EXPECT_FALSE(all->front().lease.has_value());
  EXPECT_EQ(all->back(), row);
  EXPECT_EQ(reports.newest(2, 10)->size(), 1U);
  EXPECT_EQ(reports.newest(0, 1)->size(), 1U);
}

TEST_P(OperatorStoresSuite, ReportsAreCountedByWalletAndByAddress) {
  ports::ReportStore& reports = *stores_->reports;
  for (int i = 1; i <= 6; ++i) {
    ports::ReportRow row = report(i);
    if (i == 2) row.lease = key(7);
    if (i == 3) row.reporter = key(3);
    if (i == 4) row.remote_address = "::1";
    ASSERT_TRUE(reports.add(row).ok());
  }
  EXPECT_EQ(*reports.counts(key(2), "127.0.0.1", 0), (ports::ReportCounts{5, 5, 5}));
  EXPECT_EQ(*reports.counts(key(3), "::1", 0), (ports::ReportCounts{1, 1, 5}));
  EXPECT_EQ(*reports.counts(key(2), "127.0.0.1", 1006), (ports::ReportCounts{1, 1, 1}));
  EXPECT_EQ(*reports.counts(key(2), "127.0.0.1", 1007), (ports::ReportCounts{0, 0, 0}));
}

TEST_P(OperatorStoresSuite, ARefusalStandsUntilItIsLifted) {
  ports::RefusalStore& refusals = *stores_->refusals;
  EXPECT_TRUE(refusals.all()->empty());
  EXPECT_FALSE(*refusals.put({key(2), 1000, "first"}));
  EXPECT_TRUE(*refusals.put({key(2), 2000, "it's \"worse\" é"}));
  EXPECT_FALSE(*refusals.put({key(1), 3000, ""}));
  const auto all = refusals.all();
  ASSERT_TRUE(all.ok());
  const std::vector<ports::Refusal> expected{{key(1), 3000, ""},
                                             {key(2), 2000, "it's \"worse\" é"}};
  EXPECT_EQ(*all, expected);
  EXPECT_TRUE(*refusals.lift(key(2)));
  EXPECT_FALSE(*refusals.lift(key(2)));
  EXPECT_EQ(refusals.all()->size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(All, OperatorStoresSuite, ::testing::ValuesIn(stores_drivers()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace obelisk::conformance
