#include "apps/cli/trust.hpp"

#include <gtest/gtest.h>

#include "adapters/clock/system_clock.hpp"
#include "apps/cli/lease_file.hpp"
#include "apps/cli/temporary_dir.hpp"
#include "base/crypto.hpp"
#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::cli {
namespace {

base::PublicKey key(std::uint8_t seed) { return base::Keypair::from_seed({seed}).public_key(); }

class TrustTest : public testing::Test {
 protected:
  TrustTest() : output_(stdout, stderr, {.json = true}) {
    lease_.address = key(1);
    lease_.program = key(2);
    settings_.state_dir = dir_.path();
    settings_.market_url = "http://127.0.0.1:1";  // nobody listens there
    settings_.rpc_urls = {"http://127.0.0.1:1"};
  }
  base::Result<void> trust() {
    Session session(settings_, output_, clock_);
    return trust_program(session, lease_);
  }

  TemporaryDir dir_;
  Output output_;
  clock::SystemClock clock_;
  Settings settings_;
  LeaseAccount lease_;
};

TEST_F(TrustTest, ALeasesOwnWordIsNoReasonToSign) {
  const auto trusted = trust();
  ASSERT_FALSE(trusted);
  EXPECT_EQ(trusted.error().code, base::Code::refused);
  EXPECT_NE(trusted.error().action.find("--program " + key(2).to_string()), std::string::npos);
}

TEST_F(TrustTest, TheNamedProgramIsTheOnlyOne) {
  settings_.program = key(2);
  EXPECT_TRUE(trust());
  settings_.program = key(3);
  EXPECT_EQ(trust().error().code, base::Code::refused);
}

TEST_F(TrustTest, SoIsTheOneThatThisMachinePaid) {
  LeaseFile notes;
  notes.lease = lease_.address;
  notes.program = key(2);
  notes.host = key(4);
  ASSERT_TRUE(save_lease_file(settings_.state_dir, notes));
  EXPECT_TRUE(trust());
  notes.program = key(3);
  ASSERT_TRUE(save_lease_file(settings_.state_dir, notes));
  EXPECT_FALSE(trust());
}

TEST_F(TrustTest, MainnetIsNotSignedForUnlessItIsSaid) {
  settings_.rpc_urls = {"http://127.0.0.1:1/mainnet"};
  Session session(settings_, output_, clock_);
  const auto wallet = session.signing_wallet();
  ASSERT_FALSE(wallet);
  EXPECT_EQ(wallet.error().code, base::Code::refused);
  EXPECT_NE(wallet.error().action.find("--mainnet"), std::string::npos);
}

TEST_F(TrustTest, MainnetAmongSeveralNodesIsNotSignedForEither) {
  settings_.rpc_urls = {"http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3/mainnet"};
  Session session(settings_, output_, clock_);
  const auto wallet = session.signing_wallet();
  ASSERT_FALSE(wallet);
  EXPECT_EQ(wallet.error().code, base::Code::refused);
}

TEST_F(TrustTest, OfSeveralSilentNodesNoneIsSignedFor) {
  settings_.rpc_urls = {"http://127.0.0.1:1", "http://127.0.0.1:2"};
  for (const bool mainnet : {false, true}) {
    settings_.mainnet = mainnet;
    Session session(settings_, output_, clock_);
    EXPECT_EQ(session.signing_wallet().error().code, base::Code::unreachable);
  }
}

TEST_F(TrustTest, ANodeThatDoesNotSayWhichNetworkItIsIsNotSignedFor) {
  Session session(settings_, output_, clock_);
  EXPECT_EQ(session.signing_wallet().error().code, base::Code::unreachable);
}

TEST(LeaseAccount, StandsAtTheAddressThatItsFieldsGive) {
  const base::PublicKey program = key(9);
  escrow::Lease data{};
  data.kind = escrow::kLeaseKind;
  data.version = escrow::kVersion;
  data.state = escrow::State::active;
  data.renter = escrow::to_key(key(1));
  data.nonce = 5;
  const auto address = settlement::lease_address(program, key(1), 5).address;
  ports::Account account{{1}, program, escrow::encode_lease(data)};
  ASSERT_TRUE(lease_from(address, account, 1));
  EXPECT_EQ(lease_from(key(7), account, 1).error().code, base::Code::refused);
  account.owner = key(8);
  EXPECT_EQ(lease_from(address, account, 1).error().code, base::Code::refused);
  account.data.resize(10);
  EXPECT_EQ(lease_from(address, account, 1).error().code, base::Code::not_found);
}

}  // namespace
}  // namespace obelisk::cli
