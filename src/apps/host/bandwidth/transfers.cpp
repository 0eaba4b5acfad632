#include "apps/host/bandwidth/transfers.hpp"

#include <algorithm>
#include <chrono>

#include "adapters/http/problem.hpp"
#include "api/types.hpp"
#include "apps/host/bandwidth/way.hpp"
#include "base/crypto.hpp"
#include "core/identity/signed_request.hpp"

namespace obelisk::host {
namespace {

using namespace std::chrono_literals;
using base::Code;
using base::Error;

constexpr std::uint64_t kShort = 1 << 20;
constexpr std::uint64_t kLong = 16 << 20;
// A short one that takes no longer than that says too little.
constexpr std::uint64_t kQuickBits = kShort * 8 * 2;  // half a second
constexpr auto kLongest = 12s;

http::Request ticket_request(const http::Url& url, const base::PublicKey& market,
                             ports::Signer& signer, ports::Clock& clock) {
  http::Request out;
  out.method = "POST";
  out.path = "/v1/bandwidth";
  const std::string base_path = url.path == "/" ? "" : url.path;
  const identity::Asked asked{out.method, base_path + out.path, url.host_header(), market,
                              base::sha256(base::view_of(out.body))};
  identity::RequestSignature signature{
      signer.public_key(), clock.now_ms(), identity::new_nonce(), {}};
  const std::string text = identity::text_to_sign(asked, signature.at_ms, signature.nonce);
  signature.signature = signer.sign(base::view_of(text));
  out.headers.push_back({"Authorization", identity::authorization_of(signature)});
  return out;
}

std::int64_t since_us(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               begun)
      .count();
}

// A ticket becomes a part of a path.
bool is_plain(const std::string& ticket) {
  return !ticket.empty() && std::ranges::all_of(ticket, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

}  // namespace

base::Result<Transfers> Transfers::begin(const std::string& market_url,
                                         const base::PublicKey& market, ports::Signer& signer,
                                         ports::Clock& clock) {
  TRY(const http::Url url, http::Url::parse(market_url));
  http::ClientOptions options;
  options.max_response_bytes = kLong + 4096;
  Transfers out;
  out.client_ = std::make_unique<http::Client>(url, options);
  TRY(const auto answer, out.client_->call(ticket_request(url, market, signer, clock), 5s));
  if (answer.status != 201) return http::error_from(answer);
  TRY(const auto ticket, api::bandwidth_ticket_from_json(answer.body));
  if (!is_plain(ticket.ticket)) {
    return Error{Code::refused, "The market's ticket is malformed.", "Ask another market."};
  }
  out.ticket_ = ticket.ticket;
  return out;
}

base::Result<std::uint64_t> Transfers::down_once(std::uint64_t bytes) {
  http::Request request;
  request.path = "/v1/bandwidth/" + ticket_ + "/down";
  request.query = "bytes=" + std::to_string(bytes);
  const auto begun = std::chrono::steady_clock::now();
  TRY(const auto answer, client_->call(request, kLongest));
  const std::int64_t us = since_us(begun);
  if (answer.status != 200) return http::error_from(answer);
  if (answer.body.size() < bytes) {
    return Error{Code::refused, "The market sent less than it was asked for.", "Try again."};
  }
  return bits_per_s(answer.body.size(), us);
}

base::Result<std::uint64_t> Transfers::up_once(std::uint64_t bytes, bool more) {
  http::Request request;
  request.method = "POST";
  request.path = "/v1/bandwidth/" + ticket_ + "/up";
  request.query = more ? "more=yes" : "";
  request.headers.push_back({"Content-Type", "application/octet-stream"});
  request.body.resize(bytes);
  base::random_bytes({reinterpret_cast<std::uint8_t*>(request.body.data()), request.body.size()});
  const auto begun = std::chrono::steady_clock::now();
  TRY(const auto answer, client_->call(request, kLongest));
  const std::int64_t us = since_us(begun);
  if (answer.status != 200) return http::error_from(answer);
  TRY(const auto taken, api::bandwidth_taken_from_json(answer.body));
  if (taken.bytes != bytes) {
    return Error{Code::refused, "The market did not take all that was sent.", "Try again."};
  }
  return bits_per_s(bytes, us);
}

base::Result<std::uint64_t> Transfers::down() {
  TRY(const std::uint64_t first, down_once(kShort));
  if (first < kQuickBits) return first;
  const auto second = down_once(kLong);
  return second ? std::max(first, *second) : first;
}

base::Result<std::uint64_t> Transfers::up() {
  TRY(const std::uint64_t first, up_once(kShort, true));
  if (first < kQuickBits) return first;
  // A proxy may not let so much through.
  const auto second = up_once(kLong, false);
  return second ? std::max(first, *second) : first;
}

}  // namespace obelisk::host
