// The published bytes: one transaction in its three forms, made once with @solana/kit 8.4.
#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "core/solana/pda.hpp"
#include "core/solana/programs.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::solana {
namespace {

constexpr base::PublicKey kPayer = known_key("9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj");
constexpr base::PublicKey kDestination = known_key("FnHyam9w4NZoWR6mKN1CuGBritdsEWZQa4Z4oawLZGxa");
constexpr base::PublicKey kBlockhash = known_key("EZ3rST5dvHmbanh75jc4PuLfV96vp9fEYBVeNk4FfM1k");

constexpr std::string_view kLegacy =
    "01af9c8ab4269af6ba8cf0bf5b0b83d52887084966ba89c7b255806ad21636325a9fa1dcd4dbf094f04d14fa5b2fc8"
    "7506d1a2f475495edd5715ce04a76c6075080100020479b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0"
    "e3910bad049664db9df29c3ebc2d3ea96582970b15b665d5db2a26c48919d80fc50f5cb66436e30000000000000000"
    "0000000000000000000000000000000000000000000000000306466fe5211732ffecadba72c39be7bc8ce5bbc5f712"
    "6b2c439b3a40000000c95dbdbb9b39b5bf72c576b12f12233c1fef72ff818488f73834d2f182d896eb0303000502c2"
    "01000003000903e803000000000000020200010c0200000040420f0000000000";
constexpr std::string_view kV0 =
    "0115d4e964f236b1c3ddd6a60b62bcbb87f3cbfa0aa1166ce65b2466b831a238e261c040c84ec3e1f682d0efc87ddb"
    "4eb8e78301a554a7730fa73964feab148d04800100020479b5562e8fe654f94078b112e8a98ba7901f853ae695bed7"
    "e0e3910bad049664db9df29c3ebc2d3ea96582970b15b665d5db2a26c48919d80fc50f5cb66436e300000000000000"
    "000000000000000000000000000000000000000000000000000306466fe5211732ffecadba72c39be7bc8ce5bbc5f7"
    "126b2c439b3a40000000c95dbdbb9b39b5bf72c576b12f12233c1fef72ff818488f73834d2f182d896eb0303000502"
    "c201000003000903e803000000000000020200010c0200000040420f000000000000";
constexpr std::string_view kV1 =
    "8101000104000000c95dbdbb9b39b5bf72c576b12f12233c1fef72ff818488f73834d2f182d896eb010379b5562e8f"
    "e654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664db9df29c3ebc2d3ea96582970b15b665d5db2a26"
    "c48919d80fc50f5cb66436e30000000000000000000000000000000000000000000000000000000000000000c20100"
    "0002020c0000010200000040420f00000000000f9b9c1a5fa16a07a321302ae1a95843cf2291c7a72a64567bdf32d8"
    "fcfd8b141c5686883158ddd13d916160b3c1b918b84eb9d7ccfecdad4b57778293d39007";

base::Keypair payer() {
  std::array<std::uint8_t, 32> seed;
  for (std::uint8_t i = 0; i < 32; ++i) seed[i] = static_cast<std::uint8_t>(i + 1);
  return base::Keypair::from_seed(seed);
}

std::vector<Instruction> paid_transfer() {
  return {set_unit_limit(450), set_unit_price(1000),
          transfer(kPayer, kDestination, base::Lamports{1'000'000})};
}

std::string signed_hex(MessageVersion version) {
  auto message = compile_message(kPayer, paid_transfer(), {kBlockhash.bytes}, version);
  Transaction transaction(std::move(message).value());
  const base::Keypair key = payer();
  EXPECT_TRUE(sign(transaction, key).ok());
  return base::to_hex(transaction.wire());
}

TEST(Wire, LegacyTransferIsByteForByteKits) {
  EXPECT_EQ(signed_hex(MessageVersion::legacy), kLegacy);
}

TEST(Wire, V0TransferIsByteForByteKits) { EXPECT_EQ(signed_hex(MessageVersion::v0), kV0); }

TEST(Wire, DecodesEveryVersionAndWritesItBackUnchanged) {
  for (const std::string_view hex : {kLegacy, kV0, kV1}) {
    const auto wire = base::from_hex(hex).value();
    const auto transaction = decode_transaction(wire);
    ASSERT_TRUE(transaction.ok()) << transaction.error().message;
    EXPECT_EQ(transaction->wire(), wire);
    EXPECT_TRUE(transaction->is_signed());
    EXPECT_TRUE(transaction->missing().empty());
    EXPECT_EQ(transaction->message().payer(), kPayer);
    EXPECT_EQ(transaction->message().blockhash.bytes, kBlockhash.bytes);
    const auto instructions = instructions_of(transaction->message());
    EXPECT_EQ(instructions.back(), transfer(kPayer, kDestination, base::Lamports{1'000'000}));
  }
}

TEST(Wire, V1CarriesItsLimitsInTheMessage) {
  const auto transaction = decode_transaction(base::from_hex(kV1).value());
  ASSERT_TRUE(transaction.ok());
  EXPECT_EQ(transaction->message().version, MessageVersion::v1);
  EXPECT_EQ(transaction->message().config.unit_limit, 450u);
  EXPECT_EQ(transaction->message().config.priority_fee_lamports, 0u);
}

TEST(Wire, EveryChangedByteBreaksTheSignatureOrTheShape) {
  for (const std::string_view hex : {kLegacy, kV0, kV1}) {
    const auto wire = base::from_hex(hex).value();
    for (std::size_t i = 0; i < wire.size(); ++i) {
      auto changed = wire;
      changed[i] ^= 1;
      const auto transaction = decode_transaction(changed);
      EXPECT_FALSE(transaction.ok() && transaction->is_signed()) << "byte " << i;
    }
  }
}

TEST(Wire, EveryCutAndEveryExtraByteIsRefused) {
  for (const std::string_view hex : {kLegacy, kV0}) {
    auto wire = base::from_hex(hex).value();
    for (std::size_t size = 0; size < wire.size(); ++size) {
      EXPECT_FALSE(decode_transaction(base::ByteView(wire).first(size)).ok()) << size;
    }
    wire.push_back(0);
    EXPECT_FALSE(decode_transaction(wire).ok());
  }
  auto v1 = base::from_hex(kV1).value();
  for (std::size_t size = 0; size < v1.size(); ++size) {
    EXPECT_FALSE(decode_transaction(base::ByteView(v1).first(size)).ok()) << size;
  }
}

TEST(Wire, ProgramAddressOfThePublishedVector) {
  const std::array<std::uint8_t, 32> sevens = [] {
    std::array<std::uint8_t, 32> out;
    out.fill(7);
    return out;
  }();
  base::Writer nonce;
  nonce.u64(1);
  const auto found =
      find_program_address({base::view_of("lease"), sevens, nonce.bytes()}, kSystemProgram);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->address.to_string(), "zF2Ki5mfUJqEG3cD9NurzWVEVGuby1ZdnZWVyXar4aw");
  EXPECT_EQ(found->bump, 253);
}

}  // namespace
}  // namespace obelisk::solana
