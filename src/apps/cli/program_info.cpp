#include "apps/cli/program_info.hpp"

#include "core/solana/known_keys.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

// The upgradeable loader's accounts: a u32 says which kind, then the fields.
constexpr std::uint32_t kProgramKind = 2;
constexpr std::uint32_t kProgramDataKind = 3;

Error unknown() {
  return {Code::not_found, "The program's loader account cannot be read.", "Check --rpc-url."};
}

}  // namespace

base::Result<ProgramInfo> program_info(ports::Chain& chain, const base::PublicKey& program) {
  TRY(const ports::AccountAt found, chain.account(program, ports::Commitment::confirmed));
  if (!found.account || found.account->owner != solana::kUpgradeableLoader) return unknown();
  base::Reader pointer(found.account->data);
  const bool is_program = pointer.u32() == kProgramKind;
  const base::PublicKey data_address{pointer.array<32>()};
  if (!is_program || !pointer.at_end()) return unknown();
  TRY(const ports::AccountAt data, chain.account(data_address, ports::Commitment::confirmed));
  if (!data.account || data.account->owner != solana::kUpgradeableLoader) return unknown();
  base::Reader in(data.account->data);
  const bool is_data = in.u32() == kProgramDataKind;
  in.u64();  // the slot it was deployed in
  const std::uint8_t has_authority = in.u8();
  const base::PublicKey authority{in.array<32>()};
  if (!is_data || !in.ok() || has_authority > 1) return unknown();
  if (has_authority == 0) return ProgramInfo{true, std::nullopt};
  return ProgramInfo{false, authority};
}

std::vector<std::string> program_lines(const base::PublicKey& program,
                                       const base::Result<ProgramInfo>& info) {
  const std::string name = "Program " + program.to_string();
  if (!info) return {name, "  Who may change it could not be read."};
  if (info->final) return {name, "  It is final: nobody can change it."};
  return {name, "  It is not final: " + info->authority->to_string() + " may change it."};
}

}  // namespace obelisk::cli
