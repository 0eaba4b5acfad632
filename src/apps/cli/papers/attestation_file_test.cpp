#include "apps/cli/papers/attestation_file.hpp"

#include <gtest/gtest.h>

#include "apps/cli/proofs.hpp"
#include "apps/cli/temporary_dir.hpp"
#include "base/crypto.hpp"

namespace obelisk::cli {
namespace {

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

struct Scene {
  base::Keypair attestor = base::Keypair::from_seed({1});
  base::Keypair renter = base::Keypair::from_seed({2});

  LeaseAccount lease() const {
    LeaseAccount out;
    out.address = key(7);
    out.program = key(9);
    out.data.opened_slot = 41;
    out.data.attestor = escrow::to_key(attestor.public_key());
    out.data.renter = escrow::to_key(renter.public_key());
    return out;
  }
  settlement::Proof proof(const base::Keypair& signer, std::int64_t alive_until,
                          std::uint64_t slot = 41) const {
    settlement::Proof out{signer.public_key(), {key(9), key(7), slot, alive_until}, {}};
    out.signature = signer.sign(escrow::encode_attestation(out.fields));
    return out;
  }
};

TEST(AttestationFile, IsReadBackAndHolds) {
  const Scene scene;
  const TemporaryDir dir;
  for (const base::Keypair* signer : {&scene.attestor, &scene.renter}) {
    const auto proof = scene.proof(*signer, 1000);
    const auto file = dir.write("a.json", attestation_file_text(proof));
    const auto read = proof_in_file(scene.lease(), file);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->signer, proof.signer);
    EXPECT_EQ(read->fields, proof.fields);
  }
}

TEST(AttestationFile, TheApisThreeFieldsAreEnough) {
  const Scene scene;
  const TemporaryDir dir;
  const auto proof = scene.proof(scene.attestor, 1000);
  const auto file = dir.write("a.json", api::to_json(api::Attestation{41, 1000, proof.signature}));
  EXPECT_TRUE(proof_in_file(scene.lease(), file));
}

TEST(AttestationFile, WhatDoesNotHoldIsSaid) {
  const Scene scene;
  const TemporaryDir dir;
  const base::Keypair stranger = base::Keypair::from_seed({3});
  const std::string good = attestation_file_text(scene.proof(scene.attestor, 1000));
  const std::string bare = api::to_json(api::Attestation{41, 1000, {}});
  auto later = scene.proof(scene.attestor, 1000);
  later.fields.alive_until = 2000;
  auto elsewhere = scene.proof(scene.attestor, 1000);
  elsewhere.fields.lease = key(8);
  const struct {
    const char* what;
    std::string text;
    const char* says;
  } cases[] = {
      {"nothing", "", "no attestation"},
      {"no object", "[1]", "no attestation"},
      {"half", good.substr(0, 60), "no attestation"},
      {"a key that is none", bare.substr(0, bare.size() - 1) + ",\"lease\":\"x\"}",
       "no attestation"},
      {"too long", good + std::string(kMaxAttestationBytes, ' '), "longer"},
      {"of another lease", attestation_file_text(elsewhere), "another lease"},
      {"of an earlier opening", attestation_file_text(scene.proof(scene.attestor, 1000, 40)),
       "earlier lease"},
      {"by a stranger", attestation_file_text(scene.proof(stranger, 1000)), "does not hold"},
      {"more than was signed", attestation_file_text(later), "does not hold"},
  };
  for (const auto& c : cases) {
    const auto read = proof_in_file(scene.lease(), dir.write("a.json", c.text));
    ASSERT_FALSE(read) << c.what;
    EXPECT_NE(read.error().message.find(c.says), std::string::npos)
        << c.what << ": " << read.error().message;
  }
  const auto missing = proof_in_file(scene.lease(), dir.path() + "/none");
  EXPECT_EQ(missing.error().code, base::Code::not_found);
}

TEST(AttestationFile, ProvesOneOpeningOnly) {
  const Scene scene;
  const auto old = scene.proof(scene.attestor, 1000, 40);
  EXPECT_FALSE(proof_from(scene.lease(), {40, 1000, old.signature}));
  EXPECT_FALSE(proof_from(scene.lease(), {41, 1000, old.signature}));
}

TEST(AttestationFile, TheNewestIsKept) {
  const Scene scene;
  const TemporaryDir dir;
  const auto kept = [&] {
    const auto found = kept_attestation(dir.path(), key(7));
    return found ? found->attestation.alive_until : 0;
  };
  EXPECT_EQ(kept(), 0u);
  ASSERT_TRUE(keep_attestation(dir.path(), scene.proof(scene.attestor, 1000)));
  EXPECT_EQ(kept(), 1000u);
  ASSERT_TRUE(keep_attestation(dir.path(), scene.proof(scene.attestor, 900)));
  EXPECT_EQ(kept(), 1000u);
  ASSERT_TRUE(keep_attestation(dir.path(), scene.proof(scene.attestor, 1060)));
  EXPECT_EQ(kept(), 1060u);
  // Another lease at the same address: what was proven of the one before is worth nothing.
  ASSERT_TRUE(keep_attestation(dir.path(), scene.proof(scene.attestor, 500, 77)));
  EXPECT_EQ(kept(), 500u);
}

}  // namespace
}  // namespace obelisk::cli
