// What every Chain must do, whichever cluster is behind it: the one in memory that the simulator
// runs on is held to the same as the real runtime behind a real RPC. A driver brings the chain and
// lets its time pass; the suite must never know which it is.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "base/crypto.hpp"
#include "core/solana/programs.hpp"
#include "core/solana/transaction.hpp"
#include "ports/chain.hpp"

namespace obelisk::conformance {

class ChainGround {
 public:
  virtual ~ChainGround() = default;
  virtual ports::Chain& chain() = 0;
  // Some milliseconds of the cluster's life.
  virtual void pass() = 0;
};

// A program that no transaction of the suite calls.
inline base::PublicKey program_of_nobody() {
  base::PublicKey out;
  out.bytes.fill(77);
  return out;
}

struct ChainDriver {
  const char* name;
  std::function<std::unique_ptr<ChainGround>()> make;
};

class ChainSuite : public ::testing::TestWithParam<ChainDriver> {
 protected:
  void SetUp() override {
    ground_ = GetParam().make();
    ASSERT_NE(ground_, nullptr);
  }

  ports::Chain& chain() { return ground_->chain(); }

  // Until it is so, or far too long after.
  template <class Is>
  bool wait_until(Is is) {
    for (int i = 0; i < 1'000; ++i) {
      if (is()) return true;
      ground_->pass();
    }
    return false;
  }
  std::optional<ports::SignatureStatus> status(const base::Signature& signature) {
    const auto all = chain().statuses({signature}, ports::Search::whole);
    return all.ok() ? all->found.front() : std::nullopt;
  }
  bool wait_for(const base::Signature& signature, ports::Commitment commitment) {
    return wait_until([&] {
      const auto seen = status(signature);
      return seen && seen->commitment >= commitment;
    });
  }
  base::Keypair funded(std::uint64_t lamports) {
    base::Keypair key = base::Keypair::random();
    const auto given = chain().airdrop(key.public_key(), {lamports});
    EXPECT_TRUE(given.ok() && wait_for(*given, ports::Commitment::confirmed));
    return key;
  }
  solana::Transaction payment(const base::Keypair& from, const base::PublicKey& to,
                              std::uint64_t lamports, const base::Hash& blockhash) {
    solana::Transaction out(
        solana::compile_message(from.public_key(),
                                {solana::transfer(from.public_key(), to, {lamports})}, blockhash,
                                solana::MessageVersion::v0)
            .value());
    EXPECT_TRUE(solana::sign(out, from).ok());
    return out;
  }
  base::Hash blockhash() {
    return chain().latest_blockhash(ports::Commitment::confirmed).value().blockhash;
  }
  std::uint64_t balance(const base::PublicKey& key) {
    const auto at = chain().account(key, ports::Commitment::confirmed);
    return at.ok() && at->account ? at->account->lamports.count : 0;
  }

  std::unique_ptr<ChainGround> ground_;
};

}  // namespace obelisk::conformance
