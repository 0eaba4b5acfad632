#include "apps/cli/market_client.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>

#include "adapters/http/problem.hpp"
#include "adapters/http/url.hpp"
#include "core/identity/signed_request.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr int kCallTimeoutMs = 10'000;
constexpr int kUnauthorized = 401;
constexpr int kSoonMs = 3'000;
constexpr int kQuoteTimeoutMs = 20'000;
constexpr int kHostTimeoutMs = 15'000;  // the market gives a host ten seconds
constexpr int kMostPages = 200;
constexpr int kStreamSilenceMs = 45'000;  // three heartbeats

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string query_of(const Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    out += (out.empty() ? "" : "&") + name + "=" + http::percent_encode(value);
  }
  return out;
}

std::string lease_path(const base::PublicKey& lease) { return "/v1/leases/" + lease.to_string(); }

}  // namespace

base::Result<std::unique_ptr<MarketClient>> MarketClient::create(const std::string& url) {
  TRY(http::Url parsed, http::Url::parse(url));
  return std::unique_ptr<MarketClient>(new MarketClient(std::move(parsed)));
}

std::string MarketClient::where() const { return client_.base().where(); }

base::Result<http::Response> MarketClient::call(const http::Request& request, int timeout_ms) {
  auto response = client_.call(request, std::chrono::milliseconds(timeout_ms));
  if (response) return response;
  Error error = response.error();
  if (error.code == Code::unreachable || error.code == Code::timeout) {
    error.message = "The market at " + where() + " does not answer. " + error.message;
    error.action =
        "Check --market-url. What is on the chain works without it: obelisk escrow --help";
  }
  return error;
}

base::Result<std::string> MarketClient::body_of(http::Response response) {
  if (response.status < 200 || response.status > 299) return http::error_from(response);
  return std::move(response.body);
}

base::Result<std::string> MarketClient::answer_to(const http::Request& request, int timeout_ms) {
  TRY(auto response, call(request, timeout_ms));
  return body_of(std::move(response));
}

base::Result<std::shared_ptr<Voice>> MarketClient::voice() {
  const std::lock_guard lock(mutex_);
  if (voice_) return voice_;
  if (!find_voice_) return Error{Code::unauthorized, "Nobody asks.", "Name a key: --keypair"};
  TRY(voice_, find_voice_());
  return voice_;
}

base::Result<base::PublicKey> MarketClient::market_key() {
  {
    const std::lock_guard lock(mutex_);
    if (market_key_) return *market_key_;
  }
  TRY(const auto told, info());
  const std::lock_guard lock(mutex_);
  market_key_ = told.market;
  return told.market;
}

base::Result<std::string> MarketClient::own_answer_to(http::Request request, int timeout_ms) {
  TRY(const auto mine, voice());
  base::PublicKey market;
  if (mine->signs()) {
    TRY(market, market_key());
  }
  mine->speak(request, market);
  TRY(auto response, call(request, timeout_ms));
  if (response.status == kUnauthorized) {
    const auto time = response.header("Obelisk-Time").value_or("");
    base::UnixMillis theirs_ms = 0;
    const auto [end, failed] = std::from_chars(time.data(), time.data() + time.size(), theirs_ms);
    const bool is_time = failed == std::errc{} && end == time.data() + time.size();
    if (is_time && mine->heard(theirs_ms)) {
      mine->speak(request, market);
      TRY(response, call(request, timeout_ms));
    }
  }
  return body_of(std::move(response));
}

base::Result<std::string> MarketClient::get(const std::string& path, const std::string& query) {
  http::Request request;
  request.path = path;
  request.query = query;
  return answer_to(request, kCallTimeoutMs);
}

base::Result<std::string> MarketClient::get_soon(const std::string& path) {
  http::Request request;
  request.path = path;
  return answer_to(request, kSoonMs);
}

template <class T>
base::Result<T> MarketClient::read(base::Result<std::string> text,
                                   base::Result<T> (*parse)(std::string_view)) const {
  if (!text) return text.error();
  auto parsed = parse(*text);
  if (!parsed) {
    return Error{Code::unreachable,
                 "The server at " + where() +
                     " does not answer as a market of this version: " + parsed.error().message,
                 "Check --market-url and obelisk --version."};
  }
  return parsed;
}

base::Result<api::MarketInfo> MarketClient::info() {
  return read(get_soon("/v1/market"), api::market_info_from_json);
}

base::Result<api::CardList> MarketClient::cards() {
  return read(get("/v1/cards"), api::card_list_from_json);
}

