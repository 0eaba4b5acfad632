// How long a renter waited for the first login, by the image that the machine started from. The
// chain knows the wait, the market names the image (the chain keeps only the hash of the terms) and
// its own finer measure of the wait; this puts the two side by side and judges neither.
#pragma once

#include <map>
#include <string>

#include "core/trust/outcome.hpp"

namespace obelisk::trust {

// What a market says of one lease.
struct ImageClaim {
  std::string image;                      // "sha256:<hex>"
  std::string template_name;              // empty: asked for by none
  std::optional<std::uint64_t> login_ms;  // from the confirmed payment to the watch's login

  bool operator==(const ImageClaim&) const = default;
};

struct ImageTimes {
  std::string image;  // empty: leases of which no market named one
  std::string template_name;
  std::uint64_t leases = 0;       // that became ready
  std::uint64_t ready_p50_s = 0;  // from the payment's block to ready's, in chain seconds
  std::uint64_t ready_p95_s = 0;
  std::optional<std::uint64_t> login_p50_ms;  // none: the market told of no login
  std::optional<std::uint64_t> login_p95_ms;

  bool operator==(const ImageTimes&) const = default;
};

// Percentiles by nearest rank, over the leases that became ready. The image of most leases first,
// those without a name last.
std::vector<ImageTimes> times_by_image(const std::vector<Outcome>& outcomes,
                                       const std::map<base::PublicKey, ImageClaim>& claims);

}  // namespace obelisk::trust
