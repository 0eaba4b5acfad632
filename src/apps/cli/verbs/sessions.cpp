// obelisk login, logout, sessions: a token for what cannot sign by itself. The other verbs sign
// each request and need none.
#include "apps/cli/session_file.hpp"
#include "apps/cli/text/table.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "core/identity/sign_in.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::uint32_t kSecondsPerDay = 86'400;
constexpr std::uint32_t kMostDays = 30;

base::Result<std::uint32_t> read_days(const std::string& text) {
  std::uint32_t days = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || days > kMostDays) days = kMostDays + 1;
    if (days <= kMostDays) days = days * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (!text.empty() && days >= 1 && days <= kMostDays) return days;
  return Error{Code::usage, "--days is not a number from 1 to 30.", "Give --days 7."};
}

// What is signed is the sentence that was asked for and nothing else: written again from its parts,
// for the host that was dialled.
base::Result<void> check_challenge(const api::Challenge& challenge, const http::Url& url,
                                   const base::PublicKey& wallet, const base::PublicKey& market) {
  const std::string host = url.host_header();
  const auto issued_ms = base::parse_rfc3339(challenge.issued_at);
  const std::string scheme = url.secure() ? "https://" : "http://";
  const identity::SignIn expected{
      {challenge.uri, host}, wallet, market, challenge.nonce, issued_ms.value_or(0)};
  // A proxy may speak TLS where the market does not: then it calls itself https.
  const bool own_name = challenge.uri == scheme + host || challenge.uri == "https://" + host;
  if (issued_ms && own_name && expected.text() == challenge.message) return {};
  return Error{Code::refused, "The market wants something else signed than a login to it.",
               "Nothing was signed. Check --market-url."};
}

}  // namespace

base::Result<void> login(Session& session, const LoginOptions& options) {
  TRY(ports::Signer * wallet, session.wallet());
  TRY(MarketClient * market, session.market());
  api::SessionRequest request;
  request.wallet = wallet->public_key();
  if (options.days) {
    TRY(const auto days, read_days(*options.days));
    request.seconds = days * kSecondsPerDay;
  }
  TRY(const auto info, market->info());
  TRY(const auto challenge, market->challenge(request.wallet));
  TRY_VOID(check_challenge(challenge, market->url(), request.wallet, info.market));
  request.message = challenge.message;
  request.signature = wallet->sign(base::view_of(challenge.message));
  request.label = options.label.value_or(std::string("obelisk ") + OBELISK_VERSION);
  TRY(const auto opened, market->open_session(request));
  const std::string& state_dir = session.settings().state_dir;
  TRY_VOID(save_session(state_dir, market->url(), opened));
  session.out().line("Signed in as " + request.wallet.to_string() + " until " +
                     opened.session.expires_at + ".");
  session.out().line("Whoever reads " + session_file(state_dir, market->url()) +
                     " sees what this wallet sees there. It moves no money.");
  session.out().result(api::to_json(opened));
  return {};
}

base::Result<void> logout(Session& session, const LogoutOptions& options) {
  TRY(MarketClient * market, session.market());
  const std::string& state_dir = session.settings().state_dir;
  TRY(const auto kept, kept_session(state_dir, market->url()));
  const bool mine = kept && (!options.session || *options.session == kept->session.session);
  if (!mine && !options.session) {
    return Error{Code::not_found, "This machine keeps no session with " + market->where() + ".",
                 "Name one: obelisk sessions"};
  }
  const std::string id = mine ? kept->session.session : *options.session;
  const auto ended = market->end_session(id);
  // One that lets nobody in any more is what was asked for.
  if (!ended && !(mine && ended.error().code == Code::not_found)) return ended;
  if (mine) forget_session(state_dir, market->url());
  session.out().line("Session " + id + " is ended.");
  session.out().result("{\"session\":\"" + id + "\",\"ended\":true}");
  return {};
}

base::Result<void> sessions(Session& session) {
  TRY(MarketClient * market, session.market());
  TRY(const auto list, market->sessions());
  Table table({{"SESSION", Align::left},
               {"LABEL", Align::left},
               {"SINCE", Align::left},
               {"UNTIL", Align::left}});
  for (const api::Session& one : list.sessions) {
    table.add({one.session, one.label, one.created_at, one.expires_at});
  }
  if (list.sessions.empty()) session.out().line("This wallet is signed in nowhere.");
  if (!list.sessions.empty()) session.out().table(table.lines());
  session.out().result(api::to_json(list));
  return {};
}

}  // namespace obelisk::cli
