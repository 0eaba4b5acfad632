// Attestations: found, checked, kept and read. It must never hand on one whose signature, lease or
// opening is another's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/types.hpp"
#include "apps/cli/lease_account.hpp"
#include "apps/cli/session.hpp"
#include "base/result.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::cli {

// One opening of one lease, and those whose word counts for it: its attestor and its renter.
struct Opened {
  base::PublicKey program;
  base::PublicKey lease;
  std::uint64_t opened_slot = 0;
  std::vector<base::PublicKey> signers;
};
Opened opened(const LeaseAccount& lease);

// Nothing unless one of them signed it for this opening of this lease.
std::optional<settlement::Proof> proof_from(const Opened& lease,
                                            const api::Attestation& attestation);
std::optional<settlement::Proof> proof_from(const LeaseAccount& lease,
                                            const api::Attestation& attestation);

// The newest of the market's, which is kept on this machine, and of what was kept before; nothing
// where there is none that holds. Works with the market away.
std::optional<settlement::Proof> newest_proof(Session& session, const Opened& lease);
std::optional<settlement::Proof> newest_proof(Session& session, const LeaseAccount& lease);

// Of those kept before and what the market just told; the newer one is kept from now on.
std::optional<settlement::Proof> newest_proof_told(Session& session, const Opened& lease,
                                                   const std::optional<api::Attestation>& told);

// From a file: docs/cli.md, "Attestation files".
base::Result<settlement::Proof> proof_in_file(const LeaseAccount& lease, const std::string& file);

}  // namespace obelisk::cli
