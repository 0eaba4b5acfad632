// Attestations: found, checked and read. It must never hand on one whose signature, lease or
// opening is another's.
#pragma once

#include <optional>
#include <string>

#include "api/types.hpp"
#include "apps/cli/lease_account.hpp"
#include "apps/cli/session.hpp"
#include "base/result.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::cli {

// Nothing unless the lease's attestor or its renter signed it for this opening of this lease.
std::optional<settlement::Proof> proof_from(const LeaseAccount& lease,
                                            const api::Attestation& attestation);

// The market's newest one; nothing where the market is away or has none that holds.
std::optional<settlement::Proof> newest_proof(Session& session, const LeaseAccount& lease);

// From a file: the API's Attestation as JSON.
base::Result<settlement::Proof> proof_in_file(const LeaseAccount& lease, const std::string& file);

}  // namespace obelisk::cli
