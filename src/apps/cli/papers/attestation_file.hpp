// An attestation as a file: what settles a lease when the market is gone. The API's three fields
// (opened_slot, alive_until, signature), and beside them, so that the file says what it is about,
// the program, the lease and the signer. It must never be believed for what it says of itself: the
// signature is checked against the lease on the chain.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/types.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::cli {

inline constexpr std::size_t kMaxAttestationBytes = 4096;

struct AttestationFile {
  api::Attestation attestation;
  std::optional<base::PublicKey> program;
  std::optional<base::PublicKey> lease;
  std::optional<base::PublicKey> signer;
};

base::Result<AttestationFile> parse_attestation_file(std::string_view text);
std::string attestation_file_text(const settlement::Proof& proof);

// The newest that this machine has seen of a lease, beside its other notes. Keeping an older one
// over a newer one of the same opening does nothing.
base::Result<void> keep_attestation(const std::string& state_dir, const settlement::Proof& proof);
std::optional<AttestationFile> kept_attestation(const std::string& state_dir,
                                                const base::PublicKey& lease);

}  // namespace obelisk::cli
