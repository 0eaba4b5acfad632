#include "core/escrow/instructions.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/escrow/attestation.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::escrow {
namespace {

base::PublicKey key_of(std::uint8_t fill) {
  base::PublicKey key;
  key.bytes.fill(fill);
  return key;
}

const base::PublicKey program_id = key_of(1);
const LeaseAccounts parties = {key_of(2), key_of(3), key_of(4), key_of(5), key_of(6)};

// Accounts as the protocol writes them: the first byte of the key, then s and w.
std::string spell(const Call& call) {
  std::string text;
  for (const CallAccount& account : call.accounts) {
    if (!text.empty()) text += ' ';
    text += std::to_string(account.key.bytes[0]);
    if (account.is_signer) text += 's';
    if (account.is_writable) text += 'w';
  }
  return text;
}

TEST(Instructions, AccountsAreThoseOfTheProtocol) {
  EXPECT_EQ(spell(encode_ready(program_id, parties, 1)), "6s 2w");
  EXPECT_EQ(spell(encode_cancel(program_id, parties, true)), "2w 3sw");
  EXPECT_EQ(spell(encode_cancel(program_id, parties, false)), "2w 3w");
  EXPECT_EQ(spell(encode_extend(program_id, parties, 60)), "3sw 2w 0");
  EXPECT_EQ(spell(encode_claim(program_id, parties)), "2w 3w 4w 5w 6");  // Sysvar1n... is 06...
  EXPECT_EQ(encode_claim(program_id, parties).accounts[4].key, instructions_sysvar());
  EXPECT_EQ(spell(encode_stop(program_id, parties, StopHow::served)), "2w 3sw 4w 5w");
  EXPECT_EQ(spell(encode_stop(program_id, parties, StopHow::dispute)), "2w 3sw 4w 5w");
  EXPECT_EQ(spell(encode_stop(program_id, parties, StopHow::waive)), "2w 3w 4sw 5w");
  EXPECT_EQ(spell(encode_stop(program_id, parties, StopHow::dark)), "2w 3w 4w 5w 6s");
  EXPECT_EQ(spell(encode_finish(program_id, parties)), "2w 3w 4w 5w");
}

TEST(Instructions, ShortOnes) {
  EXPECT_EQ(encode_ready(program_id, parties, 0x0102).data,
            (base::Bytes{3, 2, 1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(encode_cancel(program_id, parties, true).data, (base::Bytes{4}));
  EXPECT_EQ(encode_extend(program_id, parties, 7200).data, (base::Bytes{5, 0x20, 0x1c, 0, 0}));
  EXPECT_EQ(encode_claim(program_id, parties).data, (base::Bytes{6}));
  EXPECT_EQ(encode_stop(program_id, parties, StopHow::dark).data, (base::Bytes{7, 3}));
  EXPECT_EQ(encode_finish(program_id, parties).data, (base::Bytes{8}));
  EXPECT_EQ(encode_finish(program_id, parties).program, program_id);
}

TEST(Instructions, Open) {
  Open open;
  open.renter = key_of(3);
  open.lease = key_of(2);
  open.host = key_of(4);
  open.market = key_of(7);
  open.bump = 254;
  open.nonce = 5;
  open.market_rev = 6;
  open.expires_at = -1;
  open.rate_lamports_per_hour = 8;
  open.seconds = 9;
  open.max_seconds = 10;
  open.terms_hash.bytes.fill(11);
  const Call call = encode_open(program_id, open);
  EXPECT_EQ(spell(call), "3sw 2w 4w 7 0");
  ASSERT_EQ(call.data.size(), 74u);
  EXPECT_EQ(call.data[0], 2);
  EXPECT_EQ(call.data[1], 254);
  EXPECT_EQ(call.data[2], 5);
  EXPECT_EQ(call.data[10], 6);
  EXPECT_EQ(call.data[18], 0xff);
  EXPECT_EQ(call.data[26], 8);
  EXPECT_EQ(call.data[34], 9);
  EXPECT_EQ(call.data[38], 10);
  EXPECT_EQ(call.data[42], 11);
  EXPECT_EQ(call.data[73], 11);

  const auto read = parse_open(call.data);
  ASSERT_TRUE(read.has_value());
  Open again = *read;
  EXPECT_EQ(again.renter, base::PublicKey()) << "an account stands in the message, not in the data";
  again.renter = open.renter;
  again.lease = open.lease;
  again.host = open.host;
  again.market = open.market;
  EXPECT_EQ(again, open);
}

TEST(Instructions, WhatIsNoOpenIsNotReadAsOne) {
  const base::Bytes data = encode_open(program_id, {}).data;
  EXPECT_TRUE(parse_open(data));
  EXPECT_FALSE(parse_open({}));
  EXPECT_FALSE(parse_open(base::ByteView(data).first(data.size() - 1)));
  base::Bytes other = data;
  other[0] = static_cast<std::uint8_t>(Tag::extend);
  EXPECT_FALSE(parse_open(other));
  other = data;
  other.push_back(0);
  EXPECT_FALSE(parse_open(other));
}

TEST(Instructions, MarketTerms) {
  const MarketTerms terms = {1, 0x0203, 4, 5, 6, to_key(key_of(7))};
  const Call create =
      encode_create_market(program_id, {key_of(3), key_of(2), key_of(5), 99, terms});
  EXPECT_EQ(spell(create), "3sw 2w 5w 0");
  ASSERT_EQ(create.data.size(), 49u);
  EXPECT_EQ(create.data[1], 99);
  const Call update = encode_update_market(program_id, {key_of(3), key_of(2), key_of(5), terms});
  EXPECT_EQ(spell(update), "3s 2w 5w");
  ASSERT_EQ(update.data.size(), 48u);
  const base::Bytes head = {1, 1, 3, 2, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7};
  EXPECT_EQ(base::Bytes(update.data.begin(), update.data.begin() + 17), head);
}

TEST(Instructions, Ed25519IsTheOneShapeTheProgramTakes) {
  const base::Bytes message = encode_attestation({program_id, key_of(2), 1, 2});
  base::Signature signature;
  signature.bytes.fill(0xaa);
  const Call call = encode_ed25519(key_of(6), signature, message);
  EXPECT_EQ(call.program, ed25519_program());
  EXPECT_EQ(ed25519_program().to_string(), "Ed25519SigVerify111111111111111111111111111");
  EXPECT_TRUE(call.accounts.empty());
  ASSERT_EQ(call.data.size(), 200u);
  EXPECT_EQ(base::to_hex(base::ByteView(call.data).first(16)), "01003000ffff1000ffff70005800ffff");
  EXPECT_EQ(call.data[kEd25519KeyAt], 6);
  EXPECT_EQ(call.data[kEd25519SignatureAt], 0xaa);
  EXPECT_EQ(call.data[kEd25519MessageAt], 'O');
  EXPECT_DEATH(encode_ed25519(key_of(6), signature, base::ByteView(message).first(87)), "bug: ");
}

}  // namespace
}  // namespace obelisk::escrow
