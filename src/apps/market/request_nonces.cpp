#include "apps/market/request_nonces.hpp"

namespace obelisk::market_app {

using base::Code;
using base::Error;

base::Result<void> RequestNonces::take(const base::PublicKey& key, base::UnixMillis at_ms,
                                       const std::string& nonce, base::UnixMillis now_ms) {
  const std::lock_guard lock(mutex_);
  // Past the window nothing can come again: it is refused by its time.
  while (!seen_.empty() && seen_.begin()->at_ms < now_ms - kRequestWindowMs) forget(seen_.begin());
  if (at_ms < now_ms - kRequestWindowMs || at_ms > now_ms + kRequestWindowMs) {
    return Error{Code::unauthorized, "The request was signed more than 60 s from now.",
                 "Set this machine's clock: the market's is in the Obelisk-Time header, in ms."};
  }
  if (at_ms <= not_before_ms_) {
    return Error{Code::unauthorized, "The request was signed too early to be told from a copy.",
                 "Sign it again, by the time in the Obelisk-Time header."};
  }
  if (nonces_.contains({key, nonce})) {
    return Error{Code::unauthorized, "This signed request was seen already.",
                 "Sign each request with a nonce of its own."};
  }
  std::size_t& mine = of_key_[key];
  if (mine >= most_of_a_key_) {
    return Error{Code::rate_limited, "This key signs too many requests.",
                 "Wait a minute, or sign in for a token: POST /v1/sessions/challenge."};
  }
  ++mine;
  seen_.insert({at_ms, key, nonce});
  nonces_.emplace(key, nonce);
  while (seen_.size() > most_) {
    not_before_ms_ = std::max(not_before_ms_, seen_.begin()->at_ms);
    forget(seen_.begin());
  }
  return {};
}

void RequestNonces::forget(std::set<Seen>::iterator seen) {
  nonces_.erase({seen->key, seen->nonce});
  const auto mine = of_key_.find(seen->key);
  if (mine != of_key_.end() && --mine->second == 0) of_key_.erase(mine);
  seen_.erase(seen);
}

std::size_t RequestNonces::size() const {
  const std::lock_guard lock(mutex_);
  return seen_.size();
}

}  // namespace obelisk::market_app
