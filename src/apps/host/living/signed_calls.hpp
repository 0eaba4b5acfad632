// SignedCalls: whether a call that a market hands on is made by who may: signed by that wallet, for
// exactly this market, method, path and body, a moment ago, and not seen before. A market that was
// taken over has no such signature. Any thread may call. It must never take a call twice, nor take
// anything that the market says of a call for signed.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "api/types.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::host {

// A call is good for so long after it was signed, and may be dated so far ahead of our clock.
inline constexpr base::UnixMillis kCallWindowMs = 120'000;
inline constexpr base::UnixMillis kCallAheadMs = 60'000;
inline constexpr std::size_t kMaxCallsOfAWallet = 600;  // in the window
inline constexpr std::size_t kMaxCalls = 20'000;

// What was signed, read from the call itself.
struct CheckedCall {
  std::string query;  // what follows '?', as it was signed
  std::string body;
};

class SignedCalls {
 public:
  // What was signed before `started_ms` may have been seen by the process before this one.
  SignedCalls(const base::PublicKey& market, base::UnixMillis started_ms)
      : market_(market), started_ms_(started_ms) {}

  // unauthorized where the signature does not hold, is old or was seen; forbidden where it is
  // somebody else's; rate_limited where there are too many.
  base::Result<CheckedCall> take(const api::SignedCall& call, std::string_view method,
                                 std::string_view path, const base::PublicKey& wallet,
                                 base::UnixMillis now_ms);
  std::size_t size() const;

 private:
  using Nonce = std::pair<base::PublicKey, std::string>;
  base::Result<void> remember(const Nonce& nonce, base::UnixMillis at_ms, base::UnixMillis now_ms);

  const base::PublicKey market_;
  const base::UnixMillis started_ms_;
  mutable std::mutex mutex_;
  std::set<std::pair<base::UnixMillis, Nonce>> by_time_;  // guarded by mutex_, as all below
  std::set<Nonce> seen_;
  std::map<base::PublicKey, std::size_t> of_wallet_;
};

}  // namespace obelisk::host
