#include "core/papers/receipt.hpp"

#include <gtest/gtest.h>

#include "core/papers/opening.hpp"
#include "core/papers/receipt_testing.hpp"

namespace obelisk::papers {
namespace {

using escrow::StopHow;
using escrow::Tag;

constexpr std::uint64_t kHour = 9'857'143;  // price of the hour that the histories buy

Receipt made(const LeaseHistory& history) {
  const auto receipt = make_receipt(history.address, history.program, history.records());
  EXPECT_TRUE(receipt) << (receipt ? "" : receipt.error().message);
  if (!receipt) return {};
  // The promise of every receipt, to the lamport.
  EXPECT_EQ(receipt->paid.count, receipt->host_got.count + receipt->fee.count +
                                     receipt->refunded.count + receipt->held.count);
  return *receipt;
}

TEST(Receipt, OfAnOrdinaryRental) {
  LeaseHistory history;
  history.open();
  history.ready(1004);
  history.stop(1004 + 1800, StopHow::served);
  const Receipt receipt = made(history);
  EXPECT_TRUE(receipt.closed);
  EXPECT_EQ(receipt.paid.count, kHour);
  const std::uint64_t earned = kHour * 1800 / 3600;
  const std::uint64_t fee = earned * 250 / 10'000;
  EXPECT_EQ(receipt.host_got.count, earned - fee);
  EXPECT_EQ(receipt.fee.count, fee);
  EXPECT_EQ(receipt.refunded.count, kHour - earned);
  EXPECT_EQ(receipt.bond.count, escrow::kBondLamports);
  EXPECT_EQ(receipt.network_fees.count, 10'000u);  // open and stop; ready was the attestor's
  EXPECT_EQ(receipt.renter, history.renter);
  EXPECT_EQ(receipt.seconds, 3600u);
  EXPECT_EQ(receipt.served_s, 1800);
  EXPECT_EQ(receipt.opened_at, 1000);
  EXPECT_EQ(receipt.started_at, 1004);
  EXPECT_EQ(receipt.stopped_at, 2804);
  ASSERT_NE(receipt.closing(), nullptr);
  EXPECT_EQ(receipt.closing()->tag, Tag::stop);
  EXPECT_EQ(outcome_of(receipt, 60), "stopped_by_renter");
}

TEST(Receipt, AddsUpClaimsAndExtensions) {
  LeaseHistory history;
  history.open();
  history.ready(1010);
  history.claim(1500, 1490);
  history.extend(2000, 7200);
  history.claim(2500, 2490);
  history.stop(4000, StopHow::served);
  const Receipt receipt = made(history);
  EXPECT_EQ(receipt.paid.count, 2 * kHour);
  EXPECT_EQ(receipt.seconds, 7200u);
  EXPECT_EQ(receipt.host_got.count + receipt.fee.count, kHour * 2990 / 3600);
  EXPECT_EQ(receipt.steps.size(), 6u);
  EXPECT_EQ(receipt.find(Tag::extend)->paid_in.count, kHour);
}

TEST(Receipt, OfALeaseThatWasNeverReady) {
  LeaseHistory by_anyone;
  by_anyone.open();
  by_anyone.cancel(1061, false);
  const Receipt refunded = made(by_anyone);
  EXPECT_EQ(refunded.refunded, refunded.paid);
  EXPECT_EQ(refunded.host_got.count, 0u);
  EXPECT_FALSE(refunded.started_at);
  EXPECT_EQ(outcome_of(refunded, 60), "not_ready");

  LeaseHistory by_renter;
  by_renter.open();
  by_renter.cancel(1005, true);
  EXPECT_EQ(outcome_of(made(by_renter), 60), "cancelled");

  LeaseHistory late;
  late.open();
  late.cancel(1062, true);
  EXPECT_EQ(outcome_of(made(late), 60), "not_ready");
}

TEST(Receipt, OfAHostThatWentDark) {
  LeaseHistory history;
  history.open();
  history.ready(1004);
  history.claim(1610, 1604);
  history.stop(1700, StopHow::dark);
  const Receipt receipt = made(history);
  EXPECT_EQ(outcome_of(receipt, 60), "host_dark");
  EXPECT_EQ(receipt.served_s, 600);
  EXPECT_EQ(receipt.host_got.count + receipt.fee.count, kHour * 600 / 3600);
}

TEST(Receipt, OfAContestedLeaseSaysWhatWaits) {
  LeaseHistory history;
  history.open();
  history.ready(1004);
  history.stop(2004, StopHow::dispute);
  const Receipt waiting = made(history);
  EXPECT_FALSE(waiting.closed);
  EXPECT_EQ(waiting.held.count, kHour * 1000 / 3600);
  EXPECT_EQ(waiting.stopped_at, 2004);
  EXPECT_EQ(outcome_of(waiting, 60), "none");

  history.finish(2004 + 21'601);
  const Receipt done = made(history);
  EXPECT_EQ(done.held.count, 0u);
  EXPECT_EQ(done.refunded, done.paid);
  EXPECT_EQ(outcome_of(done, 60), "stopped_by_renter");
}

TEST(Receipt, OfALeaseThatRanToItsEnd) {
  LeaseHistory history;
  history.open(60);
  history.ready(1004);
  history.claim(1070, 1070);
  history.finish(1071);
  const Receipt receipt = made(history);
  EXPECT_EQ(outcome_of(receipt, 60), "ran_to_the_end");
  EXPECT_EQ(receipt.served_s, 60);
  EXPECT_LE(receipt.refunded.count, 1u);  // the price is rounded up, what is earned down
}

TEST(Receipt, KeepsGiftsAndFailuresApart) {
  LeaseHistory history;
  history.gift(5);  // before there was a lease
  history.open();
  history.gift(7);
  history.ready(1004);
  history.failed();
  history.stop(1034, StopHow::served);
  const Receipt receipt = made(history);
  EXPECT_EQ(receipt.paid.count, kHour);
  EXPECT_EQ(receipt.surplus.count, 12u);
  EXPECT_EQ(receipt.network_fees.count, 15'000u);
  EXPECT_EQ(receipt.steps.size(), 3u);
}

TEST(Receipt, IsOfTheLatestLeaseAtAnAddress) {
  LeaseHistory history;
  history.open();
  history.cancel(1005, true);
  history.open(7200);
  history.ready(1010);
  const Receipt receipt = made(history);
  EXPECT_FALSE(receipt.closed);
  EXPECT_EQ(receipt.paid.count, 2 * kHour);
  EXPECT_EQ(receipt.network_fees.count, 5'000u);
}

TEST(Receipt, RefusesARecordThatDoesNotAddUp) {
  LeaseHistory history;
  history.open();
  history.ready(1004);
  history.stop(1034, StopHow::served);
  const auto receipt_of = [&](const std::vector<solana::TransactionRecord>& records) {
    return make_receipt(history.address, history.program, records);
  };
  auto stolen = history.records();
  for (auto& balance : stolen[1].post_balances) balance.count /= 2;  // `ready` took something
  EXPECT_FALSE(receipt_of(stolen));
  auto headless = history.records();
  headless.pop_back();
  EXPECT_EQ(receipt_of(headless).error().code, base::Code::not_found);
  auto garbled = history.records();
  garbled[0].wire.resize(10);
  EXPECT_FALSE(receipt_of(garbled));
  auto short_balances = history.records();
  short_balances[0].post_balances.clear();
  EXPECT_FALSE(receipt_of(short_balances));
  EXPECT_FALSE(receipt_of({}));
}

TEST(Receipt, FindsWhoseProgramItWas) {
  LeaseHistory history;
  history.open();
  history.ready(1004);
  const auto opening = latest_opening(history.address, history.records());
  ASSERT_TRUE(opening);
  EXPECT_EQ(opening->program, history.program);
  EXPECT_EQ(opening->open.rate_lamports_per_hour, kHour);
  EXPECT_FALSE(latest_opening(history.renter, history.records()));
}

}  // namespace
}  // namespace obelisk::papers
