#include "core/solana/programs.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace obelisk::solana {
namespace {

using base::Code;
using base::Error;

// The two other programs whose signatures a transaction pays for.
constexpr base::PublicKey kSecp256k1Program =
    known_key("KeccakSecp256k11111111111111111111111111111");
constexpr base::PublicKey kSecp256r1Program =
    known_key("Secp256r1SigVerify1111111111111111111111111");

constexpr std::uint64_t kDefaultUnitsPerInstruction = 200'000;
constexpr std::uint64_t kMaxUnits = 1'400'000;

Error bad_budget() {
  return Error{Code::invalid_input, "This transaction's ComputeBudget instructions are malformed.",
               "Build the transaction anew."};
}

template <class T>
base::Result<void> set_once(std::optional<T>& field, T value) {
  if (field) return bad_budget();
  field = value;
  return {};
}

base::Result<void> read_budget(base::ByteView data, ComputeBudget& out) {
  base::Reader in(data);
  const std::uint8_t tag = in.u8();
  const std::uint64_t value = tag == 3 ? in.u64() : in.u32();
  if (!in.at_end() || tag < 1 || tag > 4) return bad_budget();
  const auto small = static_cast<std::uint32_t>(value);
  if (tag == 1) return set_once(out.heap_bytes, small);
  if (tag == 2) return set_once(out.unit_limit, small);
  if (tag == 3) return set_once(out.unit_price, value);
  return set_once(out.loaded_accounts_bytes, small);
}

bool verifies_signatures(const base::PublicKey& program) {
  return program == kEd25519Program || program == kSecp256k1Program || program == kSecp256r1Program;
}

}  // namespace

Instruction create_account(const base::PublicKey& from, const base::PublicKey& created,
                           base::Lamports lamports, std::uint64_t space,
                           const base::PublicKey& owner) {
  base::Writer data;
  data.u32(0);
  data.u64(lamports.count);
  data.u64(space);
  data.put(owner.view());
  return {kSystemProgram, {{from, true, true}, {created, true, true}}, std::move(data).take()};
}

Instruction assign(const base::PublicKey& account, const base::PublicKey& owner) {
  base::Writer data;
  data.u32(1);
  data.put(owner.view());
  return {kSystemProgram, {{account, true, true}}, std::move(data).take()};
}

Instruction transfer(const base::PublicKey& from, const base::PublicKey& to,
                     base::Lamports lamports) {
  base::Writer data;
  data.u32(2);
  data.u64(lamports.count);
  return {kSystemProgram, {{from, true, true}, {to, false, true}}, std::move(data).take()};
}

Instruction allocate(const base::PublicKey& account, std::uint64_t space) {
  base::Writer data;
  data.u32(8);
  data.u64(space);
  return {kSystemProgram, {{account, true, true}}, std::move(data).take()};
}

Instruction set_unit_limit(std::uint32_t units) {
  base::Writer data;
  data.u8(2);
  data.u32(units);
  return {kComputeBudgetProgram, {}, std::move(data).take()};
}

Instruction set_unit_price(std::uint64_t micro_lamports_per_unit) {
  base::Writer data;
  data.u8(3);
  data.u64(micro_lamports_per_unit);
  return {kComputeBudgetProgram, {}, std::move(data).take()};
}

Instruction set_loaded_accounts_limit(std::uint32_t bytes) {
  base::Writer data;
  data.u8(4);
  data.u32(bytes);
  return {kComputeBudgetProgram, {}, std::move(data).take()};
}

base::Result<ComputeBudget> compute_budget_of(const std::vector<Instruction>& instructions) {
  ComputeBudget out;
  for (const Instruction& instruction : instructions) {
    if (instruction.program != kComputeBudgetProgram) continue;
    TRY_VOID(read_budget(instruction.data, out));
  }
  return out;
}

base::Result<base::Lamports> network_fee(const Message& message) {
  const std::vector<Instruction> instructions = instructions_of(message);
  ComputeBudget budget;
  // v1 has its limits in the message; the runtime passes over the instructions that ask for some.
  if (message.version != MessageVersion::v1) {
    TRY(budget, compute_budget_of(instructions));
  }
  std::uint64_t signatures = message.signers;
  std::uint64_t default_units = 0;
  for (const Instruction& instruction : instructions) {
    if (verifies_signatures(instruction.program) && !instruction.data.empty()) {
      signatures += instruction.data[0];
    }
    if (instruction.program != kComputeBudgetProgram) default_units += kDefaultUnitsPerInstruction;
  }
  const std::uint64_t units =
      std::min<std::uint64_t>(budget.unit_limit.value_or(default_units), kMaxUnits);
  std::uint64_t micro = 0;
  std::uint64_t fee = message.config.priority_fee_lamports;
  const bool overflow =
      __builtin_mul_overflow(units, budget.unit_price.value_or(0), &micro) ||
      __builtin_add_overflow(fee, micro / 1'000'000 + (micro % 1'000'000 != 0), &fee) ||
      __builtin_add_overflow(fee, signatures * kLamportsPerSignature, &fee);
  if (overflow) {
    return Error{Code::refused, "This transaction offers more lamports in fees than there are.",
                 "Refuse it: nobody means this."};
  }
  return base::Lamports{fee};
}

Instruction ed25519_verify(const base::PublicKey& key, const base::Signature& signature,
                           base::ByteView message) {
  CHECK(message.size() <= 1000);
  constexpr std::uint16_t kHere = 0xffff;  // "in this instruction"
  base::Writer data;
  data.u8(1);
  data.u8(0);
  data.u16(48);
  data.u16(kHere);
  data.u16(16);
  data.u16(kHere);
  data.u16(112);
  data.u16(static_cast<std::uint16_t>(message.size()));
  data.u16(kHere);
  data.put(key.view());
  data.put(signature.view());
  data.put(message);
  return {kEd25519Program, {}, std::move(data).take()};
}

base::Result<ClockSysvar> parse_clock(base::ByteView account_data) {
  base::Reader in(account_data);
  ClockSysvar out;
  out.slot = in.u64();
  out.epoch_started_at = in.i64();
  out.epoch = in.u64();
  out.leader_schedule_epoch = in.u64();
  out.unix_s = in.i64();
  if (!in.at_end()) {
    return Error{Code::unsupported, "The cluster's Clock account is not the 40 bytes it should be.",
                 "Use another RPC node."};
  }
  return out;
}

}  // namespace obelisk::solana
