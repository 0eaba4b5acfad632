#include "core/settlement/settlement.hpp"

#include "base/check.hpp"
#include "base/crypto.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::settlement {
namespace {

template <std::size_t N>
solana::ProgramAddress find(const std::array<base::Bytes, N>& seeds,
                            const base::PublicKey& program) {
  const std::vector<base::ByteView> views(seeds.begin(), seeds.end());
  auto found = solana::find_program_address(views, program);
  // Our seeds have fixed lengths; that none of 255 bumps gives an address has probability 2^-255.
  CHECK(found.ok());
  return *found;
}

}  // namespace

solana::Instruction to_instruction(const escrow::Call& call) {
  solana::Instruction out;
  out.program = call.program;
  out.data = call.data;
  for (const escrow::CallAccount& account : call.accounts) {
    out.accounts.push_back({account.key, account.is_signer, account.is_writable, false});
  }
  return out;
}

solana::ProgramAddress market_address(const base::PublicKey& program,
                                      const base::PublicKey& operator_key) {
  return find(escrow::market_seeds(operator_key), program);
}

solana::ProgramAddress lease_address(const base::PublicKey& program, const base::PublicKey& renter,
                                     std::uint64_t nonce) {
  return find(escrow::lease_seeds(renter, nonce), program);
}

bool is_valid(const Proof& proof) {
  return base::verify(proof.signer, escrow::encode_attestation(proof.fields), proof.signature);
}

std::vector<escrow::Call> claim_calls(const base::PublicKey& program,
                                      const escrow::LeaseAccounts& accounts, const Proof& proof) {
  return {escrow::encode_ed25519(proof.signer, proof.signature,
                                 escrow::encode_attestation(proof.fields)),
          escrow::encode_claim(program, accounts)};
}

base::Result<solana::Transaction> transaction(const base::PublicKey& payer,
                                              const std::vector<escrow::Call>& calls,
                                              std::uint32_t units, const base::Hash& blockhash) {
  std::vector<solana::Instruction> instructions{solana::set_unit_limit(units)};
  for (const escrow::Call& call : calls) instructions.push_back(to_instruction(call));
  TRY(auto message,
      solana::compile_message(payer, instructions, blockhash, solana::MessageVersion::v0));
  return solana::Transaction(std::move(message));
}

}  // namespace obelisk::settlement
