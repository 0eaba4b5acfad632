#include "apps/market/exits.hpp"

#include <gtest/gtest.h>

#include "apps/market/host_view.hpp"
#include "apps/market/testing.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;
constexpr base::UnixSeconds kStart = testing::kChainNowS;

lease::Record running() {
  lease::Record out;
  out.quote.lease = key(1);
  out.quote.renter = key(2);
  out.quote.host = key(3);
  out.quote.treasury = key(4);
  out.quote.attestor = key(5);
  out.quote.rate_lamports_per_hour = 3'600'000;  // 1,000 a second
  out.quote.max_seconds = 7200;
  out.quote.gap_limit_s = 180;
  out.quote.claim_window_s = 21'600;
  out.life.state = lease::State::active;
  out.life.opened_slot = 77;
  out.life.seconds = 3600;
  out.life.started_at_s = kStart;
  out.life.proven_until_s = kStart;
  return out;
}

std::uint8_t how_of(const Plan& plan) { return plan.calls.back().data.at(1); }

TEST(Exits, FreshProofIsStoppedAsServed) {
  auto record = running();
  record.life.attestation = lease::Attestation{kStart + 600, {}};
  const auto plan = plan_stop(record, key(9), kStart + 600 + 179);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->calls.size(), 1u);
  EXPECT_EQ(plan->how, escrow::StopHow::served);
  EXPECT_EQ(how_of(*plan), 0);
  EXPECT_EQ(plan->units, settlement::kStopUnits);
  EXPECT_EQ(plan->lamports.count, 0u);
  EXPECT_NE(plan->explanation.find("0.000779 SOL"), std::string::npos) << plan->explanation;
}

TEST(Exits, AnOldProofIsClaimedAndTheGapDisputed) {
  auto record = running();
  record.life.attestation = lease::Attestation{kStart + 600, {}};
  const auto plan = plan_stop(record, key(9), kStart + 600 + 180);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->calls.size(), 3u);
  EXPECT_EQ(plan->calls[0].program, escrow::ed25519_program());
  EXPECT_EQ(plan->how, escrow::StopHow::dispute);
  EXPECT_EQ(how_of(*plan), 1);
  EXPECT_EQ(plan->units, settlement::kClaimUnits + settlement::kStopUnits);
  EXPECT_NE(plan->explanation.find("0.0006 SOL is proven"), std::string::npos) << plan->explanation;
  EXPECT_NE(plan->explanation.find("0.00282 SOL comes back at once"), std::string::npos)
      << plan->explanation;
  // What the chain has already needs no claim.
  record.life.proven_until_s = kStart + 600;
  EXPECT_EQ(plan_stop(record, key(9), kStart + 900)->calls.size(), 1u);
  EXPECT_EQ(plan_stop(record, key(9), kStart + 900)->how, escrow::StopHow::dispute);
}

