#include "core/settlement/settlement.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::settlement {
namespace {

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

TEST(Settlement, LeaseAddressesDifferByRenterAndNonceAndAreOffTheCurve) {
  const auto first = lease_address(key(9), key(1), 1);
  EXPECT_NE(first.address, lease_address(key(9), key(1), 2).address);
  EXPECT_NE(first.address, lease_address(key(9), key(2), 1).address);
  EXPECT_NE(first.address, lease_address(key(8), key(1), 1).address);
  EXPECT_FALSE(base::is_on_curve(first.address));
}

TEST(Settlement, AClaimIsItsProofAndTheCallRightAfterIt) {
  const auto attestor = base::Keypair::random();
  Proof proof{attestor.public_key(), {key(9), key(5), 77, 1000}, {}};
  EXPECT_FALSE(is_valid(proof));
  proof.signature = attestor.sign(escrow::encode_attestation(proof.fields));
  EXPECT_TRUE(is_valid(proof));

  const escrow::LeaseAccounts accounts{key(5), key(1), key(2), key(3), attestor.public_key()};
  const auto built =
      transaction(key(1), claim_calls(key(9), accounts, proof), kClaimUnits, base::Hash{});
  ASSERT_TRUE(built) << built.error().message;
  const auto instructions = solana::instructions_of(built->message());
  ASSERT_EQ(instructions.size(), 3u);
  EXPECT_EQ(instructions[1].program, escrow::ed25519_program());
  EXPECT_EQ(instructions[1].data.size(), 200u);
  EXPECT_TRUE(instructions[1].accounts.empty());
  EXPECT_EQ(instructions[2].program, key(9));

  proof.fields.alive_until += 1;
  EXPECT_FALSE(is_valid(proof));
}

}  // namespace
}  // namespace obelisk::settlement
