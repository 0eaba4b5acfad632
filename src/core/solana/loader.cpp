#include "core/solana/loader.hpp"

namespace obelisk::solana {
namespace {

constexpr std::uint32_t kProgramKind = 2;
constexpr std::uint32_t kProgramDataKind = 3;

}  // namespace

std::optional<base::PublicKey> program_data_address(base::ByteView account) {
  base::Reader in(account);
  const bool is_program = in.u32() == kProgramKind;
  const base::PublicKey address{in.array<32>()};
  if (!is_program || !in.at_end()) return std::nullopt;
  return address;
}

std::optional<ProgramOwner> program_owner(base::ByteView account) {
  base::Reader in(account);
  const bool is_data = in.u32() == kProgramDataKind;
  in.u64();  // the slot it was deployed in
  const std::uint8_t has_authority = in.u8();
  const base::PublicKey authority{in.array<32>()};
  if (!is_data || !in.ok() || has_authority > 1) return std::nullopt;
  if (has_authority == 0) return ProgramOwner{true, std::nullopt};
  return ProgramOwner{false, authority};
}

}  // namespace obelisk::solana
