#include "adapters/http/detail/connection.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <optional>

namespace obelisk::http {
namespace {

namespace beast_http = beast::http;

constexpr std::size_t kPiece = 64 << 10;
constexpr std::size_t kMaxErrorBody = 64 << 10;
constexpr std::uint32_t kMaxHead = 64 << 10;
constexpr int kMaxInterim = 8;

}  // namespace

using Parser = beast_http::response_parser<beast_http::buffer_body>;

struct Connection::Exchange {
  Exchange(std::string_view first, std::string_view second, Response& answer)
      : head(first), body(second), response(answer) {}

  std::string_view head;
  std::string_view body;
  bool answer_has_no_body = false;
  std::size_t max_body_bytes = 0;
  // Only for streams: called for each piece of a 200 answer; and restarts the idle time.
  const std::function<bool(std::string_view)>* on_bytes = nullptr;
  std::function<void()> on_progress = [] {};
  Response& response;
  Report report;
  error_code ec;
  std::optional<Parser> parser;
  bool too_large = false;
  bool stopped = false;
};

asio::awaitable<void> Connection::run(Exchange& exchange) {
  Stream& stream = line_.stream;
  error_code& ec = exchange.ec;
  for (std::string_view part : {exchange.head, exchange.body}) {
    while (!part.empty() && !ec) {
      part.remove_prefix(co_await stream.async_write_some(asio::buffer(part), into(ec)));
      exchange.report.any_sent = exchange.report.any_sent || !ec;
      exchange.on_progress();
    }
  }
  // A server that refuses a request early may answer and close before it has read everything.
  const error_code write_error = std::exchange(ec, {});
  for (int interim = 0; interim < kMaxInterim; ++interim) {
    exchange.parser.emplace();
    Parser& parser = *exchange.parser;
    parser.header_limit(kMaxHead);
    parser.body_limit(boost::none);
    parser.skip(exchange.answer_has_no_body);
    co_await beast_http::async_read_header(stream, buffer_, parser, into(ec));
    exchange.report.any_received = exchange.report.any_received || parser.got_some();
    if (ec || parser.get().result_int() >= 200) break;
  }
  if (ec && write_error) ec = write_error;
  if (ec) co_return;
  exchange.on_progress();
  for (const auto& field : exchange.parser->get()) {
    exchange.response.headers.push_back(
        {std::string(field.name_string()), std::string(field.value())});
  }
  exchange.response.status = static_cast<int>(exchange.parser->get().result_int());
  ec = co_await read_body(exchange);
  exchange.report.reusable = !ec && !write_error && exchange.parser->is_done() &&
                             exchange.parser->keep_alive() && buffer_.size() == 0;
}

asio::awaitable<error_code> Connection::read_body(Exchange& exchange) {
  Parser& parser = *exchange.parser;
  const bool streaming = exchange.on_bytes != nullptr && exchange.response.status == 200;
  std::array<char, kPiece> piece;
  error_code ec;
  while (!parser.is_done() && !exchange.stopped && !exchange.too_large) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    co_await beast_http::async_read_some(line_.stream, buffer_, parser, into(ec));
    if (ec == beast_http::error::need_buffer) ec = {};
    const std::string_view bytes(piece.data(), piece.size() - parser.get().body().size);
    if (!bytes.empty() || !ec) exchange.on_progress();
    if (streaming) {
      exchange.stopped = !bytes.empty() && !(*exchange.on_bytes)(bytes);
    } else if (exchange.response.body.size() + bytes.size() > exchange.max_body_bytes) {
      exchange.too_large = true;
    } else {
      exchange.response.body.append(bytes);
    }
    if (ec) break;
  }
  co_return ec;
}

void Connection::conclude(Exchange& exchange) const {
  Report& report = exchange.report;
  const error_code ec = exchange.ec;
  const auto http_category = beast_http::make_error_code(beast_http::error::need_more);
  if (exchange.stopped || interrupted_) {
    report.outcome = Outcome::stopped;
  } else if (exchange.too_large || ec == beast_http::error::header_limit) {
    report.outcome = Outcome::too_large;
  } else if (!ec) {
    report.outcome = Outcome::good;
  } else if (ec == beast_http::error::end_of_stream || ec == beast_http::error::partial_message) {
    report.why = "it closed the connection";
  } else if (ec.category() == http_category.category()) {
    report.outcome = Outcome::malformed;
    report.why = ec.message();
  } else {
    report.why = ec.message();
  }
  if (report.outcome != Outcome::good) report.reusable = false;
}

Connection::Report Connection::call(std::string_view head, std::string_view body,
                                    bool answer_has_no_body, std::size_t max_body_bytes,
                                    Deadline deadline, Response& response) {
  Exchange exchange(head, body, response);
  exchange.answer_has_no_body = answer_has_no_body;
  exchange.max_body_bytes = max_body_bytes;
  const bool late = run_until(line_, run(exchange), deadline);
  conclude(exchange);
  if (late) exchange.report.outcome = Outcome::late;
  if (late) exchange.report.reusable = false;
  return exchange.report;
}

Connection::Report Connection::stream(std::string_view head, std::string_view body,
                                      std::chrono::milliseconds idle_timeout,
                                      const std::function<bool(std::string_view)>& on_bytes,
                                      Response& response) {
  Exchange exchange(head, body, response);
  exchange.max_body_bytes = kMaxErrorBody;
  exchange.on_bytes = &on_bytes;
  asio::steady_timer idle(line_.io);
  bool late = false;
  exchange.on_progress = [&] {
    idle.expires_after(idle_timeout);
    idle.async_wait([&](error_code ec) {
      if (ec) return;
      late = true;
      line_.stream.close();
    });
  };
  exchange.on_progress();
  run_until(line_, run(exchange), Deadline::max());
  idle.cancel();
  line_.io.poll();
  conclude(exchange);
  if (late && exchange.report.outcome != Outcome::stopped) exchange.report.outcome = Outcome::late;
  return exchange.report;
}

void Connection::interrupt() {
  interrupted_ = true;
  asio::post(line_.io, [this] { line_.stream.close(); });
}

bool Connection::stale() {
  char byte = 0;
  const auto n = ::recv(line_.stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return !(n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

}  // namespace obelisk::http
