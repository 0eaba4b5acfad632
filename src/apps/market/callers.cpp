#include "apps/market/callers.hpp"

#include <algorithm>

#include "adapters/http/forwarded.hpp"
#include "core/identity/signed_request.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kBearer = "bearer ";

// Schemes are named in either case.
bool begins_with(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  };
  return text.size() >= lower.size() &&
         std::ranges::equal(text.substr(0, lower.size()), lower, same);
}

}  // namespace

Error nobody_asks() {
  return {Code::unauthorized, "This is for a wallet's own eyes, and nobody said who asks.",
          "Sign the request, or send a session's token: docs/api.md has both."};
}

Callers::Callers(SessionDesk& sessions, ports::Clock& clock, const base::PublicKey& market)
    : sessions_(sessions), clock_(clock), market_(market), nonces_(clock.now_ms(), {}) {}

base::Result<Caller> Callers::of(const http::Request& request) {
  Caller out;
  out.remote_address = request.remote_address;
  const auto header = request.header("Authorization");
  if (!header) return out;
  if (begins_with(*header, kBearer)) {
    TRY(const auto session, session_of(header->substr(kBearer.size())));
    out.wallet = session.wallet;
    out.session = session.id;
    return out;
  }
  if (header->starts_with(identity::kSignatureScheme)) {
    TRY(out.wallet, signer_of(request, *header));
    return out;
  }
  return Error{Code::unauthorized, "Authorization is of a kind that is not known here.",
               "Send Obelisk-Signature or Bearer: docs/api.md has both."};
}

base::Result<base::PublicKey> Callers::signer_of(const http::Request& request,
                                                 std::string_view header) {
  TRY(const auto signature, identity::read_authorization(header));
  const std::string_view host = request.header("Host").value_or("");
  TRY(const auto origin, sessions_.origin_of(host));
  const std::string query = request.query.empty() ? "" : "?" + request.query;
  const identity::Asked asked{request.method, request.path + query, std::string(host), market_,
                              base::sha256(base::view_of(request.body))};
  if (!identity::is_signed(asked, signature)) {
    return Error{Code::unauthorized, "The signature is not that key's, of this request.",
                 "Sign method, path, host, market, body, time and nonce as docs/api.md has them."};
  }
  TRY_VOID(nonces_.take(signature.key, http::address_group(request.remote_address), signature.at_ms,
                        signature.nonce, clock_.now_ms()));
  return signature.key;
}

base::Result<ports::SessionRow> Callers::session_of(std::string_view token) {
  TRY(auto session, sessions_.by_token(token));
  if (session) return *std::move(session);
  return Error{Code::unauthorized, "This token lets nobody in: it is unknown, ended or over.",
               "Sign in again: obelisk login, or POST /v1/sessions/challenge."};
}

}  // namespace obelisk::market_app
