#include "adapters/http/client.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include "adapters/http/detail/connection.hpp"
#include "adapters/http/detail/event_parser.hpp"
#include "adapters/http/problem.hpp"

namespace obelisk::http {
namespace {

using base::Code;
using base::Error;
using base::Result;
using std::chrono::milliseconds;
using Outcome = Connection::Outcome;

constexpr milliseconds kLongest{24L * 3600 * 1000};

bool idempotent(const std::string& method) {
  constexpr std::array<std::string_view, 5> kMethods{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

Error unsendable(const std::string& what) {
  return Error{Code::invalid_input, "The request cannot be sent: " + what + ".",
               "Nothing was sent. Check its path and headers."};
}

bool ours(std::string_view name) {
  Request probe;
  probe.headers.push_back({std::string(name), ""});
  return probe.header("Host") || probe.header("Content-Length") || probe.header("Connection") ||
         probe.header("Transfer-Encoding");
}

// The request line and the headers as they travel.
Result<std::string> request_head(const Url& base, const std::vector<Header>& defaults,
                                 const Request& request) {
  const bool good_method =
      !request.method.empty() && std::all_of(request.method.begin(), request.method.end(),
                                             [](char c) { return c >= 'A' && c <= 'Z'; });
  const std::string target = target_of(base, request);
  if (!good_method) return unsendable("its method is not in capital letters");
  if (!valid_target(target)) return unsendable("its path or query has characters to encode");
  std::string head = request.method + " " + target + " HTTP/1.1\r\n";
  const auto add = [&](const Header& header) {
    head.append(header.name).append(": ").append(header.value).append("\r\n");
  };
  add({"Host", base.host_header()});
  if (!request.body.empty() || !idempotent(request.method)) {
    add({"Content-Length", std::to_string(request.body.size())});
  }
  for (const Header& header : defaults) {
    if (!valid_header(header)) return unsendable("a default header is not valid");
    if (!ours(header.name) && !request.header(header.name)) add(header);
  }
  for (const Header& header : request.headers) {
    if (!valid_header(header)) return unsendable("a header is not valid");
    if (!ours(header.name)) add(header);
  }
  return head + "\r\n";
}

Error error_of(const Url& url, const Connection::Report& report) {
  switch (report.outcome) {
    case Outcome::late: return no_answer(url);
    case Outcome::too_large:
      return Error{Code::refused, "The answer of " + url.where() + " is too large.",
                   "It was thrown away. Check that this is the right server."};
    case Outcome::malformed:
      return Error{Code::refused,
                   "The answer of " + url.where() + " is not HTTP: " + report.why + ".",
                   "It was thrown away. Check that this is the right server."};
    case Outcome::good:
    case Outcome::stopped:
    case Outcome::broken: break;
  }
  return no_connection(url, report.why);
}

}  // namespace

class Client::Impl {
 public:
  Impl(Url base, ClientOptions options) : base_(std::move(base)), options_(std::move(options)) {
    if (base_.scheme == Scheme::ws) base_.scheme = Scheme::http;
    if (base_.scheme == Scheme::wss) base_.scheme = Scheme::https;
  }

  Result<Response> call(const Request& request, milliseconds timeout) {
    const Deadline deadline = std::chrono::steady_clock::now() + std::min(timeout, kLongest);
    TRY(const std::string head, request_head(base_, options_.headers, request));
    auto kept = take();
    if (kept) {
      Response response;
      const auto report = exchange(*kept, head, request, deadline, response);
      if (report.outcome == Outcome::good) return finish(std::move(kept), report, response);
      const bool died = report.outcome == Outcome::broken && !report.any_received;
      const bool again = died && (!report.any_sent || idempotent(request.method));
      if (!again) return error_of(base_, report);
    }
    TRY(auto fresh, open(deadline));
    Response response;
    const auto report = exchange(*fresh, head, request, deadline, response);
    if (report.outcome != Outcome::good) return error_of(base_, report);
    return finish(std::move(fresh), report, response);
  }

  Result<void> stream(const Request& request, const std::function<bool(const Event&)>& on_event,
                      milliseconds idle_timeout, const std::stop_token& stop) {
    idle_timeout = std::min(idle_timeout, kLongest);
    Request asked = request;
    if (!asked.header("Accept")) asked.headers.push_back({"Accept", "text/event-stream"});
    TRY(const std::string head, request_head(base_, options_.headers, asked));
    if (stop.stop_requested()) return {};
    TRY(auto connection, open(std::chrono::steady_clock::now() + idle_timeout));
    EventParser parser;
    EventParser::Outcome parsed = EventParser::Outcome::more;
    const std::function<bool(std::string_view)> on_bytes = [&](std::string_view bytes) {
      parsed = parser.feed(bytes, on_event);
      return parsed == EventParser::Outcome::more;
    };
    Response response;
    Connection::Report report;
    {
      const std::stop_callback on_stop(stop, [&] { connection->interrupt(); });
      report = connection->stream(head, asked.body, idle_timeout, on_bytes, response);
    }
    if (parsed == EventParser::Outcome::too_large) {
      return Error{Code::refused, "An event of " + base_.where() + " is over 1 MiB.",
                   "The stream was closed. Check that this is the right server."};
    }
    if (report.outcome == Outcome::stopped || stop.stop_requested()) return {};
    if (response.status != 200 && report.any_received) return error_from(response);
    if (report.outcome == Outcome::good) return no_connection(base_, "the stream ended");
    return error_of(base_, report);
  }

  const Url& base() const { return base_; }

 private:
  using Kept = std::unique_ptr<Connection>;

  Connection::Report exchange(Connection& connection, const std::string& head,
                              const Request& request, Deadline deadline, Response& response) const {
    return connection.call(head, request.body, request.method == "HEAD",
                           options_.max_response_bytes, deadline, response);
  }

  // The youngest kept connection that still lives, if there is one.
  Kept take() {
    const std::scoped_lock lock(mutex_);
    while (!kept_.empty()) {
      Kept connection = std::move(kept_.back());
      kept_.pop_back();
      if (!connection->stale()) return connection;
    }
    return nullptr;
  }

  Response finish(Kept connection, const Connection::Report& report, Response& response) {
    response.content_type = std::string(response.header("Content-Type").value_or(""));
    if (report.reusable) {
      const std::scoped_lock lock(mutex_);
      if (kept_.size() < options_.max_idle_connections) kept_.push_back(std::move(connection));
    }
    return std::move(response);
  }

  Result<Kept> open(Deadline deadline) {
    TRY(const auto addresses, resolver_.resolve(base_, deadline));
    TRY(const auto tls, context());
    auto connection = std::make_unique<Connection>();
    TRY_VOID(dial(connection->line(), base_, addresses, tls.get(), deadline));
    return connection;
  }

  // Null where no TLS is wanted. Made once: reading the system's store takes 20 ms.
  Result<std::shared_ptr<asio::ssl::context>> context() {
    const std::scoped_lock lock(mutex_);
    if (base_.secure() && !tls_) {
      TRY(tls_, make_client_tls(options_.authority_file));
    }
    return tls_;
  }

  Url base_;
  const ClientOptions options_;
  Resolver resolver_;
  std::mutex mutex_;
  std::vector<Kept> kept_;
  std::shared_ptr<asio::ssl::context> tls_;
};

// No exception leaves an adapter: what can be thrown here is "out of memory" and its like.
template <class T, class Work>
Result<T> guarded(const Url& url, Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return Error{Code::internal, "The call to " + url.where() + " failed: " + error.what() + ".",
                 "Report it if it stays so."};
  }
}

Client::Client(Url base, ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(base), std::move(options))) {}
Client::~Client() = default;

Result<Response> Client::call(const Request& request, milliseconds timeout) {
  return guarded<Response>(impl_->base(), [&] { return impl_->call(request, timeout); });
}

Result<void> Client::stream(const Request& request,
                            const std::function<bool(const Event&)>& on_event,
                            milliseconds idle_timeout, std::stop_token stop) {
  return guarded<void>(impl_->base(),
                       [&] { return impl_->stream(request, on_event, idle_timeout, stop); });
}

const Url& Client::base() const { return impl_->base(); }

}  // namespace obelisk::http
