// The answers of the HTTP API, one function an operation, in small files by subject. Each takes
// what was asked and gives the response or the error; none of them knows of routes or sockets. They
// must never keep anything between two requests.
#pragma once

#include <string>

#include "adapters/http/message.hpp"
#include "adapters/http/server.hpp"
#include "apps/market/answer_desk.hpp"
#include "apps/market/asks/ask_desk.hpp"
#include "apps/market/bandwidth/bandwidth_desk.hpp"
#include "apps/market/callers.hpp"
#include "apps/market/host_hub.hpp"
#include "apps/market/lease_streams.hpp"
#include "apps/market/metrics.hpp"
#include "apps/market/offer_streams.hpp"
#include "apps/market/page/page.hpp"
#include "apps/market/pay/pay_desk.hpp"
#include "apps/market/program_keeper.hpp"
#include "apps/market/pulls/pull_desk.hpp"
#include "apps/market/quote_desk.hpp"
#include "apps/market/rates.hpp"
#include "apps/market/read_cache.hpp"
#include "apps/market/rebroadcast.hpp"
#include "apps/market/receipts/receipt_desk.hpp"
#include "apps/market/report_desk.hpp"
#include "apps/market/session_desk.hpp"
#include "ports/history_store.hpp"

namespace obelisk::market_app {

// Everything a handler may ask; all of it outlives every request.
struct Desk {
  engine::Leases& leases;
  ports::Store& store;
  ports::Chain& chain;
  ports::PriceSource& prices;
  ports::Clock& clock;
  OfferDesk& offers;
  QuoteDesk& quotes;
  HostHub& hub;
  LeaseStreams& streams;
  Metrics& metrics;
  Rates& rates;
  ReadCache& reads;
  SessionDesk& sessions;
  Callers& callers;
  AnswerDesk& answers;
  Identity identity;
  ReportDesk& reports;
  ports::HistoryStore& history;
  OfferStreams& offer_streams;
  BandwidthDesk* bandwidth = nullptr;     // null: nobody measures the way here
  Rebroadcast* again = nullptr;           // null: what is taken is sent once
  PullDesk* pulls = nullptr;              // null: no images are brought
  AskDesk* asks = nullptr;                // null: no host is asked for anything
  const Page* page = nullptr;             // null: the API alone
  PayDesk* pays = nullptr;                // null: no phone pays here
  const ProgramKeeper* keeper = nullptr;  // null: who may replace the program is not shown
  ReceiptDesk* receipts = nullptr;        // null: receipts are read elsewhere
};

using Answer = base::Result<http::Response>;

// handlers_offers.cpp
Answer list_cards(const Desk& desk);
Answer list_offers(const Desk& desk, const http::Request& request);
// Answers by itself with an open stream; or gives what to answer instead.
base::Result<std::optional<http::Response>> stream_offers(const Desk& desk,
                                                          const http::Request& request,
                                                          http::Exchange& exchange);
// handlers_quotes.cpp
Answer create_quote(const Desk& desk, const http::Request& request, const Caller& caller);
Answer delete_quote(const Desk& desk, const std::string& quote_id, const http::Request& request,
                    const Caller& caller);
Answer get_quote(const Desk& desk, const std::string& quote_id);
// handlers_reports.cpp
Answer create_report(const Desk& desk, const http::Request& request);
// handlers_transactions.cpp
Answer send_transaction(const Desk& desk, const http::Request& request);
// handlers_leases.cpp
Answer list_leases(const Desk& desk, const http::Request& request, const Caller& caller);
Answer get_lease(const Desk& desk, const std::string& lease, const Caller& caller);
Answer stop_lease(const Desk& desk, const std::string& lease, const http::Request& request);
Answer get_receipt(const Desk& desk, const std::string& lease, const Caller& caller);
Answer claim_lease(const Desk& desk, const std::string& lease, const http::Request& request);
Answer extend_lease(const Desk& desk, const std::string& lease, const http::Request& request);
// handlers_trail.cpp
Answer list_trail(const Desk& desk, const std::string& lease, const http::Request& request,
                  const Caller& caller);
// handlers_sessions.cpp
Answer create_challenge(const Desk& desk, const http::Request& request);
Answer create_session(const Desk& desk, const http::Request& request);
Answer list_sessions(const Desk& desk, const http::Request& request, const Caller& caller);
Answer delete_session(const Desk& desk, const std::string& session, const Caller& caller);
// handlers_leases.cpp again. Answers by itself where it succeeds: with an open stream.
base::Result<void> stream_lease(const Desk& desk, const std::string& lease,
                                const http::Request& request, const Caller& caller,
                                http::Exchange& exchange);
// handlers_living.cpp: operations that a host answers. What it is asked, and what becomes
// of what it says.
struct HostQuestion {
  base::PublicKey host;
  api::MarketAsk ask;
  std::int64_t timeout_ms = kAskTimeoutMs;
};
// Who was asked, and about which lease; nothing: about itself.
struct Asked {
  base::PublicKey host;
  std::optional<base::PublicKey> lease;
};
bool is_for_host(api::Operation operation);
// `name`: of the lease, or of the host itself.
base::Result<HostQuestion> question_for(const Desk& desk, api::Operation operation,
                                        const std::string& name, const http::Request& request,
                                        const Caller& caller);
Answer answer_from(api::Operation operation, const Asked& asked,
                   const base::Result<api::HostAnswer>& said);
// forbidden in the words of `whose` where it is another wallet, or a session that asks for one.
base::Result<void> check_is_signed_by(const Caller& caller, const base::PublicKey& wallet,
                                      const char* whose);
// The request as it was signed, for a host to check.
base::Result<api::SignedCall> signed_call_of(const http::Request& request);
// handlers_hosts.cpp
Answer get_host(const Desk& desk, const std::string& host);
base::Result<HostQuestion> maintenance_question(const Desk& desk, const std::string& host,
                                                const http::Request& request, const Caller& caller);
// handlers_bandwidth.cpp
Answer create_bandwidth_test(const Desk& desk, const Caller& caller);
Answer get_bandwidth_down(const Desk& desk, const std::string& ticket,
                          const http::Request& request);
Answer send_bandwidth_up(const Desk& desk, const std::string& ticket, const http::Request& request);
// handlers_pulls.cpp
Answer create_pull(const Desk& desk, const http::Request& request, const Caller& caller);
Answer get_pull(const Desk& desk, const std::string& pull);
// handlers_pay.cpp
// Wallets that are pages ask from another origin, and what is here is for everybody.
bool is_for_wallets(api::Operation operation);
void open_to_wallets(http::Response& response);
// What a browser asks before it lets such a page ask; nothing: it is no such question.
std::optional<http::Response> preflight_for_wallets(const http::Request& request);
Answer create_pay(const Desk& desk, const http::Request& request);
Answer get_pay_label(const Desk& desk, const std::string& pay, const http::Request& request);
Answer build_pay(const Desk& desk, const std::string& pay, const http::Request& request);
Answer get_pay_state(const Desk& desk, const std::string& pay, const http::Request& request);
// handlers_history.cpp
Answer get_history(const Desk& desk, const http::Request& request);
Answer list_outcomes(const Desk& desk, const http::Request& request);
// handlers_pages.cpp
Answer get_market(const Desk& desk);
Answer get_description();
Answer get_health();
Answer get_readiness(const Desk& desk);
Answer get_metrics(const Desk& desk);

// --- for the handlers themselves ---
http::Response json_response(int status, std::string body);
http::Response no_content();
http::Response text_response(std::string body);
base::Result<base::PublicKey> address_from(const std::string& text, const char* what);

}  // namespace obelisk::market_app
