#include "apps/market/rates.hpp"

#include <algorithm>

#include "adapters/http/forwarded.hpp"
#include "adapters/http/problem.hpp"

namespace obelisk::market_app {

std::optional<std::int64_t> Buckets::take(const std::string& name, std::int64_t now_ms) {
  if (per_s_ == 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  auto at = by_name_.find(name);
  if (at == by_name_.end()) {
    // Who was not seen for longest has a full bucket again soon, or is one of very many.
    if (by_name_.size() >= most_) {
      by_name_.erase(order_.back().name);
      order_.pop_back();
    }
    order_.push_front({name, full_, now_ms});
    at = by_name_.emplace(name, order_.begin()).first;
  } else {
    order_.splice(order_.begin(), order_, at->second);
  }
  Bucket& bucket = *at->second;
  const std::int64_t passed_ms = std::clamp<std::int64_t>(now_ms - bucket.at_ms, 0, full_);
  // per_s tokens a second are per_s thousandths a millisecond.
  bucket.left = std::min(full_, bucket.left + passed_ms * per_s_);
  bucket.at_ms = now_ms;
  if (bucket.left >= kToken) {
    bucket.left -= kToken;
    return std::nullopt;
  }
  const std::int64_t missing_ms = (kToken - bucket.left + per_s_ - 1) / per_s_;
  return (missing_ms + 999) / 1000;
}

std::size_t Buckets::size() const {
  const std::lock_guard lock(mutex_);
  return by_name_.size();
}

std::optional<std::int64_t> Rates::of_address(const std::string& address, bool is_read) {
  return (is_read ? reads_ : writes_).take(http::address_group(address), clock_.steady_ms());
}

std::optional<std::int64_t> Rates::of_wallet(const base::PublicKey& wallet) {
  const std::string name(reinterpret_cast<const char*>(wallet.bytes.data()), wallet.bytes.size());
  return wallets_.take(name, clock_.steady_ms());
}

http::Response too_often(std::int64_t wait_s) {
  const std::string seconds = std::to_string(wait_s);
  auto out =
      http::problem({base::Code::rate_limited, "That is more often than this market answers.",
                     "Try again in " + seconds + " s, and ask less often."});
  out.headers.push_back({"Retry-After", seconds});
  return out;
}

}  // namespace obelisk::market_app
