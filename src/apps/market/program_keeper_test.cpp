#include "apps/market/program_keeper.hpp"

#include <gtest/gtest.h>

#include "apps/market/testing.hpp"
#include "core/solana/known_keys.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

// As the upgradeable loader writes them: a kind, then the fields.
ports::Account loaders(std::uint32_t kind, const base::Bytes& fields) {
  ports::Account out;
  out.owner = solana::kUpgradeableLoader;
  out.data = {static_cast<std::uint8_t>(kind), 0, 0, 0};
  out.data.insert(out.data.end(), fields.begin(), fields.end());
  return out;
}

class ProgramKeeperTest : public ::testing::Test {
 protected:
  void deploy(bool is_final) {
    const base::PublicKey data = key(8);
    chain.accounts_by_key[key(1)] = loaders(2, {data.bytes.begin(), data.bytes.end()});
    base::Bytes fields(8 + 1 + 32 + 100, 7);
    fields[8] = is_final ? 0 : 1;
    chain.accounts_by_key[data] = loaders(3, fields);
  }
  testing::TestChain chain;
  testing::TestClock clock;
  ProgramKeeper keeper{chain, clock, key(1)};
};

TEST_F(ProgramKeeperTest, SaysWhatTheChainSaysAndNothingBefore) {
  EXPECT_FALSE(keeper.owner());
  deploy(false);
  keeper.step();
  ASSERT_TRUE(keeper.owner());
  EXPECT_FALSE(keeper.owner()->is_final);
  EXPECT_EQ(keeper.owner()->authority, key(7));
  deploy(true);
  keeper.step();
  EXPECT_FALSE(keeper.owner()->is_final) << "not asked again yet";
  clock.steady += kOwnerReadEveryMs;
  keeper.step();
  EXPECT_TRUE(keeper.owner()->is_final);
}

TEST_F(ProgramKeeperTest, AnOldWordIsNone) {
  deploy(true);
  keeper.step();
  chain.accounts_by_key.clear();
  clock.steady += kOwnerReadEveryMs;
  keeper.step();
  EXPECT_TRUE(keeper.owner()) << "one question that is not answered";
  clock.steady += kOwnerKeptMs;
  keeper.step();
  EXPECT_FALSE(keeper.owner()) << "never final by what could not be read";
}

}  // namespace
}  // namespace obelisk::market_app
