#include "apps/host/living/signed_calls.hpp"

#include "base/bytes.hpp"
#include "core/identity/signed_request.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

Error unbelieved(const char* why) {
  return {Code::unauthorized, why, "Sign the request anew with the wallet."};
}

}  // namespace

base::Result<CheckedCall> SignedCalls::take(const api::SignedCall& call, std::string_view method,
                                            std::string_view path, const base::PublicKey& wallet,
                                            base::UnixMillis now_ms) {
  const auto mark = call.target.find('?');
  if (call.method != method || call.target.substr(0, mark) != path) {
    return unbelieved("The call was signed for something else.");
  }
  const auto body = base::from_base64(call.body_base64);
  const auto signature = identity::read_authorization(call.authorization);
  if (!body || !signature) return unbelieved("The call carries no signature that can be read.");
  const identity::Asked asked{call.method, call.target, call.host, market_, base::sha256(*body)};
  if (!identity::is_signed(asked, *signature)) {
    return unbelieved("The call is not signed as it came.");
  }
  if (signature->key != wallet) {
    return Error{Code::forbidden,
                 "The call is signed by another wallet than the one whose it is to say.",
                 "Ask as the lease's renter, or as the host's owner."};
  }
  TRY_VOID(remember({signature->key, signature->nonce}, signature->at_ms, now_ms));
  return CheckedCall{mark == std::string::npos ? "" : call.target.substr(mark + 1),
                     std::string(body->begin(), body->end())};
}

base::Result<void> SignedCalls::remember(const Nonce& nonce, base::UnixMillis at_ms,
                                         base::UnixMillis now_ms) {
  if (at_ms < now_ms - kCallWindowMs || at_ms > now_ms + kCallAheadMs) {
    return unbelieved(
        "The call was signed more than two minutes ago by this host's clock, or is "
        "dated ahead of it.");
  }
  if (at_ms <= started_ms_) return unbelieved("The call was signed before this host started.");
  const std::lock_guard lock(mutex_);
  // Past the window nothing can come again: it is refused by its time.
  while (!by_time_.empty() && by_time_.begin()->first < now_ms - kCallWindowMs) {
    const Nonce old = by_time_.begin()->second;
    by_time_.erase(by_time_.begin());
    seen_.erase(old);
    const auto count = of_wallet_.find(old.first);
    if (--count->second == 0) of_wallet_.erase(count);
  }
  if (seen_.contains(nonce)) return unbelieved("This call was made already.");
  const auto mine = of_wallet_.find(nonce.first);
  if (seen_.size() >= kMaxCalls ||
      (mine != of_wallet_.end() && mine->second >= kMaxCallsOfAWallet)) {
    return Error{Code::rate_limited, "Too many calls come in just now.", "Wait a minute."};
  }
  by_time_.emplace(at_ms, nonce);
  seen_.insert(nonce);
  ++of_wallet_[nonce.first];
  return {};
}

std::size_t SignedCalls::size() const {
  const std::lock_guard lock(mutex_);
  return seen_.size();
}

}  // namespace obelisk::host
