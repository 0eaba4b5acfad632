#include "core/watch/paid.hpp"

#include <algorithm>

#include "core/escrow/attestation.hpp"
#include "core/escrow/codec.hpp"
#include "core/solana/known_keys.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::watch {
namespace {

using escrow::Tag;

base::Error not_plain(std::string why) {
  return {base::Code::refused, "The watch does not sign that transaction: " + std::move(why) + ".",
          "It signs ready, dark stops, claim, finish and cancel, each alone."};
}

bool is_budget(const solana::Instruction& instruction) {
  return instruction.program == solana::set_unit_limit(1).program;
}

std::size_t budgets_of(const std::vector<solana::Instruction>& instructions) {
  const auto first = std::ranges::find_if_not(instructions, is_budget);
  return static_cast<std::size_t>(first - instructions.begin());
}

// From the data of an Ed25519 instruction of ours; whether all else in it is as it should be is for
// check_paid to say.
std::optional<settlement::Proof> proof_of(const solana::Instruction& instruction) {
  const base::Bytes& data = instruction.data;
  if (instruction.program != escrow::ed25519_program() ||
      data.size() != escrow::kEd25519DataLength) {
    return std::nullopt;
  }
  const auto fields =
      escrow::parse_attestation(base::ByteView(data).subspan(escrow::kEd25519MessageAt));
  if (!fields) return std::nullopt;
  settlement::Proof out;
  std::copy_n(data.begin() + escrow::kEd25519KeyAt, out.signer.bytes.size(),
              out.signer.bytes.begin());
  std::copy_n(data.begin() + escrow::kEd25519SignatureAt, out.signature.bytes.size(),
              out.signature.bytes.begin());
  out.fields = *fields;
  return out;
}

std::optional<PaidKind> kind_of(const solana::Instruction& last, bool has_proof) {
  if (last.data.empty()) return std::nullopt;
  if (last.data[0] == static_cast<std::uint8_t>(Tag::stop)) return PaidKind::dark;
  if (last.data[0] == static_cast<std::uint8_t>(Tag::finish)) return PaidKind::finish;
  if (has_proof) return std::nullopt;
  if (last.data[0] == static_cast<std::uint8_t>(Tag::ready)) return PaidKind::ready;
  if (last.data[0] == static_cast<std::uint8_t>(Tag::cancel)) return PaidKind::cancel;
  return std::nullopt;
}

base::Result<Paid> read_own(const std::vector<solana::Instruction>& own,
                            const base::PublicKey& program) {
  Paid out;
  if (own.size() >= 2) {
    out.proof = proof_of(own[0]);
    const bool is_claim = out.proof && own[1].program == program && !own[1].data.empty() &&
                          own[1].data[0] == static_cast<std::uint8_t>(Tag::claim);
    if (!is_claim) return not_plain("it has an instruction that is none of these");
  }
  const solana::Instruction& last = own.back();
  if (last.program != program) return not_plain("it calls another program");
  const auto kind = own.size() == 2 ? PaidKind::claim : kind_of(last, out.proof.has_value());
  if (!kind) return not_plain("its last instruction is none of these");
  out.kind = *kind;
  const std::size_t lease_at = out.kind == PaidKind::ready ? 1 : 0;
  if (last.accounts.size() <= lease_at) return not_plain("it names no lease");
  out.lease = last.accounts[lease_at].key;
  if (out.kind == PaidKind::ready) {
    base::Reader data(base::ByteView(last.data).subspan(1));
    out.opened_slot = data.u64();
  }
  return out;
}

std::vector<escrow::Call> calls_of(const Paid& paid, const base::PublicKey& program,
                                   const escrow::LeaseAccounts& accounts) {
  std::vector<escrow::Call> out;
  if (paid.proof) out = settlement::claim_calls(program, accounts, *paid.proof);
  switch (paid.kind) {
    case PaidKind::ready:
      out.push_back(escrow::encode_ready(program, accounts, paid.opened_slot));
      break;
    case PaidKind::dark:
      out.push_back(escrow::encode_stop(program, accounts, escrow::StopHow::dark));
      break;
    case PaidKind::claim: break;
    case PaidKind::finish: out.push_back(escrow::encode_finish(program, accounts)); break;
    case PaidKind::cancel: out.push_back(escrow::encode_cancel(program, accounts, false)); break;
  }
  return out;
}

}  // namespace

base::Result<Paid> read_paid(base::ByteView bytes, const base::PublicKey& program,
                             std::uint64_t most_lamports) {
  TRY(const solana::Message message, solana::decode_message(bytes));
  const bool is_plain = message.version == solana::MessageVersion::v0 && message.lookups.empty() &&
                        message.signers == 1;
  if (!is_plain) return not_plain("it is not a v0 message that its payer alone signs");
  TRY(const base::Lamports fee, solana::network_fee(message));
  if (fee.count > most_lamports) {
    return not_plain("it could cost " + std::to_string(fee.count) + " lamports");
  }
  auto instructions = solana::instructions_of(message);
  instructions.erase(instructions.begin(),
                     instructions.begin() + static_cast<std::ptrdiff_t>(budgets_of(instructions)));
  if (instructions.empty() || instructions.size() > 3) return not_plain("it has too much in it");
  TRY(Paid out, read_own(instructions, program));
  out.payer = message.payer();
  return out;
}

base::Result<void> check_paid(base::ByteView bytes, const Paid& paid,
                              const base::PublicKey& program, const escrow::LeaseAccounts& accounts,
                              std::uint64_t opened_slot) {
  if (paid.proof) {
    const settlement::Proof& proof = *paid.proof;
    const bool by_a_party = proof.signer == accounts.attestor || proof.signer == accounts.renter;
    const bool of_it = proof.fields.program == program && proof.fields.lease == accounts.lease &&
                       proof.fields.opened_slot == opened_slot;
    if (!by_a_party || !of_it || !settlement::is_valid(proof)) {
      return not_plain("its attestation is not of this lease");
    }
  }
  TRY(const solana::Message message, solana::decode_message(bytes));
  auto expected = solana::instructions_of(message);
  expected.resize(budgets_of(expected));
  for (const escrow::Call& call : calls_of(paid, program, accounts)) {
    expected.push_back(settlement::to_instruction(call));
  }
  TRY(const solana::Message ours,
      solana::compile_message(paid.payer, expected, message.blockhash, solana::MessageVersion::v0));
  if (!std::ranges::equal(solana::serialize(ours), bytes)) {
    return not_plain("it is not what this watch would have written for the lease");
  }
  return {};
}

}  // namespace obelisk::watch
