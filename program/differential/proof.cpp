#include "program/differential/proof.hpp"

#include "base/check.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::differential {
namespace {

using base::PublicKey;

// Where a proof lies: offsets of key, signature and message, and the instruction that holds them.
struct Layout {
  std::uint8_t count = 1;
  std::uint8_t padding = 0;
  std::uint16_t shift = 0;
  std::uint16_t where = 0xffff;  // this instruction
};

base::Bytes laid_out(const Layout& layout, const PublicKey& signer,
                     const base::Signature& signature, const base::Bytes& message) {
  base::Writer out;
  out.u8(layout.count);
  out.u8(layout.padding);
  const auto first = static_cast<std::uint16_t>(2 + 14 * layout.count + layout.shift);
  for (int i = 0; i < layout.count; ++i) {
    out.u16(static_cast<std::uint16_t>(first + 32));
    out.u16(layout.where);
    out.u16(first);
    out.u16(layout.where);
    out.u16(static_cast<std::uint16_t>(first + 96));
    out.u16(static_cast<std::uint16_t>(message.size()));
    out.u16(layout.where);
  }
  out.put(base::Bytes(layout.shift, 0));
  out.put(signer.view());
  out.put(signature.view());
  out.put(message);
  return std::move(out).take();
}

Act signed_by(const Cast& cast, const PublicKey& signer, const base::Bytes& message,
              const Layout& layout = {}) {
  const base::Keypair& pair = cast.keypair_of(signer);
  return {{escrow::ed25519_program(),
           {},
           laid_out(layout, pair.public_key(), pair.sign(message), message)},
          Row::other,
          false};
}

// What a party of the lease would sign; of no lease at all where there is none.
struct Statement {
  escrow::AttestationFields fields;
  PublicKey attestor;
  PublicKey renter;
};

Statement statement_of(const Cast& cast, const Ledger& ledger, const LeaseSeat& seat,
                       std::int64_t alive_until) {
  const auto lease = escrow::parse_lease(ledger.at(seat.address.key).data);
  const std::uint64_t slot = lease ? lease->opened_slot : ledger.slot;
  const PublicKey attestor = lease ? escrow::to_public_key(lease->attestor) : cast.attestors[0];
  return {{ledger.program(), seat.address.key, slot, alive_until}, attestor, seat.renter};
}

// Sound for the runtime, of another shape than ours.
Proof other_shape(Random& random, const Cast& cast, const Statement& statement) {
  const auto message = escrow::encode_attestation(statement.fields);
  const PublicKey& signer = statement.attestor;
  switch (random.below(7)) {
    case 0: return {signed_by(cast, signer, message, {1, 7, 0, 0xffff}), "padding set"};
    case 1: return {signed_by(cast, signer, message, {2, 0, 0, 0xffff}), "two signatures"};
    case 2: return {signed_by(cast, signer, message, {1, 0, 8, 0xffff}), "shifted"};
    case 3: {
      base::Bytes longer = message;
      longer.push_back(0);
      return {signed_by(cast, signer, longer), "message of 89 bytes"};
    }
    case 4: {
      Proof proof = {signed_by(cast, signer, message), "with an account"};
      proof.act.call.accounts.push_back({cast.stranger, false, false});
      return proof;
    }
    case 5: {
      // All 200 bytes, of which the head leaves the last one out.
      Proof proof = {signed_by(cast, signer, {message.begin(), message.end() - 1}),
                     "message of 87 bytes"};
      proof.act.call.data.push_back(0);
      return proof;
    }
    default: {
      Proof proof = {{{escrow::ed25519_program(), {}, {0, 0}}, Row::other, false}, "no signature"};
      return proof;
    }
  }
}

// Another key, by a single bit at times: all of it is compared, or it is not.
void bend(Random& random, PublicKey& key, const PublicKey& other) {
  const PublicKey was = key;
  if (random.percent(50)) key = other;
  if (key == was) key.bytes[random.below(32)] ^= static_cast<std::uint8_t>(1 << random.below(8));
}

Proof other_message(Random& random, const Cast& cast, Statement statement) {
  const char* what = "another opening";
  switch (random.below(4)) {
    case 0:
      bend(random, statement.fields.program, cast.stranger);
      what = "another program";
      break;
    case 1:
      bend(random, statement.fields.lease, random.pick(cast.leases).address.key);
      what = "another lease";
      break;
    case 2: {
      base::Bytes message = escrow::encode_attestation(statement.fields);
      message[random.below(8)] ^= static_cast<std::uint8_t>(1 + random.below(255));
      return {signed_by(cast, statement.attestor, message), "another magic"};
    }
    default:
      statement.fields.opened_slot += random.percent(70) ? std::uint64_t{0} - 1 : std::uint64_t{1};
  }
  const PublicKey signer = random.percent(90) ? statement.attestor : cast.stranger;
  return {signed_by(cast, signer, escrow::encode_attestation(statement.fields)), what};
}

Proof other_signer(Random& random, const Cast& cast, const Statement& statement) {
  const auto message = escrow::encode_attestation(statement.fields);
  PublicKey signer = cast.stranger;
  for (const PublicKey& one :
       {random.pick(cast.hosts), random.pick(cast.attestors), random.pick(cast.renters)}) {
    if (one != statement.attestor && one != statement.renter && random.percent(40)) signer = one;
  }
  return {signed_by(cast, signer, message), "another signer"};
}

Proof forged(Random& random, const Cast& cast, const Statement& statement) {
  const auto message = escrow::encode_attestation(statement.fields);
  Proof proof = {signed_by(cast, statement.attestor, message), "forged"};
  // Anywhere in the signature or the message.
  proof.act.call.data[48 + random.below(152)] ^= static_cast<std::uint8_t>(1 + random.below(255));
  proof.act.forged = true;
  return proof;
}

}  // namespace

Proof good_proof(Random& random, const Cast& cast, const Ledger& ledger, const LeaseSeat& seat,
                 std::int64_t alive_until) {
  const Statement statement = statement_of(cast, ledger, seat, alive_until);
  const bool by_renter = random.percent(20);
  return {signed_by(cast, by_renter ? statement.renter : statement.attestor,
                    escrow::encode_attestation(statement.fields)),
          by_renter ? "by the renter" : "by the attestor"};
}

Proof bad_proof(Random& random, const Cast& cast, const Ledger& ledger, const LeaseSeat& seat,
                std::int64_t alive_until) {
  const Statement statement = statement_of(cast, ledger, seat, alive_until);
  switch (random.below(4)) {
    case 0: return other_shape(random, cast, statement);
    case 1: return other_message(random, cast, statement);
    case 2: return other_signer(random, cast, statement);
    default: return forged(random, cast, statement);
  }
}

}  // namespace obelisk::differential
