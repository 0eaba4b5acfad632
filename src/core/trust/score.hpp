// A host's score: what anybody gets who adds up how its leases went, by this formula and no other
// (docs/reliability.md). Nothing in it is an opinion, and nothing can be bought but by leases that
// were paid for.
//
//   kept    = leases that were kept / (kept + left + dark + disputed)
//   uptime  = seconds served / seconds that were to be served, over all that became ready
//   score   = kept * uptime
//
// In ten-thousandths, rounded down. What never became ready counts nowhere: anybody can open a
// lease that names a host and that no quote stands behind, for some lamports, and the chain alone
// does not know the difference. Ready is signed by the attestor.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/trust/outcome.hpp"

namespace obelisk::trust {

struct Score {
  std::uint64_t leases = 0;  // that count: those that became ready
  std::uint64_t kept = 0;
  std::uint64_t left = 0;
  std::uint64_t dark = 0;
  std::uint64_t disputed = 0;
  std::uint64_t missed = 0;
  std::uint64_t withdrawn = 0;
  std::uint64_t due_s = 0;
  std::uint64_t served_s = 0;
  base::Lamports paid;
  base::Lamports refunded;
  // From the payment's block to ready's, in chain seconds; of those that became ready.
  std::optional<std::uint64_t> ready_p50_s;
  std::optional<std::uint64_t> ready_p95_s;
  // Nothing where nothing counts.
  std::optional<std::uint32_t> kept_bps;
  std::optional<std::uint32_t> uptime_bps;
  std::optional<std::uint32_t> score_bps;

  bool operator==(const Score&) const = default;
};

Score score_of(std::span<const Outcome> outcomes);

}  // namespace obelisk::trust
