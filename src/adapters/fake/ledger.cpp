#include "adapters/fake/ledger.hpp"

#include "adapters/fake/lease_program.hpp"
#include "base/crypto.hpp"
#include "core/escrow/attestation.hpp"
#include "core/escrow/layout.hpp"
#include "core/solana/known_keys.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::fake {
namespace {

constexpr std::uint32_t kSystemTransfer = 2;
constexpr std::uint64_t kRentFloor = escrow::kSmallestFirstPayment;

std::string instruction_error(std::size_t index, std::uint32_t custom) {
  return "{\"InstructionError\":[" + std::to_string(index) +
         ",{\"Custom\":" + std::to_string(custom) + "}]}";
}

bool is_good_ed25519(const solana::Instruction& instruction) {
  const base::ByteView data(instruction.data);
  if (data.size() <= escrow::kEd25519MessageAt) return false;
  const auto key = base::PublicKey::from(data.subspan(escrow::kEd25519KeyAt, 32));
  const auto signature = base::Signature::from(data.subspan(escrow::kEd25519SignatureAt, 64));
  return base::verify(*key, data.subspan(escrow::kEd25519MessageAt), *signature);
}

bool transfer(const solana::Instruction& instruction, Overlay& accounts) {
  if (instruction.data.size() != 12 || instruction.accounts.size() != 2) return false;
  if (read_number(instruction.data, 0, 4) != kSystemTransfer) return false;
  if (!instruction.accounts[0].signer) return false;
  const std::uint64_t amount = read_number(instruction.data, 4, 8);
  return accounts.take(instruction.accounts[0].key, amount) &&
         (accounts.give(instruction.accounts[1].key, amount), true);
}

// The number that the runtime would show; nothing: it went well.
std::optional<std::uint32_t> run_one(const std::vector<solana::Instruction>& all, std::size_t i,
                                     const base::PublicKey& program, const Moment& moment,
                                     Overlay& accounts, std::vector<std::string>& logs) {
  const solana::Instruction& one = all[i];
  if (one.program == escrow::system_program()) {
    if (!transfer(one, accounts)) return kTooPoor;
    return std::nullopt;
  }
  if (one.program == escrow::ed25519_program()) {
    if (!is_good_ed25519(one)) return std::uint32_t{0};
    return std::nullopt;
  }
  if (one.program != program) return std::nullopt;  // ComputeBudget
  const solana::Instruction* before = i == 0 ? nullptr : &all[i - 1];
  const escrow::Error error = run_lease_program({program, one, before, moment, logs}, accounts);
  if (error == escrow::Error::none) return std::nullopt;
  return static_cast<std::uint32_t>(error);
}

// No wallet may end with less than the rent floor, unless it was there before and got no poorer.
bool breaks_rent(const AccountMap& accounts, const Overlay& changed) {
  for (const auto& [key, account] : changed.changed()) {
    const std::uint64_t is = account.lamports.count;
    if (is == 0 || is >= kRentFloor || key == fee_pot()) continue;
    const auto was = accounts.find(key);
    const std::uint64_t had = was == accounts.end() ? 0 : was->second.lamports.count;
    if (had == 0 || had >= kRentFloor) return true;
  }
  return false;
}

}  // namespace

base::PublicKey fee_pot() {
  base::PublicKey out;
  out.bytes.fill(0xfe);
  return out;
}

Execution execute(const AccountMap& accounts, const base::PublicKey& program, const Moment& moment,
                  const solana::Transaction& transaction) {
  Execution out;
  const auto fee = solana::network_fee(transaction.message());
  if (!fee) return out;
  out.fee = *fee;
  Overlay paid(accounts);
  if (!paid.take(transaction.message().payer(), fee->count)) return out;
  paid.give(fee_pot(), fee->count);
  if (breaks_rent(accounts, paid)) return out;
  out.fee_paid = true;
  Overlay changed = paid;
  const auto instructions = solana::instructions_of(transaction.message());
  for (std::size_t i = 0; i < instructions.size() && !out.error; ++i) {
    out.custom = run_one(instructions, i, program, moment, changed, out.logs);
    if (out.custom) out.error = instruction_error(i, *out.custom);
  }
  if (!out.error && breaks_rent(accounts, changed)) {
    out.error = "{\"InsufficientFundsForRent\":{\"account_index\":0}}";
  }
  for (const auto& change : (out.error ? paid : changed).changed()) out.after.push_back(change);
  return out;
}

}  // namespace obelisk::fake
