#include "apps/cli/market_client.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "adapters/http/problem.hpp"
#include "adapters/http/url.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr int kCallTimeoutMs = 10'000;
constexpr int kSoonMs = 3'000;
constexpr int kQuoteTimeoutMs = 20'000;
constexpr int kMostPages = 200;
constexpr int kStreamSilenceMs = 45'000;  // three heartbeats

std::string lease_path(const base::PublicKey& lease) { return "/v1/leases/" + lease.to_string(); }

}  // namespace

base::Result<std::unique_ptr<MarketClient>> MarketClient::create(const std::string& url) {
  TRY(http::Url parsed, http::Url::parse(url));
  return std::unique_ptr<MarketClient>(new MarketClient(std::move(parsed)));
}

std::string MarketClient::where() const { return client_.base().where(); }

base::Result<std::string> MarketClient::answer_to(const http::Request& request, int timeout_ms) {
  auto response = client_.call(request, std::chrono::milliseconds(timeout_ms));
  if (!response) {
    Error error = response.error();
    if (error.code == Code::unreachable || error.code == Code::timeout) {
      error.message = "The market at " + where() + " does not answer. " + error.message;
      error.action =
          "Check --market-url. What is on the chain works without it: obelisk escrow --help";
    }
    return error;
  }
  if (response->status < 200 || response->status > 299) return http::error_from(*response);
  return std::move(response->body);
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

base::Result<api::OfferList> MarketClient::offers(
    const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    query += (query.empty() ? "" : "&") + name + "=" + http::percent_encode(value);
  }
  return read(get("/v1/offers", query), api::offer_list_from_json);
}

base::Result<api::Quote> MarketClient::quote(const api::QuoteRequest& wanted) {
  http::Request request;
  request.method = "POST";
  request.path = "/v1/quotes";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = api::to_json(wanted);
  return read(answer_to(request, kQuoteTimeoutMs), api::quote_from_json);
}

base::Result<api::Quote> MarketClient::quote_by_id(const std::string& id) {
  return read(get("/v1/quotes/" + http::percent_encode(id)), api::quote_from_json);
}

base::Result<api::KeptReport> MarketClient::report(const api::SignedReport& message) {
  http::Request request;
  request.method = "POST";
  request.path = "/v1/reports";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = api::to_json(message);
  return read(answer_to(request, kCallTimeoutMs), api::kept_report_from_json);
}

base::Result<api::LeaseList> MarketClient::leases(const base::PublicKey& renter) {
  return read(get("/v1/leases", "renter=" + renter.to_string()), api::lease_list_from_json);
}

base::Result<api::Lease> MarketClient::lease(const base::PublicKey& lease) {
  auto answer = read(get_soon(lease_path(lease)), api::lease_from_json);
  if (answer && answer->lease != lease) {
    return Error{Code::refused, "The market answered with another lease than was asked for.",
                 "Check --market-url."};
  }
  return answer;
}

base::Result<api::Trail> MarketClient::trail(const base::PublicKey& lease) {
  api::Trail out;
  out.lease = lease;
  std::string cursor;
  for (int pages = 0; pages < kMostPages; ++pages) {
    TRY(auto page, read(get(lease_path(lease) + "/trail",
                            "limit=500" + (cursor.empty() ? "" : "&cursor=" + cursor)),
                        api::trail_from_json));
    std::ranges::move(page.entries, std::back_inserter(out.entries));
    if (!page.next) return out;
    cursor = http::percent_encode(*page.next);
  }
  return Error{Code::unreachable, "The market at " + where() + " does not come to an end.",
               "Check --market-url."};
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
  return client_.stream(request, take, std::chrono::milliseconds(kStreamSilenceMs),
                        std::move(stop));
}

}  // namespace obelisk::cli
