#include "apps/cli/proofs.hpp"

#include "apps/cli/files.hpp"
#include "apps/cli/papers/attestation_file.hpp"

namespace obelisk::cli {

using base::Code;
using base::Error;

Opened opened(const LeaseAccount& lease) {
  return {lease.program, lease.address, lease.data.opened_slot, {lease.attestor(), lease.renter()}};
}

std::optional<settlement::Proof> proof_from(const Opened& lease,
                                            const api::Attestation& attestation) {
  if (attestation.opened_slot != lease.opened_slot ||
      attestation.alive_until > static_cast<std::uint64_t>(INT64_MAX)) {
    return std::nullopt;
  }
  settlement::Proof proof;
  proof.fields = {lease.program, lease.lease, attestation.opened_slot,
                  static_cast<std::int64_t>(attestation.alive_until)};
  proof.signature = attestation.signature;
  for (const base::PublicKey& signer : lease.signers) {
    proof.signer = signer;
    if (settlement::is_valid(proof)) return proof;
  }
  return std::nullopt;
}

std::optional<settlement::Proof> proof_from(const LeaseAccount& lease,
                                            const api::Attestation& attestation) {
  return proof_from(opened(lease), attestation);
}

std::optional<settlement::Proof> newest_proof_told(Session& session, const Opened& lease,
                                                   const std::optional<api::Attestation>& told) {
  const std::string& state_dir = session.settings().state_dir;
  std::optional<settlement::Proof> best;
  if (const auto kept = kept_attestation(state_dir, lease.lease)) {
    best = proof_from(lease, kept->attestation);
  }
  const auto fresh = told ? proof_from(lease, *told) : std::nullopt;
  if (!fresh || (best && best->fields.alive_until >= fresh->fields.alive_until)) return best;
  // A note that cannot be written costs nothing now: the proof itself is here.
  (void)keep_attestation(state_dir, *fresh);
  return fresh;
}

std::optional<settlement::Proof> newest_proof(Session& session, const Opened& lease) {
  const auto market = session.market();
  if (!market) return newest_proof_told(session, lease, std::nullopt);
  const auto told = (*market)->lease(lease.lease);
  return newest_proof_told(session, lease, told ? told->attestation : std::nullopt);
}

std::optional<settlement::Proof> newest_proof(Session& session, const LeaseAccount& lease) {
  return newest_proof(session, opened(lease));
}

base::Result<settlement::Proof> proof_in_file(const LeaseAccount& lease, const std::string& file) {
  TRY(const auto text, read_file(file, kMaxAttestationBytes));
  if (!text) {
    return Error{Code::not_found, "There is no file " + file + ".", "Correct --attestation."};
  }
  const auto read = parse_attestation_file(*text);
  if (!read) {
    return Error{Code::invalid_input, file + " is no attestation: " + read.error().message,
                 "It is one JSON object with opened_slot, alive_until and signature."};
  }
  if (read->lease && *read->lease != lease.address) {
    return Error{Code::refused,
                 "This attestation is for another lease: " + read->lease->to_string() + ".",
                 "Nothing was signed. Give this lease's file."};
  }
  if (read->attestation.opened_slot != lease.data.opened_slot) {
    return Error{Code::refused, "This attestation is for an earlier lease at this address.",
                 "Nothing was signed. The lease that runs now was opened in slot " +
                     std::to_string(lease.data.opened_slot) + "."};
  }
  const auto proof = proof_from(lease, read->attestation);
  const bool named_rightly = proof && (!read->program || *read->program == lease.program) &&
                             (!read->signer || *read->signer == proof->signer);
  if (named_rightly) return *proof;
  return Error{Code::refused, "This attestation does not hold for this lease.",
               "Nothing was signed. It must be signed by the lease's attestor or renter, for this "
               "opening of it."};
}

}  // namespace obelisk::cli
