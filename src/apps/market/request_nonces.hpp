// The nonces of signed requests that were seen, so that none counts twice. Bounded: where it is
// full, those who sent most are refused first, and nothing is forgotten before its time. It must
// never take a request again because it forgot it. Any thread may call.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::market_app {

// A request is good for so long after it was signed, and may be dated so far ahead.
inline constexpr base::UnixMillis kRequestWindowMs = 60'000;
inline constexpr base::UnixMillis kRequestAheadMs = 5'000;

class RequestNonces {
 public:
  struct Bounds {
    std::size_t most = 100'000;    // in all
    std::size_t of_a_key = 6'000;  // 100 a second
    // From there on nobody who sent more than `fair` from one address is taken.
    std::size_t crowded = 50'000;
    std::size_t fair = 32;
  };
  // What was signed before `started_ms` may have been seen by the process before this one.
  RequestNonces(base::UnixMillis started_ms, Bounds bounds)
      : started_ms_(started_ms), bounds_(bounds) {}

  // unauthorized where `at_ms` is out of the window or before the start, or the nonce was seen;
  // rate_limited where that key sends too many, or everybody does and this address more than most.
  // `address`: who counts as one, as http::address_group has it.
  base::Result<void> take(const base::PublicKey& key, const std::string& address,
                          base::UnixMillis at_ms, const std::string& nonce,
                          base::UnixMillis now_ms);
  std::size_t size() const;

 private:
  struct Seen {
    base::UnixMillis at_ms = 0;
    base::PublicKey key;
    std::string nonce;
    std::string address;
    auto operator<=>(const Seen&) const = default;
  };
  void forget_before(base::UnixMillis at_ms);

  mutable std::mutex mutex_;
  std::set<Seen> seen_;  // the oldest first; guarded by mutex_, as all below
  std::set<std::pair<base::PublicKey, std::string>> nonces_;
  std::map<base::PublicKey, std::size_t> of_key_;
  std::map<std::string, std::size_t> of_address_;
  const base::UnixMillis started_ms_;
  const Bounds bounds_;
};

}  // namespace obelisk::market_app
