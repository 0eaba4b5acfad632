#include "core/watch/paid.hpp"

#include <gtest/gtest.h>

#include "core/solana/programs.hpp"
#include "core/watch/testing.hpp"

namespace obelisk::watch {
namespace {

using escrow::StopHow;
using market::testing::key;
using testing::Example;
using testing::kNow;

struct PaidTest : ::testing::Test {
  base::Bytes message(const std::vector<escrow::Call>& calls,
                      const std::vector<solana::Instruction>& more = {},
                      std::uint64_t price = 1000) {
    std::vector<solana::Instruction> all{solana::set_unit_limit(3000)};
    if (price != 0) all.push_back(solana::set_unit_price(price));
    for (const auto& call : calls) all.push_back(settlement::to_instruction(call));
    all.insert(all.end(), more.begin(), more.end());
    const auto made =
        solana::compile_message(attestor, all, base::Hash{}, solana::MessageVersion::v0);
    EXPECT_TRUE(made.ok());
    return solana::serialize(*made);
  }
  // Whether it is read as that kind and is what we would have written.
  bool is(PaidKind kind, const base::Bytes& bytes) {
    const auto paid = read_paid(bytes, program, 60'000);
    if (!paid || paid->kind != kind || paid->payer != attestor || paid->lease != accounts.lease) {
      return false;
    }
    return check_paid(bytes, *paid, program, accounts, 500).ok();
  }
  bool is_any(const base::Bytes& bytes) {
    const auto paid = read_paid(bytes, program, 60'000);
    return paid && check_paid(bytes, *paid, program, accounts, 500).ok();
  }
  std::vector<escrow::Call> claim(const base::PublicKey& lease, std::uint64_t slot = 500) {
    settlement::Proof proof{attestor, {program, lease, slot, kNow + 60}, {}};
    proof.signature = example.attestor.sign(escrow::encode_attestation(proof.fields));
    return settlement::claim_calls(program, accounts, proof);
  }

  Example example;
  base::PublicKey program = example.ground.program;
  base::PublicKey attestor = example.attestor.public_key();
  escrow::LeaseAccounts accounts = escrow::accounts_of(example.lease(), example.active());
};

TEST_F(PaidTest, ReadsEachOfTheFiveWords) {
  EXPECT_TRUE(is(PaidKind::ready, message({escrow::encode_ready(program, accounts, 500)})));
  EXPECT_TRUE(is(PaidKind::dark, message({escrow::encode_stop(program, accounts, StopHow::dark)})));
  EXPECT_TRUE(is(PaidKind::cancel, message({escrow::encode_cancel(program, accounts, false)})));
  EXPECT_TRUE(is(PaidKind::finish, message({escrow::encode_finish(program, accounts)})));
  EXPECT_TRUE(is(PaidKind::claim, message(claim(accounts.lease))));
  auto both = claim(accounts.lease);
  both.push_back(escrow::encode_stop(program, accounts, StopHow::dark));
  EXPECT_TRUE(is(PaidKind::dark, message(both)));
  both.back() = escrow::encode_finish(program, accounts);
  EXPECT_TRUE(is(PaidKind::finish, message(both)));
}

TEST_F(PaidTest, RefusesMoreThanOneWord) {
  const auto ready = escrow::encode_ready(program, accounts, 500);
  EXPECT_FALSE(is_any(message({ready, ready})));
  EXPECT_FALSE(is_any(message({})));
  // The whole purse, behind a word that is good by itself.
  const auto theft = solana::transfer(attestor, key(66), base::Lamports{1'000'000'000});
  EXPECT_FALSE(is_any(message({ready}, {theft})));
  EXPECT_FALSE(is_any(message({}, {theft})));
  EXPECT_FALSE(is_any(message(claim(accounts.lease), {theft})));
  EXPECT_FALSE(is_any(message({escrow::encode_finish(program, accounts)}, {theft})));
}

TEST_F(PaidTest, RefusesOtherStopsAndOtherAccounts) {
  auto served = escrow::encode_stop(program, accounts, StopHow::dark);
  served.data.back() = 0;  // as the renter would say it
  EXPECT_FALSE(is_any(message({served})));
  auto elsewhere = accounts;
  elsewhere.host = key(66);
  EXPECT_FALSE(is_any(message({escrow::encode_finish(program, elsewhere)})));
  EXPECT_FALSE(is_any(message({escrow::encode_finish(key(66), accounts)}))) << "another program";
  auto longer = escrow::encode_cancel(program, accounts, false);
  longer.data.push_back(0);
  EXPECT_FALSE(is_any(message({longer})));
}

TEST_F(PaidTest, RefusesAttestationsOfOthers) {
  EXPECT_FALSE(is_any(message(claim(key(66))))) << "of another lease";
  EXPECT_FALSE(is_any(message(claim(accounts.lease, 501)))) << "of another opening";
  auto forged = claim(accounts.lease);
  forged[0].data[60] ^= 1;
  EXPECT_FALSE(is_any(message(forged)));
}

TEST_F(PaidTest, PaysNoMoreThanItWasTold) {
  const auto ready = escrow::encode_ready(program, accounts, 500);
  EXPECT_TRUE(is_any(message({ready}, {}, 18'000'000)));
  EXPECT_FALSE(is_any(message({ready}, {}, 19'000'000))) << "5,000 and over 55,000 lamports";
}

TEST_F(PaidTest, RefusesWhatIsNoMessageOrForTwoSigners) {
  EXPECT_FALSE(is_any({}));
  EXPECT_FALSE(is_any(base::Bytes(88, 0x41)));
  EXPECT_FALSE(is_any(escrow::encode_attestation({program, accounts.lease, 500, kNow})))
      << "an attestation must not pass for a transaction";
  EXPECT_FALSE(is_any(market::quote_message(example.hash)));
  auto two = escrow::encode_cancel(program, accounts, true);
  EXPECT_FALSE(is_any(message({two})));
  auto cut = message({escrow::encode_ready(program, accounts, 500)});
  cut.pop_back();
  EXPECT_FALSE(is_any(cut));
}

}  // namespace
}  // namespace obelisk::watch
