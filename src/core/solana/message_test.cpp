#include "core/solana/message.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "core/solana/key_order.hpp"
#include "core/solana/programs.hpp"
#include "core/solana/shortvec.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::solana {
namespace {

using base::Code;

base::PublicKey key(std::uint8_t number) {
  base::PublicKey out;
  out.bytes.fill(number);
  return out;
}

Message compiled(const std::vector<Instruction>& instructions,
                 MessageVersion version = MessageVersion::v0) {
  auto message = compile_message(key(1), instructions, {}, version);
  EXPECT_TRUE(message.ok()) << (message.ok() ? "" : message.error().message);
  return std::move(message).value();
}

Code refusal(const base::PublicKey& payer, const std::vector<Instruction>& instructions) {
  const auto message = compile_message(payer, instructions, {}, MessageVersion::legacy);
  EXPECT_FALSE(message.ok());
  return message.ok() ? Code::internal : message.error().code;
}

TEST(Shortvec, EveryNumberHasOneForm) {
  for (unsigned value = 0; value <= 0xffff; ++value) {
    base::Writer out;
    put_shortvec(out, static_cast<std::uint16_t>(value));
    base::Reader in(out.bytes());
    ASSERT_EQ(read_shortvec(in), value);
    ASSERT_TRUE(in.at_end());
    ASSERT_EQ(out.bytes().size(), value < 128 ? 1u : value < 16384 ? 2u : 3u);
  }
}

TEST(Shortvec, LongerFormsAndLargerNumbersAreRefused) {
  for (const char* hex : {"", "80", "8080", "8000", "808000", "ff00", "808004", "ffff04",
                          "80808001", "ffff83", "ffffff"}) {
    const base::Bytes bytes = base::from_hex(hex).value();
    base::Reader in(bytes);
    EXPECT_FALSE(read_shortvec(in).has_value()) << hex;
  }
}

TEST(KeyOrder, DigitsThenLettersAndTheSmallOneFirst) {
  EXPECT_TRUE(base58_before("9", "a"));
  EXPECT_TRUE(base58_before("Z1", "z2"));
  EXPECT_TRUE(base58_before("ab", "AC"));
  EXPECT_TRUE(base58_before("a", "A"));
  EXPECT_TRUE(base58_before("aB", "Ab"));
  EXPECT_TRUE(base58_before("A", "ab"));
  EXPECT_FALSE(base58_before("A", "a"));
  EXPECT_FALSE(base58_before("a", "a"));
}

TEST(Message, AccountsStandByWhatTheyMay) {
  const Message message = compiled({{key(9),
                                     {{key(2), false, false},
                                      {key(3), false, true},
                                      {key(4), true, false},
                                      {key(5), true, true}},
                                     {}}});
  EXPECT_EQ(message.signers, 3);
  EXPECT_EQ(message.readonly_signers, 1);
  EXPECT_EQ(message.readonly_others, 2);
  EXPECT_EQ(message.keys[0], key(1));
  EXPECT_EQ(message.keys[1], key(5));
  EXPECT_EQ(message.keys[2], key(4));
  EXPECT_EQ(message.keys[3], key(3));
  const std::vector<AccountMeta> expected{
      {key(2), false, false}, {key(3), false, true}, {key(4), true, false}, {key(5), true, true}};
  EXPECT_EQ(instructions_of(message).at(0).accounts, expected);
}

TEST(Message, RightsOfOneKeyAreMerged) {
  const Message message = compiled({{key(9), {{key(2), true, false}}, {1}},
                                    {key(9), {{key(2), false, true}}, {2}},
                                    {key(8), {{key(1), false, false}}, {3}}});
  EXPECT_EQ(message.keys.size(), 4u);
  const auto instructions = instructions_of(message);
  EXPECT_EQ(instructions.at(0).accounts.at(0), (AccountMeta{key(2), true, true}));
  EXPECT_EQ(instructions.at(2).accounts.at(0), (AccountMeta{key(1), true, true}));
}

TEST(Message, AProgramNeitherPaysNorIsWritten) {
  EXPECT_EQ(refusal(key(9), {{key(9), {}, {}}}), Code::invalid_input);
  EXPECT_EQ(refusal(key(1), {{key(9), {{key(9), false, true}}, {}}}), Code::invalid_input);
  EXPECT_EQ(refusal(key(1), {{key(8), {{key(9), false, true}}, {}}, {key(9), {}, {}}}),
            Code::invalid_input);
}

TEST(Message, WhatDoesNotFitIsRefused) {
  EXPECT_EQ(refusal(key(1), {{key(9), {}, base::Bytes(1232)}}), Code::invalid_input);
  EXPECT_EQ(refusal(key(1), {{key(9), {}, base::Bytes(100'000)}}), Code::invalid_input);
  EXPECT_EQ(refusal(key(1), std::vector<Instruction>(65, {key(9), {}, {}})), Code::invalid_input);
  std::vector<AccountMeta> many;
  for (std::uint8_t i = 10; i < 80; ++i) many.push_back({key(i), false, false});
  EXPECT_EQ(refusal(key(1), {{key(9), many, {}}}), Code::invalid_input);
  EXPECT_EQ(refusal(key(1), {{key(9), {{{}, false, false, true}}, {}}}), Code::invalid_input);
  EXPECT_EQ(compile_message(key(1), {}, {}, MessageVersion::v1).error().code, Code::unsupported);
}

TEST(Message, ALargestTransactionIsExactlyOnePacket) {
  std::size_t size = 0;
  for (std::size_t data = 900; data < 1232; ++data) {
    auto message =
        compile_message(key(1), {{key(9), {}, base::Bytes(data)}}, {}, MessageVersion::legacy);
    if (!message.ok()) break;
    size = Transaction(*std::move(message)).wire().size();
  }
  EXPECT_EQ(size, kMaxTransactionBytes);
}

// Valid bytes of one message, to be damaged by the tests below.
struct Layout {
  base::Bytes bytes =
      serialize(compiled({{key(9), {{key(2), true, false}, {key(3), false, true}}, {7, 7, 7}}},
                         MessageVersion::legacy));
  base::Bytes with(std::size_t at, std::uint8_t value) const {
    base::Bytes out = bytes;
    out.at(at) = value;
    return out;
  }
};

TEST(DecodeMessage, HeadersThatCannotBeAreRefused) {
  const Layout layout;
  ASSERT_TRUE(decode_message(layout.bytes).ok());
  EXPECT_FALSE(decode_message(layout.with(0, 0)).ok());  // nobody signs
  EXPECT_FALSE(decode_message(layout.with(0, 5)).ok());  // more signers than keys
  EXPECT_FALSE(decode_message(layout.with(1, 2)).ok());  // a read-only payer
  EXPECT_FALSE(decode_message(layout.with(2, 3)).ok());  // more read-only keys than keys
  EXPECT_FALSE(decode_message(layout.with(3, 200)).ok());
}

TEST(DecodeMessage, AKeyTwiceIsRefused) {
  const Layout layout;
  base::Bytes bytes = layout.bytes;
  std::copy_n(bytes.begin() + 4, 32, bytes.begin() + 4 + 64);
  EXPECT_FALSE(decode_message(bytes).ok());
}

TEST(DecodeMessage, IndexesOutOfRangeAreRefused) {
  const Layout layout;
  const std::size_t instruction = 4 + 4 * 32 + 32 + 1;
  EXPECT_EQ(layout.bytes.at(instruction), 3);
  EXPECT_FALSE(decode_message(layout.with(instruction, 0)).ok());  // the payer is no program
  EXPECT_FALSE(decode_message(layout.with(instruction, 4)).ok());
  EXPECT_FALSE(decode_message(layout.with(instruction + 2, 4)).ok());
  EXPECT_FALSE(decode_message(layout.with(instruction + 1, 9)).ok());
}

TEST(DecodeMessage, UnknownVersionsSayThatTheyAreUnknown) {
  const Layout layout;
  for (const unsigned first : {0x82u, 0x90u, 0xffu}) {
    EXPECT_EQ(decode_message(layout.with(0, static_cast<std::uint8_t>(first))).error().code,
              Code::unsupported);
  }
}

TEST(DecodeMessage, KeysOfALookupTableAreUnresolved) {
  Message message = compiled({{key(9), {{key(2), false, true}}, {}}});
  message.lookups.push_back({key(7), {4}, {5, 6}});
  // Behind the three keys of its own: one writable of the table, then its two read-only ones.
  message.instructions[0].accounts = {3, 4, 5, 0};
  const auto decoded = decode_message(serialize(message));
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  EXPECT_EQ(*decoded, message);
  const auto accounts = instructions_of(*decoded).at(0).accounts;
  EXPECT_EQ(accounts.at(0), (AccountMeta{{}, false, true, true}));
  EXPECT_EQ(accounts.at(1), (AccountMeta{{}, false, false, true}));
  EXPECT_EQ(accounts.at(3), (AccountMeta{key(1), true, true, false}));

  message.lookups[0] = {key(7), {}, {}};
  message.instructions[0].accounts = {};
  EXPECT_FALSE(decode_message(serialize(message)).ok());
  message.lookups[0] = {key(7), {4}, {}};
  message.instructions[0].program = 3;
  EXPECT_FALSE(decode_message(serialize(message)).ok());
}

// Anything at all: what is accepted has to be written back as it was read.
TEST(DecodeMessage, WhatIsAcceptedIsWrittenBackUnchanged) {
  const Layout layout;
  std::uint64_t state = 1;
  const auto random = [&state] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
  };
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    base::Bytes bytes = layout.bytes;
    for (std::uint64_t change = random() % 3 + 1; change > 0; --change) {
      bytes[random() % bytes.size()] =
          static_cast<std::uint8_t>(random() % 2 ? random() : random() % 8);
    }
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 4));
    const auto message = decode_message(bytes);
    if (!message.ok()) continue;
    ++accepted;
    ASSERT_EQ(serialize(*message), bytes);
    (void)instructions_of(*message);
  }
  EXPECT_GT(accepted, 1'000);
}

TEST(Transaction, TakesOnlySignaturesThatBelongInIt) {
  const auto payer = base::Keypair::from_seed({1});
  const auto second = base::Keypair::from_seed({2});
  const auto stranger = base::Keypair::from_seed({3});
  auto message =
      compile_message(payer.public_key(), {{key(9), {{second.public_key(), true, false}}, {}}}, {},
                      MessageVersion::v0);
  Transaction transaction(std::move(message).value());
  EXPECT_EQ(transaction.missing().size(), 2u);
  EXPECT_EQ(transaction.wire().at(0), 2);
  EXPECT_FALSE(sign(transaction, stranger).ok());
  EXPECT_FALSE(transaction.add_signature(key(9), {}).ok());
  EXPECT_FALSE(
      transaction.add_signature(payer.public_key(), second.sign(transaction.message_bytes())).ok());
  EXPECT_TRUE(sign(transaction, second).ok());
  EXPECT_TRUE(transaction.id().is_zero());
  EXPECT_FALSE(transaction.is_signed());
  EXPECT_EQ(transaction.missing(), std::vector{payer.public_key()});
  EXPECT_TRUE(sign(transaction, payer).ok());
  EXPECT_TRUE(transaction.is_signed());

  const auto again = decode_transaction_base64(transaction.base64());
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->id(), transaction.id());
  EXPECT_TRUE(again->is_signed());
}

TEST(Transaction, Base64IsBoundedAndCanonical) {
  EXPECT_FALSE(decode_transaction_base64("").ok());
  EXPECT_FALSE(decode_transaction_base64("AA!=").ok());
  EXPECT_FALSE(decode_transaction_base64(std::string(1 << 20, 'A')).ok());
}

TEST(Transaction, AnotherNumberOfSignaturesThanSignersIsRefused) {
  Transaction transaction(compiled({{key(9), {}, {}}}));
  base::Bytes wire = transaction.wire();
  wire.insert(wire.begin() + 1, 64, 0);
  wire[0] = 2;
  EXPECT_FALSE(decode_transaction(wire).ok());
}

}  // namespace
}  // namespace obelisk::solana
