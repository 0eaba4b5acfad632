#include "apps/cli/proofs.hpp"

#include "apps/cli/files.hpp"

namespace obelisk::cli {

using base::Code;
using base::Error;

std::optional<settlement::Proof> proof_from(const LeaseAccount& lease,
                                            const api::Attestation& attestation) {
  if (attestation.opened_slot != lease.data.opened_slot ||
      attestation.alive_until > static_cast<std::uint64_t>(INT64_MAX)) {
    return std::nullopt;
  }
  settlement::Proof proof;
  proof.fields = {lease.program, lease.address, attestation.opened_slot,
                  static_cast<std::int64_t>(attestation.alive_until)};
  proof.signature = attestation.signature;
  for (const base::PublicKey& signer : {lease.attestor(), lease.renter()}) {
    proof.signer = signer;
    if (settlement::is_valid(proof)) return proof;
  }
  return std::nullopt;
}

std::optional<settlement::Proof> newest_proof(Session& session, const LeaseAccount& lease) {
  const auto market = session.market();
  if (!market) return std::nullopt;
  const auto told = (*market)->lease(lease.address);
  if (!told || !told->attestation) return std::nullopt;
  return proof_from(lease, *told->attestation);
}

base::Result<settlement::Proof> proof_in_file(const LeaseAccount& lease, const std::string& file) {
  TRY(const auto text, read_file(file, 4096));
  if (!text) {
    return Error{Code::not_found, "There is no file " + file + ".", "Correct --attestation."};
  }
  const auto attestation = api::attestation_from_json(*text);
  if (!attestation) {
    return Error{Code::invalid_input, file + " is no attestation: " + attestation.error().message,
                 "It is one JSON object with opened_slot, alive_until and signature."};
  }
  const auto proof = proof_from(lease, *attestation);
  if (proof) return *proof;
  return Error{Code::refused, "This attestation does not hold for this lease.",
               "It must be signed by the lease's attestor or renter, for this opening of it."};
}

}  // namespace obelisk::cli
