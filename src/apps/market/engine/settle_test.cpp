// What is sent for a lease, against a chain with the escrow's real rules: what came of one
// transaction decides whether another is signed.
#include "apps/market/engine/settle.hpp"

#include <gtest/gtest.h>

#include "adapters/fake/fake_chain.hpp"
#include "adapters/fake/fake_clock.hpp"
#include "adapters/fake/key_attestor.hpp"
#include "apps/market/engine/testing.hpp"
#include "core/lease/testing.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::engine {
namespace {

using lease::testing::key;

class SettleTest : public ::testing::Test {
 protected:
  SettleTest() {
    escrow::Market market{};
    market.kind = escrow::kMarketKind;
    market.version = escrow::kVersion;
    market.rev = 1;
    chain_.put_market(key(4), market);
    quote_ = lease::testing::make_quote(1);
    quote_.attestor = attestor_.public_key();
    chain_.open(quote_.lease, lease::testing::account_of(quote_));
  }

  // A ready for another opening of this address: it lands, and fails.
  solana::Attempt failed_ready() {
    const escrow::LeaseAccounts accounts{quote_.lease, quote_.renter, quote_.host, quote_.treasury,
                                         quote_.attestor};
    const auto latest = chain_.latest_blockhash(ports::Commitment::confirmed);
    auto transaction = settlement::transaction(
        attestor_.public_key(), {escrow::encode_ready(program_, accounts, opened_slot() + 1)},
        settlement::kReadyUnits, latest->blockhash);
    EXPECT_TRUE(transaction && solana::sign(*transaction, attestor_));
    EXPECT_TRUE(chain_.send(transaction->wire(), false).ok());
    return {transaction->wire(), latest->last_valid_block_height};
  }
  std::uint64_t opened_slot() { return chain_.lease(quote_.lease)->opened_slot; }
  base::Result<Settle::Sent> ready() {
    return settle_.ready(quote_, opened_slot(),
                         {sent_,
                          [this](const solana::Attempt& attempt) -> base::Result<void> {
                            sent_ = attempt;
                            return {};
                          },
                          [this]() -> base::Result<void> {
                            sent_.reset();
                            return {};
                          }});
  }

  const base::PublicKey program_ = key(200);
  testing::KeySigner attestor_{61};
  fake::KeyAttestor watch_{attestor_};
  fake::FakeClock clock_;
  fake::FakeChain chain_{program_, 100'000};
  lease::Quote quote_;
  std::optional<solana::Attempt> sent_;
  Settle settle_{{chain_, clock_, watch_, program_, [](const std::string&) {},
                  [this](int ms) { clock_.advance_ms(ms); }}};
};

TEST_F(SettleTest, AnotherIsSignedOnceAFailureIsFinalAndNotBefore) {
  const solana::Attempt failed = failed_ready();
  sent_ = failed;
  const std::size_t before = chain_.sent();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(ready().ok());
  EXPECT_EQ(sent_, failed) << "a fork may still undo the failure";
  EXPECT_EQ(chain_.sent(), before);
  chain_.finalize();
  EXPECT_FALSE(ready().ok());
  EXPECT_FALSE(sent_);
  const auto landed = ready();
  ASSERT_TRUE(landed.ok()) << landed.error().message;
  EXPECT_TRUE(landed->has_value());
  EXPECT_EQ(chain_.lease(quote_.lease)->state, escrow::State::active);
}

}  // namespace
}  // namespace obelisk::engine
