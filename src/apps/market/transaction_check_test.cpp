#include "apps/market/transaction_check.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "core/escrow/instruction_set.hpp"
#include "core/solana/known_keys.hpp"

namespace obelisk::market_app {
namespace {

constexpr base::PublicKey kOurs{{1}};

solana::Instruction call_of(const base::PublicKey& program, base::Bytes data) {
  solana::Instruction out;
  out.program = program;
  out.data = std::move(data);
  return out;
}

// One that needs no account: what stands beside it is what is judged.
solana::Instruction claim() {
  return call_of(kOurs, {static_cast<std::uint8_t>(escrow::Tag::claim)});
}

solana::Transaction signed_with(const std::vector<solana::Instruction>& calls) {
  const auto payer = base::Keypair::random();
  solana::Transaction out(
      *solana::compile_message(payer.public_key(), calls, {}, solana::MessageVersion::v0));
  EXPECT_TRUE(out.add_signature(payer.public_key(), payer.sign(out.message_bytes())));
  return out;
}

TEST(TransactionCheck, WhatWalletsAddMayStandBeside) {
  for (const auto& program :
       {solana::kComputeBudgetProgram, solana::kEd25519Program, solana::kLighthouseProgram}) {
    EXPECT_TRUE(judge_transaction(signed_with({claim(), call_of(program, {1, 2})}), kOurs));
  }
}

TEST(TransactionCheck, NothingElseIsSent) {
  const auto other = call_of(base::PublicKey{{9}}, {1});
  EXPECT_EQ(judge_transaction(signed_with({claim(), other}), kOurs).error().code,
            base::Code::refused);
  const auto guard = call_of(solana::kLighthouseProgram, {1});
  EXPECT_FALSE(judge_transaction(signed_with({guard}), kOurs)) << "nothing of ours is in it";
}

}  // namespace
}  // namespace obelisk::market_app
