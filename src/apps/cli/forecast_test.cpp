#include "apps/cli/forecast.hpp"

#include <gtest/gtest.h>

#include "apps/cli/settle.hpp"
#include "core/papers/receipt.hpp"
#include "core/papers/receipt_testing.hpp"

namespace obelisk::cli {
namespace {

LeaseAccount account_of(const papers::LeaseHistory& history) {
  return {history.address, history.program, {history.lamports}, history.lease, 1};
}

TEST(Forecast, SaysWhatAStopWillPayAndReturn) {
  papers::LeaseHistory history;
  history.open();
  history.ready(1004);
  const LeaseAccount lease = account_of(history);
  const auto served =
      forecast(lease, stop_settlement(lease, escrow::StopHow::served).actions, 1004 + 2520);
  ASSERT_TRUE(served) << served.error().message;
  EXPECT_EQ(served->host.count + served->fee.count, 6'900'000u);
  EXPECT_EQ(served->refunded.count, 2'957'143u);
  EXPECT_EQ(served->used_s, 2520);
  EXPECT_TRUE(served->closes);
  EXPECT_EQ(forecast_text(*served),
            "This pays 0.0069 SOL and returns 0.002957 SOL. The disk is destroyed.");
}

TEST(Forecast, IsWhatThenHappens) {
  for (const auto how : {escrow::StopHow::served, escrow::StopHow::dispute}) {
    papers::LeaseHistory history;
    history.open();
    history.ready(1004);
    history.claim(1700, 1604);
    const LeaseAccount lease = account_of(history);
    const auto expected = forecast(lease, stop_settlement(lease, how).actions, 2804);
    ASSERT_TRUE(expected);
    history.stop(2804, how);
    const auto receipt = papers::make_receipt(history.address, history.program, history.records());
    ASSERT_TRUE(receipt);
    EXPECT_EQ(expected->closes, receipt->closed);
    EXPECT_EQ(expected->refunded, receipt->refunded);
    EXPECT_EQ(expected->held, receipt->held);
    EXPECT_EQ(expected->used_s, 1800);
  }
}

TEST(Forecast, AContestSaysWhatWaits) {
  papers::LeaseHistory history;
  history.open();
  history.ready(1004);
  const LeaseAccount lease = account_of(history);
  const auto contest =
      forecast(lease, stop_settlement(lease, escrow::StopHow::dispute).actions, 2004);
  ASSERT_TRUE(contest);
  EXPECT_FALSE(contest->closes);
  EXPECT_EQ(contest->window_ends, 2004 + 21'600);
  EXPECT_EQ(contest->held.count, 2'738'095u);
}

TEST(Forecast, SpeaksInTheProgramsWordsWhereItWouldRefuse) {
  papers::LeaseHistory history;
  history.open();
  const LeaseAccount lease = account_of(history);
  const auto early = forecast(lease, cancel_settlement(lease, false).actions, 1060);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, base::Code::rejected_on_chain);
  EXPECT_NE(early.error().message.find("TOO_EARLY"), std::string::npos) << early.error().message;
  EXPECT_TRUE(forecast(lease, cancel_settlement(lease, true).actions, 1001));
  EXPECT_FALSE(forecast(lease, finish_settlement(lease).actions, 1001));
}

}  // namespace
}  // namespace obelisk::cli
