#include "core/escrow/codec.hpp"

#include <gtest/gtest.h>

#include "core/escrow/error_text.hpp"
#include "core/escrow/test_lease.hpp"

namespace obelisk::escrow {
namespace {

base::PublicKey key_of(std::uint8_t fill) {
  base::PublicKey key;
  key.bytes.fill(fill);
  return key;
}

TEST(Codec, KeysKeepTheirBytes) {
  base::PublicKey key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(to_key(key).words[0], 0x0706050403020100u);
  EXPECT_EQ(to_public_key(to_key(key)), key);
}

TEST(Codec, ALeaseComesBackAsItWas) {
  Lease lease = test_lease(State::closing);
  lease.renter = to_key(key_of(7));
  lease.released = 0x1122334455667788;
  const base::Bytes bytes = encode_lease(lease);
  ASSERT_EQ(bytes.size(), 296u);
  EXPECT_EQ(bytes[0], 2);
  EXPECT_EQ(bytes[3], 3);
  EXPECT_EQ(bytes[32], 7);
  EXPECT_EQ(bytes[288], 0x88);
  const auto back = parse_lease(bytes);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(encode_lease(*back), bytes);
}

TEST(Codec, WhatIsNoLeaseIsNone) {
  const base::Bytes sound = encode_lease(test_lease(State::active));
  const auto with = [&](std::size_t at, std::uint8_t value) {
    base::Bytes bytes = sound;
    bytes[at] = value;
    return parse_lease(bytes).has_value();
  };
  EXPECT_TRUE(parse_lease(sound).has_value());
  EXPECT_FALSE(with(0, 1));
  EXPECT_FALSE(with(1, 2));
  EXPECT_FALSE(with(3, 0));
  EXPECT_FALSE(with(3, 4));
  EXPECT_FALSE(parse_lease(base::ByteView(sound).first(295)).has_value());
  base::Bytes longer = sound;
  longer.push_back(0);
  EXPECT_FALSE(parse_lease(longer).has_value());
  EXPECT_FALSE(parse_lease({}).has_value());
}

TEST(Codec, Market) {
  Market market{};
  market.kind = kMarketKind;
  market.version = kVersion;
  market.rev = 5;
  market.attestor = to_key(key_of(3));
  base::Bytes bytes = encode_market(market);
  ASSERT_EQ(bytes.size(), 128u);
  ASSERT_TRUE(parse_market(bytes).has_value());
  EXPECT_EQ(parse_market(bytes)->rev, 5u);
  EXPECT_EQ(bytes[127], 3);
  EXPECT_FALSE(parse_market(base::ByteView(bytes).first(127)).has_value());
  const auto with = [&](std::size_t at, std::uint8_t value) {
    base::Bytes changed = bytes;
    changed[at] = value;
    return parse_market(changed).has_value();
  };
  EXPECT_TRUE(with(2, 77));
  EXPECT_FALSE(with(0, 2));
  EXPECT_FALSE(with(1, 2));
}

TEST(Codec, Event) {
  Event event{};
  event.magic = kEventMagic;
  event.tag = Tag::stop;
  event.state = State::closing;
  event.lease = to_key(key_of(9));
  event.to_host = 1;
  event.to_treasury = 2;
  event.to_renter = 3;
  event.proven_until = 4;
  event.stopped_at = 5;
  base::Bytes bytes = encode_event(event);
  ASSERT_EQ(bytes.size(), 80u);
  EXPECT_EQ(std::string(bytes.begin(), bytes.begin() + 4), "OBK1");
  const auto back = parse_event(bytes);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->tag, Tag::stop);
  EXPECT_EQ(back->to_renter, 3u);
  for (const std::size_t at : {0, 4, 5, 6}) {
    base::Bytes damaged = bytes;
    damaged[at] = 0xee;
    EXPECT_FALSE(parse_event(damaged).has_value()) << at;
  }
  // Tags from open to finish, states from closed to closing.
  const auto with = [&](std::size_t at, std::uint8_t value) {
    base::Bytes changed = bytes;
    changed[at] = value;
    return parse_event(changed).has_value();
  };
  EXPECT_FALSE(with(4, 1));
  EXPECT_TRUE(with(4, 2));
  EXPECT_TRUE(with(4, 8));
  EXPECT_FALSE(with(4, 9));
  EXPECT_TRUE(with(5, 0));
  EXPECT_TRUE(with(5, 3));
  EXPECT_FALSE(with(5, 4));
  EXPECT_FALSE(parse_event(base::ByteView(bytes).first(79)).has_value());
}

TEST(Codec, AttestationIsTheBytesOfTheProtocol) {
  const AttestationFields fields = {key_of(1), key_of(2), 0x0102030405060708, -2};
  const base::Bytes bytes = encode_attestation(fields);
  ASSERT_EQ(bytes.size(), 88u);
  EXPECT_EQ(std::string(bytes.begin(), bytes.begin() + 8), "OBELISK1");
  EXPECT_EQ(bytes[8], 1);
  EXPECT_EQ(bytes[40], 2);
  EXPECT_EQ(bytes[72], 8);
  EXPECT_EQ(bytes[80], 0xfe);
  EXPECT_EQ(parse_attestation(bytes), fields);
  base::Bytes damaged = bytes;
  damaged[7] = '2';
  EXPECT_FALSE(parse_attestation(damaged).has_value());
  EXPECT_FALSE(parse_attestation(base::ByteView(bytes).first(87)).has_value());
}

TEST(Codec, SeedsHaveFixedLengths) {
  const auto lease = lease_seeds(key_of(4), 258);
  EXPECT_EQ(std::string(lease[0].begin(), lease[0].end()), "lease");
  EXPECT_EQ(lease[1].size(), 32u);
  EXPECT_EQ(lease[2], (base::Bytes{2, 1, 0, 0, 0, 0, 0, 0}));
  const auto market = market_seeds(key_of(4));
  EXPECT_EQ(std::string(market[0].begin(), market[0].end()), "market");
  EXPECT_EQ(market[1].size(), 32u);
}

TEST(ErrorText, EveryCodeHasOneInOrder) {
  std::uint64_t expected = 100;
  for (const ErrorText& text : error_texts()) {
    EXPECT_EQ(static_cast<std::uint64_t>(text.code), expected++);
    EXPECT_FALSE(text.meaning.empty());
    EXPECT_FALSE(text.action.empty());
    EXPECT_EQ(error_text(static_cast<std::uint64_t>(text.code)), &text);
  }
  EXPECT_EQ(expected, 125u);
  EXPECT_EQ(error_text(0), nullptr);
  EXPECT_EQ(error_text(125), nullptr);
}

}  // namespace
}  // namespace obelisk::escrow
