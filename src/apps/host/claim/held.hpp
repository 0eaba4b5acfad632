// The leases that this host may have something to claim of: those it has a record or an attestation
// of, with what their accounts hold now. It must never change a file: the running host beside it
// owns them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "api/types.hpp"
#include "base/public_key.hpp"
#include "core/escrow/layout.hpp"
#include "core/host/claimable.hpp"
#include "core/settlement/settlement.hpp"
#include "ports/chain.hpp"

namespace obelisk::host {

struct Held {
  base::PublicKey lease;
  std::string card;  // empty: its terms are not here
  api::Attestation attestation;
};

// The newest attestation of each lease, of records and of the files beside them. What cannot be
// read is passed over.
std::vector<Held> held_attestations(const std::filesystem::path& state_dir);

struct Claim {
  Held held;
  escrow::Lease lease;
  settlement::Proof proof;
  Claimable what;
};

// Those that would pay this wallet something now.
base::Result<std::vector<Claim>> claims_of(ports::Chain& chain, const base::PublicKey& program,
                                           const base::PublicKey& wallet,
                                           const std::vector<Held>& held);

}  // namespace obelisk::host