base::Result<api::OfferList> MarketClient::offers(const Parameters& parameters) {
  return read(get("/v1/offers", query_of(parameters)), api::offer_list_from_json);
}

base::Result<api::History> MarketClient::history(const Parameters& parameters) {
  return read(get("/v1/history", query_of(parameters)), api::history_from_json);
}

base::Result<api::OutcomeList> MarketClient::outcomes(const Parameters& parameters) {
  return read(get("/v1/outcomes", query_of(parameters)), api::outcome_list_from_json);
}

base::Result<void> MarketClient::follow_offers(
    const std::string& query, const std::function<bool(const api::OfferEvent&)>& on_event,
    std::stop_token stop) {
  http::Request request;
  request.path = "/v1/offers/events";
  request.query = query_of({{"q", query}});
  request.headers.push_back({"Accept", "text/event-stream"});
  const auto take = [&](const http::Event& event) {
    const auto parsed = api::offer_event_from_json(event.data);
    // One that cannot be read says nothing; a quote would say what is true.
    return !parsed || on_event(*parsed);
  };
  return client_.stream(request, take, std::chrono::milliseconds(kStreamSilenceMs),
                        std::move(stop));
}

base::Result<std::string> MarketClient::post(const std::string& path, const std::string& body,
                                             int timeout_ms) {
  http::Request request;
  request.method = "POST";
  request.path = path;
  request.headers.push_back({"Content-Type", "application/json"});
  request.headers.push_back({"Idempotency-Key", identity::new_nonce()});
  request.body = body;
  auto answer = answer_to(request, timeout_ms);
  // The answer may be what was lost: asked again under the same key, it is the same one.
  if (!answer && answer.error().code == Code::unreachable) return answer_to(request, timeout_ms);
  return answer;
}

base::Result<api::Quote> MarketClient::quote(const api::QuoteRequest& wanted) {
  return read(post("/v1/quotes", api::to_json(wanted), kQuoteTimeoutMs), api::quote_from_json);
}

base::Result<api::ImagePull> MarketClient::begin_pull(const api::ImagePullRequest& wanted) {
  http::Request request;
  request.method = "POST";
  request.path = "/v1/pulls";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = api::to_json(wanted);
  return read(own_answer_to(std::move(request), kCallTimeoutMs), api::image_pull_from_json);
}

base::Result<api::ImagePull> MarketClient::pull(const std::string& id) {
  return read(get("/v1/pulls/" + id), api::image_pull_from_json);
}

base::Result<api::Quote> MarketClient::quote_by_id(const std::string& id) {
  return read(get("/v1/quotes/" + http::percent_encode(id)), api::quote_from_json);
}

base::Result<api::KeptReport> MarketClient::report(const api::SignedReport& message) {
  return read(post("/v1/reports", api::to_json(message), kCallTimeoutMs),
              api::kept_report_from_json);
}

template <class T>
base::Result<T> MarketClient::pages(const std::string& path,
                                    base::Result<T> (*parse)(std::string_view),
                                    const std::function<void(T& all, T page)>& join) {
  T all;
  std::string cursor;
  for (int count = 0; count < kMostPages; ++count) {
    http::Request request;
    request.path = path;
    request.query = "limit=500" + (cursor.empty() ? "" : "&cursor=" + cursor);
    TRY(T page, read(own_answer_to(std::move(request), kCallTimeoutMs), parse));
    const auto next = page.next;
    join(all, std::move(page));
    if (!next) return all;
    cursor = http::percent_encode(*next);
  }
  return Error{Code::unreachable, "The market at " + where() + " does not come to an end.",
               "Check --market-url."};
}

base::Result<api::LeaseList> MarketClient::leases() {
  return pages<api::LeaseList>("/v1/leases", api::lease_list_from_json,
                               [](api::LeaseList& all, api::LeaseList page) {
                                 std::ranges::move(page.leases, std::back_inserter(all.leases));
                               });
}

base::Result<api::SessionList> MarketClient::sessions() {
  return pages<api::SessionList>("/v1/sessions", api::session_list_from_json,
                                 [](api::SessionList& all, api::SessionList page) {
                                   std::ranges::move(page.sessions,
                                                     std::back_inserter(all.sessions));
                                 });
}

base::Result<api::Challenge> MarketClient::challenge(const base::PublicKey& wallet) {
  return read(
      post("/v1/sessions/challenge", api::to_json(api::ChallengeRequest{wallet}), kCallTimeoutMs),
      api::challenge_from_json);
}

