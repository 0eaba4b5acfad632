#include "apps/cli/voice.hpp"

#include <algorithm>

#include "core/identity/signed_request.hpp"

namespace obelisk::cli {

void Voice::speak(http::Request& request, const base::PublicKey& market) const {
  std::erase_if(request.headers,
                [](const http::Header& header) { return header.name == "Authorization"; });
  if (!signs()) {
    request.headers.push_back({"Authorization", "Bearer " + token_});
    return;
  }
  const std::string query = request.query.empty() ? "" : "?" + request.query;
  const identity::Asked asked{request.method, request.path + query, host_, market,
                              base::sha256(base::view_of(request.body))};
  identity::RequestSignature signature{
      wallet_->public_key(), clock_->now_ms() + offset_ms_.load(), identity::new_nonce(), {}};
  const std::string text = identity::text_to_sign(asked, signature.at_ms, signature.nonce);
  signature.signature = wallet_->sign(base::view_of(text));
  request.headers.push_back({"Authorization", identity::authorization_of(signature)});
}

bool Voice::heard(base::UnixMillis market_now_ms) {
  if (!signs()) return false;
  const base::UnixMillis offset_ms = market_now_ms - clock_->now_ms();
  const base::UnixMillis before_ms = offset_ms_.exchange(offset_ms);
  constexpr base::UnixMillis kSame = 1'000;
  return std::abs(offset_ms - before_ms) > kSame;
}

}  // namespace obelisk::cli
