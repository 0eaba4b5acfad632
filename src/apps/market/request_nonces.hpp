// The nonces of signed requests that were seen, so that none counts twice. Bounded: where it is
// full, the oldest is forgotten, and from then on nothing as old is taken any more. It must never
// take a request again because it forgot it. Any thread may call.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::market_app {

inline constexpr base::UnixMillis kRequestWindowMs = 60'000;

class RequestNonces {
 public:
  // What was signed before `started_ms` may have been seen by the process before this one.
  RequestNonces(base::UnixMillis started_ms, std::size_t most, std::size_t most_of_a_key)
      : not_before_ms_(started_ms), most_(most), most_of_a_key_(most_of_a_key) {}

  // unauthorized where `at_ms` is out of the window or too old to be told from a copy, or the nonce
  // was seen; rate_limited where that key sends too many.
  base::Result<void> take(const base::PublicKey& key, base::UnixMillis at_ms,
                          const std::string& nonce, base::UnixMillis now_ms);
  std::size_t size() const;

 private:
  struct Seen {
    base::UnixMillis at_ms = 0;
    base::PublicKey key;
    std::string nonce;
    auto operator<=>(const Seen&) const = default;
  };
  void forget(std::set<Seen>::iterator seen);

  mutable std::mutex mutex_;
  base::UnixMillis not_before_ms_;  // guarded by mutex_, as all below
  std::set<Seen> seen_;             // the oldest first
  std::set<std::pair<base::PublicKey, std::string>> nonces_;
  std::map<base::PublicKey, std::size_t> of_key_;
  const std::size_t most_;
  const std::size_t most_of_a_key_;
};

}  // namespace obelisk::market_app