base::Result<api::SessionToken> MarketClient::open_session(const api::SessionRequest& request) {
  return read(post("/v1/sessions", api::to_json(request), kCallTimeoutMs),
              api::session_token_from_json);
}

namespace {

http::Request deletion(const std::string& path) {
  http::Request request;
  request.method = "DELETE";
  request.path = path;
  request.headers.push_back({"Idempotency-Key", identity::new_nonce()});
  return request;
}

}  // namespace

base::Result<void> MarketClient::give_up_quote(const std::string& id) {
  const auto done = answer_to(deletion("/v1/quotes/" + http::percent_encode(id)), kSoonMs);
  if (!done) return done.error();
  return {};
}

base::Result<void> MarketClient::end_session(const std::string& id) {
  http::Request request = deletion("/v1/sessions/" + http::percent_encode(id));
  const auto done = own_answer_to(std::move(request), kCallTimeoutMs);
  if (!done) return done.error();
  return {};
}

base::Result<api::Lease> MarketClient::lease(const base::PublicKey& lease) {
  http::Request request;
  request.path = lease_path(lease);
  // Whom the market does not believe it shows what it shows anybody.
  auto told = voice() ? own_answer_to(request, kSoonMs) : get_soon(request.path);
  const bool refused =
      !told && (told.error().code == Code::unauthorized || told.error().code == Code::forbidden);
  auto answer = read(refused ? get_soon(request.path) : std::move(told), api::lease_from_json);
  if (answer && answer->lease != lease) {
    return Error{Code::refused, "The market answered with another lease than was asked for.",
                 "Check --market-url."};
  }
  return answer;
}

base::Result<api::Readings> MarketClient::readings(const base::PublicKey& lease,
                                                   base::UnixMillis since_ms) {
  http::Request request;
  request.path = lease_path(lease) + "/readings";
  request.query = "since_ms=" + std::to_string(since_ms);
  return read(own_answer_to(std::move(request), kHostTimeoutMs), api::readings_from_json);
}

base::Result<api::LeaseLogs> MarketClient::logs(const base::PublicKey& lease, std::uint32_t lines) {
  http::Request request;
  request.path = lease_path(lease) + "/logs";
  request.query = "tail=" + std::to_string(lines);
  return read(own_answer_to(std::move(request), kHostTimeoutMs), api::lease_logs_from_json);
}

base::Result<api::ExecResult> MarketClient::exec(const base::PublicKey& lease,
                                                 const api::ExecRequest& wanted) {
  http::Request request;
  request.method = "POST";
  request.path = lease_path(lease) + "/exec";
  request.headers.push_back({"Content-Type", "application/json"});
  request.headers.push_back({"Idempotency-Key", identity::new_nonce()});
  request.body = api::to_json(wanted);
  const int timeout_ms = static_cast<int>(wanted.timeout_s.value_or(60)) * 1000 + kHostTimeoutMs;
  return read(own_answer_to(std::move(request), timeout_ms), api::exec_result_from_json);
}

base::Result<api::Trail> MarketClient::trail(const base::PublicKey& lease) {
  TRY(auto out, pages<api::Trail>(lease_path(lease) + "/trail", api::trail_from_json,
                                  [](api::Trail& all, api::Trail page) {
                                    std::ranges::move(page.entries,
                                                      std::back_inserter(all.entries));
                                  }));
  out.lease = lease;
  return out;
}

base::Result<void> MarketClient::follow(const base::PublicKey& lease, std::uint64_t last_seq,
                                        const std::function<bool(const api::LeaseEvent&)>& on_event,
                                        std::stop_token stop) {
  http::Request request;
  request.path = lease_path(lease) + "/events";
  request.headers.push_back({"Accept", "text/event-stream"});
  if (last_seq > 0) request.headers.push_back({"Last-Event-ID", std::to_string(last_seq)});
  const auto take = [&](const http::Event& event) {
    const auto parsed = api::lease_event_from_json(event.data);
    // One event that cannot be read says nothing; the chain is asked anyway.
    if (!parsed || parsed->lease.lease != lease) return true;
    return on_event(*parsed);
  };
  TRY(const auto mine, voice());
  base::PublicKey market;
  if (mine->signs()) {
    TRY(market, market_key());
  }
  mine->speak(request, market);
  auto ended =
      client_.stream(request, take, std::chrono::milliseconds(kStreamSilenceMs), std::move(stop));
  // A clock that is wrong is set by any other answer; then the stream opens the next time.
  if (!ended && ended.error().code == Code::unauthorized) (void)this->lease(lease);
  return ended;
}

}  // namespace obelisk::cli
