// How often the watch does each thing, for one lease and in all: what it means honestly is far
// below; a market gone wrong wears out its turns. Pure: it is told the time. It must never grow
// with what strangers name.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::watch {

enum class Act : std::uint8_t { quote, ready, attest, dark, settle, login };
inline constexpr std::size_t kActs = 6;
inline constexpr std::size_t kMostLeasesLimited = 65'536;

class Limits {
 public:
  // rate_limited where the lease, or all of them together, had theirs.
  base::Result<void> take(Act act, const base::PublicKey& lease, std::int64_t steady_ms);

 private:
  struct Bucket {
    double left = 0;
    std::int64_t at_ms = 0;
    bool begun = false;
  };
  struct Rate {
    double most;   // at once
    double per_s;  // that come back
  };
  static Rate of_one(Act act);
  static Rate of_all(Act act);
  static bool take(Bucket& bucket, const Rate& rate, std::int64_t steady_ms);
  // Those that are full again say nothing.
  void make_room(std::int64_t steady_ms);

  using Buckets = std::array<Bucket, kActs>;
  Buckets all_;
  std::map<base::PublicKey, Buckets> leases_;
};

}  // namespace obelisk::watch