TEST(Exits, WithoutAnyProofTheStartCounts) {
  const auto record = running();
  EXPECT_EQ(plan_stop(record, key(9), kStart + 179)->how, escrow::StopHow::served);
  EXPECT_EQ(plan_stop(record, key(9), kStart + 180)->how, escrow::StopHow::dispute);
  // A chain clock behind the record, or far past the end, changes nothing about that.
  EXPECT_EQ(plan_stop(record, key(9), 0)->how, escrow::StopHow::served);
  EXPECT_EQ(plan_stop(record, key(9), kStart + 100'000)->how, escrow::StopHow::dispute);
}

TEST(Exits, ProofToTheEndIsServedHoweverLateTheStop) {
  auto record = running();
  record.life.attestation = lease::Attestation{kStart + 3700, {}};
  const auto plan = plan_stop(record, key(9), kStart + 100'000);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->how, escrow::StopHow::served);
  EXPECT_NE(plan->explanation.find("0.0036 SOL. 0 SOL and the bond"), std::string::npos)
      << plan->explanation;
}

TEST(Exits, BeforeTheStartItIsCancelled) {
  auto record = running();
  record.life.started_at_s = 0;
  for (const auto state : {lease::State::preparing, lease::State::checking, lease::State::starting,
                           lease::State::stopping}) {
    record.life.state = state;
    const auto plan = plan_stop(record, key(9), kStart);
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->calls.size(), 1u);
    EXPECT_EQ(plan->calls[0].data, base::Bytes{4});
    EXPECT_TRUE(plan->calls[0].accounts[1].is_signer);
    EXPECT_FALSE(plan->how);
  }
}

TEST(Exits, WhatIsOverCannotBeStopped) {
  auto record = running();
  for (const auto state : {lease::State::quoted, lease::State::contested, lease::State::ended}) {
    record.life.state = state;
    const auto plan = plan_stop(record, key(9), kStart);
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, base::Code::conflict);
  }
  record.life.state = lease::State::stopping;
  EXPECT_TRUE(plan_stop(record, key(9), kStart));
  record.life.closed = true;
  EXPECT_FALSE(plan_stop(record, key(9), kStart));
}

TEST(Exits, AClaimPaysWhatTheChainWasNotShown) {
  auto record = running();
  record.quote.fee_bps = 250;
  EXPECT_EQ(plan_claim(record, key(9), kStart + 700).error().code, base::Code::conflict);
  record.life.attestation = lease::Attestation{kStart + 600, {}};
  const auto plan = plan_claim(record, key(9), kStart + 700);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->calls.size(), 2u);
  EXPECT_EQ(plan->calls[0].program, escrow::ed25519_program());
  EXPECT_EQ(plan->calls[1].data, base::Bytes{6});
  EXPECT_EQ(plan->units, settlement::kClaimUnits);
  EXPECT_EQ(plan->lamports.count, 0u);
  EXPECT_NE(plan->explanation.find("0.000585 SOL"), std::string::npos) << plan->explanation;
  EXPECT_NE(plan->explanation.find("the market 0.000015 SOL"), std::string::npos)
      << plan->explanation;
  record.life.proven_until_s = kStart + 600;
  EXPECT_FALSE(plan_claim(record, key(9), kStart + 700)) << "the chain has it";
  record.life.proven_until_s = kStart + 300;
  EXPECT_EQ(waiting_in(record, kStart + 700)->to_host.count, 292'500u) << "the rest alone";
  record.life.closed = true;
  EXPECT_FALSE(plan_claim(record, key(9), kStart + 700));
}

TEST(Exits, InADisputeAClaimReachesUpToTheStop) {
  auto record = running();
  record.life.state = lease::State::contested;
  record.life.proven_until_s = kStart + 100;
  record.life.stopped_at_s = kStart + 400;
  record.life.window_ends_s = kStart + 9000;
  record.life.attestation = lease::Attestation{kStart + 1000, {}};
  const auto waits = waiting_in(record, kStart + 1100);
  ASSERT_TRUE(waits);
  EXPECT_EQ(waits->to_host.count, 300'000u);
  EXPECT_TRUE(waits->closes);
}

TEST(Exits, ADisputeIsConcededToTheSecondOfTheStop) {
  auto record = running();
  EXPECT_EQ(plan_concede(record, key(9)).error().code, base::Code::conflict);
  record.life.state = lease::State::contested;
  record.life.proven_until_s = kStart + 100;
  record.life.stopped_at_s = kStart + 400;
  const auto plan = plan_concede(record, key(9));
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->calls.size(), 1u);
  EXPECT_EQ(how_of(*plan), 0);
  EXPECT_TRUE(plan->calls[0].accounts[1].is_signer);
  EXPECT_NE(plan->explanation.find("0.0003 SOL go to the host"), std::string::npos)
      << plan->explanation;
}

TEST(Exits, AnExtensionCostsTheDifferenceAndHasItsBounds) {
  auto record = running();
  const auto plan = plan_extend(record, key(9), 5400, kStart + 60);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->lamports.count, 1'800'000u);
  EXPECT_EQ(plan->calls[0].data, (base::Bytes{5, 0x18, 0x15, 0, 0}));
  EXPECT_EQ(plan_extend(record, key(9), 3600, kStart).error().code, base::Code::invalid_input);
  EXPECT_EQ(plan_extend(record, key(9), 7201, kStart).error().code, base::Code::invalid_input);
  EXPECT_EQ(plan_extend(record, key(9), 5400, kStart + 3600).error().code, base::Code::conflict);
  record.life.state = lease::State::ended;
  EXPECT_EQ(plan_extend(record, key(9), 5400, kStart).error().code, base::Code::conflict);
}

}  // namespace
}  // namespace obelisk::market_app
