#include "apps/market/request_nonces.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

template <class Key>
void count_down(std::map<Key, std::size_t>& counts, const Key& key) {
  const auto at = counts.find(key);
  if (at != counts.end() && --at->second == 0) counts.erase(at);
}

template <class Key>
std::size_t count_of(const std::map<Key, std::size_t>& counts, const Key& key) {
  const auto at = counts.find(key);
  return at == counts.end() ? 0 : at->second;
}

}  // namespace

base::Result<void> RequestNonces::take(const base::PublicKey& key, const std::string& address,
                                       base::UnixMillis at_ms, const std::string& nonce,
                                       base::UnixMillis now_ms) {
  const std::lock_guard lock(mutex_);
  // Past the window nothing can come again: it is refused by its time.
  forget_before(now_ms - kRequestWindowMs);
  if (at_ms < now_ms - kRequestWindowMs || at_ms > now_ms + kRequestAheadMs) {
    return Error{Code::unauthorized,
                 "The request was signed more than 60 s ago, or is dated ahead of now.",
                 "Set this machine's clock: the market's is in the Obelisk-Time header, in ms."};
  }
  if (at_ms <= started_ms_) {
    return Error{Code::unauthorized, "The request was signed too early to be told from a copy.",
                 "Sign it again, by the time in the Obelisk-Time header."};
  }
  if (nonces_.contains({key, nonce})) {
    return Error{Code::unauthorized, "This signed request was seen already.",
                 "Sign each request with a nonce of its own."};
  }
  constexpr const char* kBySession =
      "Wait a minute, or sign in for a token: POST /v1/sessions/challenge.";
  if (count_of(of_key_, key) >= bounds_.of_a_key) {
    return Error{Code::rate_limited, "This key signs too many requests.", kBySession};
  }
  const bool is_crowded = seen_.size() >= bounds_.crowded;
  if (seen_.size() >= bounds_.most ||
      (is_crowded && count_of(of_address_, address) >= bounds_.fair)) {
    return Error{Code::rate_limited, "Too many signed requests come in just now.", kBySession};
  }
  ++of_key_[key];
  ++of_address_[address];
  seen_.insert({at_ms, key, nonce, address});
  nonces_.emplace(key, nonce);
  return {};
}

void RequestNonces::forget_before(base::UnixMillis at_ms) {
  while (!seen_.empty() && seen_.begin()->at_ms < at_ms) {
    const auto oldest = seen_.begin();
    nonces_.erase({oldest->key, oldest->nonce});
    count_down(of_key_, oldest->key);
    count_down(of_address_, oldest->address);
    seen_.erase(oldest);
  }
}

std::size_t RequestNonces::size() const {
  const std::lock_guard lock(mutex_);
  return seen_.size();
}

}  // namespace obelisk::market_app
