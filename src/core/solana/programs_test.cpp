#include "core/solana/programs.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "core/solana/pda.hpp"

namespace obelisk::solana {
namespace {

using base::Code;

constexpr base::PublicKey kFrom{{1}};
constexpr base::PublicKey kTo{{2}};

Message compiled(const std::vector<Instruction>& instructions) {
  return compile_message(kFrom, instructions, {}, MessageVersion::v0).value();
}

std::uint64_t fee_of(const std::vector<Instruction>& instructions) {
  const auto fee = network_fee(compiled(instructions));
  EXPECT_TRUE(fee.ok());
  return fee.ok() ? fee->count : 0;
}

TEST(KnownKeys, AreTheirBase58) {
  EXPECT_EQ(kSystemProgram.to_string(), "11111111111111111111111111111111");
  EXPECT_EQ(kComputeBudgetProgram.to_string(), "ComputeBudget111111111111111111111111111111");
  EXPECT_EQ(kEd25519Program.to_string(), "Ed25519SigVerify111111111111111111111111111");
  EXPECT_EQ(kUpgradeableLoader.to_string(), "BPFLoaderUpgradeab1e11111111111111111111111");
  EXPECT_EQ(kClockSysvar.to_string(), "SysvarC1ock11111111111111111111111111111111");
  EXPECT_EQ(kRentSysvar.to_string(), "SysvarRent111111111111111111111111111111111");
  EXPECT_EQ(kInstructionsSysvar.to_string(), "Sysvar1nstructions1111111111111111111111111");
}

TEST(System, BytesAreThoseOfItsInstructions) {
  EXPECT_EQ(base::to_hex(transfer(kFrom, kTo, {1'000'000}).data), "0200000040420f0000000000");
  EXPECT_EQ(base::to_hex(create_account(kFrom, kTo, {5}, 16, kTo).data),
            "0000000005000000000000001000000000000000" + base::to_hex(kTo.view()));
  EXPECT_EQ(base::to_hex(assign(kFrom, kTo).data), "01000000" + base::to_hex(kTo.view()));
  EXPECT_EQ(base::to_hex(allocate(kFrom, 296).data), "080000002801000000000000");
}

TEST(ComputeBudget, IsReadBackAsItWasWritten) {
  EXPECT_EQ(base::to_hex(set_unit_limit(450).data), "02c2010000");
  EXPECT_EQ(base::to_hex(set_unit_price(1000).data), "03e803000000000000");
  EXPECT_EQ(base::to_hex(set_loaded_accounts_limit(65536).data), "0400000100");
  const auto budget = compute_budget_of({set_unit_limit(450), transfer(kFrom, kTo, {1}),
                                         set_unit_price(1000), set_loaded_accounts_limit(65536)});
  ASSERT_TRUE(budget.ok());
  EXPECT_EQ(budget->unit_limit, 450u);
  EXPECT_EQ(budget->unit_price, 1000u);
  EXPECT_EQ(budget->loaded_accounts_bytes, 65536u);
  EXPECT_FALSE(budget->heap_bytes.has_value());
}

TEST(ComputeBudget, TwiceOrMalformedIsRefused) {
  EXPECT_FALSE(compute_budget_of({set_unit_limit(1), set_unit_limit(2)}).ok());
  for (const char* hex :
       {"", "02", "02c20100", "02c201000000", "00c2010000", "05c2010000", "03e8030000"}) {
    const Instruction instruction{kComputeBudgetProgram, {}, base::from_hex(hex).value()};
    EXPECT_FALSE(compute_budget_of({instruction}).ok()) << hex;
  }
}

TEST(NetworkFee, SignaturesAndPriorityRoundedUp) {
  EXPECT_EQ(fee_of({transfer(kFrom, kTo, {1})}), 5000u);
  EXPECT_EQ(fee_of({set_unit_limit(450), set_unit_price(1000), transfer(kFrom, kTo, {1})}), 5001u);
  EXPECT_EQ(fee_of({set_unit_limit(1000), set_unit_price(1000), transfer(kFrom, kTo, {1})}), 5001u);
  EXPECT_EQ(fee_of({create_account(kFrom, kTo, {1}, 1, kTo)}), 10'000u);
  EXPECT_EQ(fee_of({ed25519_verify(kTo, {}, {}), transfer(kFrom, kTo, {1})}), 10'000u);
}

TEST(NetworkFee, WithoutALimitThePriceCountsForTheMostThereCanBe) {
  EXPECT_EQ(fee_of({set_unit_price(1'000'000), transfer(kFrom, kTo, {1})}), 205'000u);
  EXPECT_EQ(
      fee_of({set_unit_price(1'000'000), set_unit_limit(4'000'000'000), transfer(kFrom, kTo, {1})}),
      1'405'000u);
}

TEST(NetworkFee, InV1OnlyTheMessageItselfOffersOne) {
  Message message =
      compiled({set_unit_price(1'000'000), set_unit_price(9), transfer(kFrom, kTo, {1})});
  EXPECT_FALSE(network_fee(message).ok());
  message.version = MessageVersion::v1;
  message.config = {.mask = 0x03, .priority_fee_lamports = 77};
  EXPECT_EQ(network_fee(message).value().count, 5077u);
  message.config.priority_fee_lamports = ~0ull;
  EXPECT_FALSE(network_fee(message).ok());
}

TEST(NetworkFee, MoreThanAllTheLamportsIsRefused) {
  const auto fee = network_fee(compiled({set_unit_price(~0ull), transfer(kFrom, kTo, {1})}));
  ASSERT_FALSE(fee.ok());
  EXPECT_EQ(fee.error().code, Code::refused);
}

TEST(Ed25519, AnAttestationFillsExactlyTwoHundredBytes) {
  const auto key = base::Keypair::from_seed({5});
  const base::Bytes message(kAttestationBytes, 0xab);
  const auto signature = key.sign(message);
  const Instruction instruction = ed25519_verify(key.public_key(), signature, message);
  EXPECT_EQ(instruction.data.size(), 200u);
  EXPECT_TRUE(instruction.accounts.empty());
  const base::ByteView data(instruction.data);
  EXPECT_EQ(base::to_hex(data.first(16)), "01003000ffff1000ffff70005800ffff");
  EXPECT_EQ(base::PublicKey::from(data.subspan(16, 32)), key.public_key());
  EXPECT_EQ(base::Signature::from(data.subspan(48, 64)), signature);
  EXPECT_EQ(base::to_hex(data.subspan(112)), base::to_hex(message));
}

TEST(Clock, FortyBytesAndNothingElse) {
  base::Writer out;
  out.u64(7);
  out.i64(-1);
  out.u64(3);
  out.u64(4);
  out.i64(1'700'000'000);
  const auto clock = parse_clock(out.bytes());
  ASSERT_TRUE(clock.ok());
  EXPECT_EQ(clock->slot, 7u);
  EXPECT_EQ(clock->epoch_started_at, -1);
  EXPECT_EQ(clock->epoch, 3u);
  EXPECT_EQ(clock->leader_schedule_epoch, 4u);
  EXPECT_EQ(clock->unix_s, 1'700'000'000);
  out.u8(0);
  EXPECT_FALSE(parse_clock(out.bytes()).ok());
  EXPECT_FALSE(parse_clock(base::ByteView(out.bytes()).first(39)).ok());
}

TEST(ProgramAddress, SeedsAreBounded) {
  const base::Bytes seed(32, 1);
  const base::Bytes long_seed(33, 1);
  EXPECT_TRUE(find_program_address(std::vector<base::ByteView>(15, seed), kTo).ok());
  EXPECT_FALSE(find_program_address(std::vector<base::ByteView>(16, seed), kTo).ok());
  EXPECT_FALSE(find_program_address({long_seed}, kTo).ok());
  EXPECT_FALSE(create_program_address(std::vector<base::ByteView>(17, seed), kTo).ok());
}

TEST(ProgramAddress, CreatedWithTheFoundBumpItIsTheSame) {
  int refused = 0;
  for (std::uint8_t i = 0; i < 100; ++i) {
    const base::Bytes seed{i};
    const auto found = find_program_address({seed}, kTo);
    ASSERT_TRUE(found.ok());
    EXPECT_FALSE(base::is_on_curve(found->address));
    const base::Bytes bump{found->bump};
    EXPECT_EQ(create_program_address({seed, bump}, kTo).value(), found->address);
    for (unsigned larger = found->bump + 1u; larger < 256; ++larger) {
      const base::Bytes other{static_cast<std::uint8_t>(larger)};
      EXPECT_FALSE(create_program_address({seed, other}, kTo).ok());
      ++refused;
    }
  }
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace obelisk::solana
