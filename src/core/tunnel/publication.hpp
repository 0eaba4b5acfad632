// What a gateway decides before it lets visitors of a lease in: that the lease is that host's, by
// the attestor's own signature, and which of its ports becomes the lease's. It needs no market and
// no chain for it, so it works while both are away.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/tunnel/frames.hpp"

namespace obelisk::tunnel {

struct PublishedLease {
  base::PublicKey renter;            // whose passes count
  std::vector<std::uint16_t> ports;  // inside the lease, the SSH port first
  base::UnixSeconds over_s = 0;      // nobody's lease from then on
};

// No lease of a quote can run for longer than its terms allow from the quote's end on; so much more
// is for clocks, and for what a machine does after its lease.
inline constexpr base::UnixSeconds kAfterTheLastSecondS = 86'400;

// Refused, in words for the host: terms that no attestor of ours signed, another host's, another
// lease's, or of a lease that must be over by now.
base::Result<PublishedLease> check_publish(const Publish& what, const base::PublicKey& host,
                                           const std::vector<base::PublicKey>& attestors,
                                           base::UnixSeconds now_s);

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;  // inclusive, not below first
};

// The wanted one if it may be had, else one that only the lease's address decides, so that a
// gateway that lost its memory gives most leases the same port again, else the next free one after
// it. Nothing where none is free. `is_free` is asked at most once a port.
std::optional<std::uint16_t> choose_port(const base::PublicKey& lease, std::uint16_t wanted,
                                         const PortRange& range,
                                         const std::function<bool(std::uint16_t)>& is_free);

}  // namespace obelisk::tunnel
