// What a host should send for one of its leases so that it gets what its attestations prove, market
// or no market. Pure; the protocol's section 7: claim at once in a CLOSING lease.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::host {

// How long the market gets to end a lease that ran out before the host does it itself.
inline constexpr std::int64_t kFinishGraceS = 60;

struct Collect {
  bool claim = false;   // first, with the newest attestation
  bool finish = false;  // then, in the same transaction
  bool operator==(const Collect&) const = default;
};

// `alive_until`: of the newest attestation, if there is one. Nothing to do gives {false, false}.
Collect what_to_collect(const escrow::Lease& lease, std::optional<std::int64_t> alive_until,
                        base::UnixSeconds chain_now);

// An `open` confirmed by then is the last one there can be.
inline constexpr std::int64_t kOpenLandingS = 60;

// A machine was made for a payment that was seen and never confirmed, and nobody can pay it any
// more. `terms`: as the market sent them; of what cannot be read nothing is said.
bool is_past_paying(const std::string& terms, base::UnixSeconds chain_now);

}  // namespace obelisk::host
