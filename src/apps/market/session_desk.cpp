#include "apps/market/session_desk.hpp"

#include <algorithm>
#include <array>

#include "base/crypto.hpp"
#include "core/identity/token.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr base::UnixMillis kSweepEveryMs = 600'000;
constexpr std::uint32_t kUsualSeconds = 7 * 24 * 3600;

std::string new_id() {
  std::array<std::uint8_t, 8> bytes{};
  base::random_bytes(bytes);
  return base::to_hex(bytes);
}

// It is shown on terminals and pages.
std::string plain(const std::string& label) {
  std::string out = label;
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return out;
}

api::Session to_api(const ports::SessionRow& row, const std::string& current) {
  return {row.id,
          row.wallet,
          row.label,
          base::to_rfc3339(row.created_ms),
          base::to_rfc3339(row.expires_ms),
          row.id == current};
}

Error not_signed() {
  return {Code::unauthorized, "This is no challenge of ours, signed by that wallet.",
          "Ask POST /v1/sessions/challenge for one and send its message back byte for byte."};
}

}  // namespace

base::Result<identity::Origin> SessionDesk::origin_of(std::string_view host_header) const {
  if (auto origin = origins_.find(host_header)) return *std::move(origin);
  return Error{Code::forbidden, "This market does not know the name it was asked by.",
               "Use " + origins_.names() + ". Its operator names others with --origins."};
}

base::Result<api::Challenge> SessionDesk::challenge(const base::PublicKey& wallet,
                                                    const identity::Origin& origin) {
  const auto made = challenges_.make(origin, wallet, market_, clock_.now_ms());
  return api::Challenge{
      made.text(), origin.host, wallet,           made.statement(),  origin.url,
      "1",         made.nonce,  made.issued_at(), made.expires_at(), {made.resource()}};
}

base::Result<api::SessionToken> SessionDesk::open(const api::SessionRequest& request) {
  const auto asked = challenges_.read(request.message, origins_, request.wallet, market_);
  if (!asked || !base::verify(request.wallet, base::view_of(request.message), request.signature)) {
    return not_signed();
  }
  const base::UnixMillis now_ms = clock_.now_ms();
  if (now_ms > asked->issued_ms + identity::kChallengeLifeMs) {
    return Error{Code::expired, "This challenge is over: it holds for five minutes.",
                 "Ask for a new one."};
  }
  TRY(const auto live, store_.of_wallet(request.wallet, now_ms, {}, kMaxSessions));
  if (live.size() >= kMaxSessions) {
    return Error{Code::rate_limited, "This wallet is signed in 32 times.",
                 "End a session: DELETE /v1/sessions/{session}."};
  }
  const std::string token = identity::new_token();
  const base::UnixMillis lasts_ms =
      base::UnixMillis{request.seconds.value_or(kUsualSeconds)} * 1000;
  const ports::SessionRow row{new_id(),         identity::token_hash(token),       request.wallet,
                              asked->nonce,     plain(request.label.value_or("")), now_ms,
                              now_ms + lasts_ms};
  TRY_VOID(store_.insert(row));
  return api::SessionToken{token, to_api(row, row.id)};
}

base::Result<std::optional<ports::SessionRow>> SessionDesk::by_token(std::string_view token) {
  if (!identity::looks_like_token(token)) return std::optional<ports::SessionRow>();
  return store_.by_token(identity::token_hash(token), clock_.now_ms());
}

base::Result<api::SessionList> SessionDesk::list(const base::PublicKey& wallet,
                                                 const PageAsked& page,
                                                 const std::string& current) {
  TRY(auto rows, store_.of_wallet(wallet, clock_.now_ms(), page.after, page.limit + 1));
  api::SessionList out;
  const bool more = rows.size() > page.limit;
  if (more) rows.resize(page.limit);
  if (more) out.next = cursor_of({rows.back().created_ms, rows.back().id});
  for (const auto& row : rows) out.sessions.push_back(to_api(row, current));
  return out;
}

base::Result<void> SessionDesk::end(const base::PublicKey& wallet, const std::string& id) {
  TRY(const bool ended, store_.revoke(wallet, id));
  if (ended) return {};
  return Error{Code::not_found, "This wallet has no such session.", "List them: GET /v1/sessions."};
}

void SessionDesk::sweep() {
  const base::UnixMillis now_ms = clock_.now_ms();
  if (now_ms < next_sweep_ms_.load()) return;
  next_sweep_ms_ = now_ms + kSweepEveryMs;
  // What could not be forgotten now is forgotten the next time.
  (void)store_.forget(now_ms);
}

}  // namespace obelisk::market_app
