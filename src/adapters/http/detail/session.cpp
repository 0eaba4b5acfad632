#include "adapters/http/detail/session.hpp"

#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "adapters/http/detail/listen.hpp"
#include "adapters/http/detail/quick_scan.hpp"
#include "adapters/http/detail/to_request.hpp"

namespace obelisk::http {
namespace {

namespace beast_http = beast::http;
using std::chrono::milliseconds;

constexpr std::size_t kMaxLingerBytes = 4 << 20;
constexpr std::size_t kFirstRead = 4096;
// What a connection keeps between two requests.
constexpr std::size_t kMaxKeptBuffer = 16 << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool served(beast_http::verb method) {
  using beast_http::verb;
  const std::array methods{verb::get,   verb::head,    verb::post,   verb::put,
                           verb::patch, verb::delete_, verb::options};
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

// Nobody is there to read an answer.
bool gone(error_code ec) {
  return ec == beast_http::error::end_of_stream || ec == beast_http::error::partial_message ||
         ec.category() != beast_http::make_error_code(beast_http::error::need_more).category();
}

// What is wrong with a request before its body is read.
std::optional<Response> look_at_head(const SocketLoop::OpeningRequest& message,
                                     const ServerOptions& options) {
  if (message.target().size() > options.max_url_bytes)
    return refuse_long_url(options.max_url_bytes);
  const auto headers = static_cast<std::size_t>(std::distance(message.begin(), message.end()));
  if (headers > options.max_headers) return refuse_many_headers(options.max_headers);
  if (!served(message.method())) return refuse_method();
  if (message.version() >= 11 && message.count(beast_http::field::host) != 1) {
    return refuse_malformed("it needs exactly one Host header");
  }
  return std::nullopt;
}

std::string client_of(const Request& request, const TrustedProxies& trusted,
                      const std::string& peer) {
  if (!trusted.contains(peer)) return peer;
  std::string all;
  for (const Header& header : request.headers) {
    if (!beast::iequals(header.name, "X-Forwarded-For")) continue;
    all += (all.empty() ? "" : ",") + header.value;
  }
  return trusted.client_of(peer, all);
}

Persistence persistence_of(const SocketLoop::OpeningRequest& message) {
  if (!message.keep_alive()) return Persistence::close;
  return message.version() < 11 ? Persistence::keep_alive_http10 : Persistence::keep_alive;
}

}  // namespace

Session::Session(ServerCore& core, Stream::Socket socket, std::string remote_address)
    : core_(core),
      stream_(std::move(socket)),
      remote_address_(std::move(remote_address)),
      timer_(stream_.get_executor()),
      wakeup_(stream_.get_executor()),
      reader_ended_(stream_.get_executor()) {
  keep_private(stream_.socket().native_handle());
  stream_.no_delay();
  ++core_.by_address[remote_address_];
}

asio::awaitable<void> Session::run() {
  const auto self = shared_from_this();
  try {
    if (co_await open()) {
      while (co_await serve_one()) {
      }
    }
    if (lingering_) co_await linger();
  } catch (const std::exception& error) {
    core_.log(std::string("a connection failed: ") + error.what());
  }
  if (outbox_) {
    outbox_->abandon("the connection ended");
    outbox_->detach();
  }
  leave();
  core_.sessions.erase(self);
  if (core_.sessions.empty() && core_.when_empty) core_.when_empty();
}

// Everything that others share comes back.
void Session::leave() {
  unguard();
  ++armed_;
  timer_.cancel();
  stream_.close();
  release_body();
  if (is_websocket_) {
    --core_.websockets;
  } else if (--core_.by_address[remote_address_] == 0) {
    core_.by_address.erase(remote_address_);
  }
}

void Session::become_websocket() {
  is_websocket_ = true;
  ++core_.websockets;
  if (--core_.by_address[remote_address_] == 0) core_.by_address.erase(remote_address_);
  buffer_.consume(buffer_.size());
  buffer_.shrink_to_fit();
}

// Bodies that are being read or handled share one bound, so that many connections with large
// bodies are told to come again instead of filling the memory.
bool Session::reserve_body(std::size_t bytes) {
  release_body();
  if (core_.bodies_bytes + bytes > core_.options.max_bodies_bytes) return false;
  core_.bodies_bytes += bytes;
  reserved_bytes_ = bytes;
  return true;
}

void Session::release_body() { core_.bodies_bytes -= std::exchange(reserved_bytes_, 0); }

void Session::stop() {
  switch (doing_) {
    case Doing::opening:
    case Doing::waiting: stream_.close(); break;
    case Doing::reading:
    case Doing::handling: break;  // its answer says Connection: close
    case Doing::streaming:
    case Doing::socket: outbox_->finish("the server stops"); break;
  }
}

asio::awaitable<bool> Session::open() {
  if (!core_.tls) co_return true;
  auto& tls = stream_.use_tls(*core_.tls);
  guard(core_.options.request_timeout_ms, Limit::everything);
  error_code ec;
  co_await tls.async_handshake(asio::ssl::stream_base::server, into(ec));
  unguard();
  co_return !ec;
}

// Waits for the first bytes of a request; false when there will be none.
asio::awaitable<bool> Session::await_bytes() {
  doing_ = Doing::waiting;
  if (buffer_.size() > 0) co_return true;
  if (buffer_.capacity() > kMaxKeptBuffer) buffer_.shrink_to_fit();
  guard(core_.options.idle_timeout_ms, Limit::everything);
  error_code ec;
  const std::size_t n = co_await stream_.async_read_some(buffer_.prepare(kFirstRead), into(ec));
  if (!ec) buffer_.commit(n);
  co_return !ec;
}

// Answers what is at the front where that is known already; false where a handler has to.
asio::awaitable<bool> Session::serve_quick() {
  const ServerOptions& options = core_.options;
  const std::string_view arrived(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  const auto asked =
      scan_quick(arrived, {options.max_header_bytes, options.max_headers, options.max_url_bytes});
  if (!asked || core_.stopping) co_return false;
  const auto known =
      core_.quick({asked->head, asked->target, asked->if_none_match,
                   options.trusted_proxies.client_of(remote_address_, asked->forwarded_for)});
  if (known.answer == nullptr) co_return false;
  const bool has_it = known.answer->is_named_by(asked->if_none_match);
  buffer_.consume(asked->bytes);
  std::string head(has_it ? known.answer->not_modified() : known.answer->head());
  head.resize(head.size() - 2);  // the empty line comes last
  for (const Header& header : known.headers) head += header.name + ": " + header.value + "\r\n";
  head += "\r\n";
  const bool whole = !has_it && !asked->head;
  doing_ = Doing::handling;
  if (!co_await write(head, whole ? known.answer->body() : "")) stream_.close();
  co_return true;
}

// Reads and answers one request; false when it was the last.
asio::awaitable<bool> Session::serve_one() {
  if (!co_await await_bytes()) co_return false;
  if (core_.quick && co_await serve_quick()) co_return stream_.socket().is_open();
  auto opening = co_await read_request();
  if (!opening) co_return false;
  const bool head = opening->method() == beast_http::verb::head;
  // Bytes behind an upgrade would be lost to the WebSocket; no client may send them so early.
  const bool wants_socket = !head && buffer_.size() == 0 && beast::websocket::is_upgrade(*opening);
  auto request = to_request(*opening);
  if (!request) {
    co_await refuse(refuse_malformed("the target is not a path"));
    co_return false;
  }
  request->swallowed = swallowed_;
  request->remote_address = client_of(*request, core_.options.trusted_proxies, remote_address_);
  Answer answer = co_await handle(std::move(*request), wants_socket);
  release_body();
  if (auto* events = std::get_if<EventsAnswer>(&answer)) {
    outbox_ = events->outbox;
    if (!head) co_await run_events(std::move(*events));
    if (head) co_await write(event_stream_head(events->headers), "");
    co_return false;
  }
  if (auto* socket = std::get_if<SocketAnswer>(&answer)) {
    outbox_ = socket->outbox;
    co_await run_socket(std::move(*socket), *opening);
    co_return false;
  }
  auto& response = std::get<Response>(answer);
  const Persistence persistence = core_.stopping ? Persistence::close : persistence_of(*opening);
  const std::string text = reply_head(response, persistence);
  if (head || !has_body(response.status)) response.body.clear();
  const bool written = co_await write(text, response.body, response.times);
  lingering_ = written && persistence == Persistence::close;
  co_return written&& persistence != Persistence::close;
}

asio::awaitable<std::optional<Session::Opening>> Session::read_request() {
  const ServerOptions& options = core_.options;
  error_code ec;
  doing_ = Doing::reading;
  guard(options.request_timeout_ms, Limit::reading);
  beast_http::request_parser<beast_http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  parser.body_limit(boost::none);  // until it is known whose body it is
  co_await beast_http::async_read_header(stream_, buffer_, parser, into(ec));
  std::optional<Response> refusal;
  if (!ec) refusal = look_at_head(parser.get(), options);
  swallowed_ = 0;
  std::size_t most = options.max_body_bytes;
  std::size_t drops = 0;
  if (!ec && !refusal && !parser.is_done()) {
    drops = swallows(parser.get());
    if (drops != 0) most = drops;
    parser.body_limit(most);
    const auto length = parser.content_length();
    const std::size_t promised = length ? *length : most;
    if (promised > most) {
      ec = beast_http::error::body_limit;
    } else if (drops == 0 && !reserve_body(promised)) {
      refusal = refuse_busy();
    } else if (beast::iequals(parser.get()[beast_http::field::expect], "100-continue")) {
      co_await asio::async_write(stream_, asio::buffer(kContinue), into(ec));
    }
  }
  std::optional<Opening> opening;
  if (!ec && !refusal && drops != 0) {
    opening = co_await swallow(parser, most, ec);
  } else if (!ec && !refusal) {
    co_await beast_http::async_read(stream_, buffer_, parser, into(ec));
  }
  unguard();
  if (late_) {
    refusal = refuse_slow(options.request_timeout_ms);
  } else if (ec == beast_http::error::body_limit) {
    refusal = refuse_large_body(most);
  } else if (ec == beast_http::error::header_limit) {
    refusal = refuse_large_headers(options.max_header_bytes);
  } else if (ec == beast_http::error::bad_version) {
    refusal = refuse_version();
  } else if (ec && gone(ec)) {
    co_return std::nullopt;
  } else if (ec) {
    refusal = refuse_malformed(ec.message());
  }
  if (refusal) {
    co_await refuse(std::move(*refusal));
    co_return std::nullopt;
  }
  co_return opening ? *std::move(opening) : parser.release();
}

// What the peer still sends is not understood any more, so this was its last request.
asio::awaitable<void> Session::refuse(Response response) {
  const std::string text = reply_head(response, Persistence::close);
  lingering_ = co_await write(text, response.body);
}

asio::awaitable<bool> Session::write(std::string_view first, std::string_view second,
                                     std::size_t times) {
  guard(core_.options.write_timeout_ms, Limit::everything);
  const std::array<asio::const_buffer, 2> parts{asio::buffer(first), asio::buffer(second)};
  error_code ec;
  co_await asio::async_write(stream_, parts, into(ec));
  for (std::size_t i = 1; i < times && !ec && !second.empty(); ++i) {
    co_await asio::async_write(stream_, asio::buffer(second), into(ec));
  }
  unguard();
  co_return !ec;
}

std::size_t Session::swallows(const Opening& message) const {
  const auto& asks = core_.options.swallows;
  const std::string_view target(message.target().data(), message.target().size());
  return asks ? asks(std::string_view(beast_http::to_string(message.method())), target) : 0;
}

// The header alone: what follows is counted, and nothing of it is kept.
asio::awaitable<Session::Opening> Session::swallow(HeaderParser& parser, std::size_t most,
                                                   error_code& ec) {
  beast_http::request_parser<beast_http::buffer_body> sink(std::move(parser));
  sink.body_limit(most);
  std::array<char, kMaxKeptBuffer> dropped{};
  while (!ec && !sink.is_done()) {
    auto& body = sink.get().body();
    body.data = dropped.data();
    body.size = dropped.size();
    co_await beast_http::async_read(stream_, buffer_, sink, into(ec));
    swallowed_ += dropped.size() - body.size;
    if (ec == beast_http::error::need_buffer) ec = {};
  }
  Opening out;
  out.base() = std::move(sink.get().base());
  co_return out;
}

asio::awaitable<Answer> Session::handle(Request request, bool wants_socket) {
  doing_ = Doing::handling;
  answer_.reset();
  const bool full = wants_socket && core_.websockets >= core_.options.max_websockets;
  if (full || core_.waiting >= core_.options.max_waiting) co_return refuse_busy();
  AnswerPath path;
  path.wants_socket = wants_socket;
  path.max_queued_events = core_.options.max_queued_events;
  path.max_queued_bytes = core_.options.max_queued_bytes;
  path.log = [&core = core_](const std::string& line) { core.log(line); };
  path.deliver = [self = shared_from_this()](Answer answer) {
    asio::post(self->core_.io, [self, given = std::move(answer)]() mutable {
      self->answer_ = std::move(given);
      self->wakeup_.wake();
    });
  };
  path.wake = [weak = weak_from_this(), &io = core_.io] {
    asio::post(io, [weak] {
      const auto self = weak.lock();
      if (!self) return;
      self->wakeup_.wake();
      if (self->loop_) self->loop_->wake();
      // A reader too slow for its queue would hold up the write under way for long.
      const bool dropped = self->outbox_ && self->outbox_->abandoned();
      if (dropped && self->doing_ == Doing::streaming) self->stream_.abort();
    });
  };
  ++core_.waiting;
  auto work = [&core = core_, given = std::move(request), to = std::move(path)]() mutable {
    --core.waiting;
    WorkerExchange exchange(std::move(to));
    const std::string what = given.method + " " + given.path;
    try {
      core.handler(given, exchange);
    } catch (const std::exception& error) {
      core.log("a handler threw (" + what + "): " + error.what());
    } catch (...) {
      core.log("a handler threw (" + what + ")");
    }
    exchange.finish(what);
  };
  asio::post(core_.workers, std::move(work));
  while (!answer_) co_await wakeup_.sleep();
  co_return std::move(*answer_);
}

// Says that we are done and reads what the peer still sends: closing at once would reset the
// connection and could take the answer away before it is read.
asio::awaitable<void> Session::linger() {
  guard(kLingerMs, Limit::everything);
  error_code ec;
  if (auto* tls = stream_.tls()) {
    co_await tls->async_shutdown(into(ec));
    co_return;
  }
  stream_.socket().shutdown(Stream::Socket::shutdown_send, ec);
  std::array<char, 4096> ignored{};
  for (std::size_t total = 0; !ec && total < kMaxLingerBytes;) {
    total += co_await stream_.async_read_some(asio::buffer(ignored), into(ec));
  }
}

void Session::guard(int limit_ms, Limit limit) {
  late_ = false;
  limit_ = limit;
  guarded_ = true;
  deadline_ = std::chrono::steady_clock::now() + milliseconds(limit_ms);
  if (!is_armed_ || deadline_ < armed_for_) arm();
}

void Session::arm() {
  is_armed_ = true;
  armed_for_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = shared_from_this(), mine = ++armed_](error_code) {
    if (mine != self->armed_) return;
    self->is_armed_ = false;
    self->on_timer();
  });
}

void Session::on_timer() {
  if (!guarded_) return;
  if (std::chrono::steady_clock::now() < deadline_) return arm();
  late_ = true;
  guarded_ = false;
  if (limit_ == Limit::everything) return stream_.close();
  // Ends this read and, by end of file, every later one; an answer can still be written.
  error_code ignored;
  stream_.socket().cancel(ignored);
  stream_.socket().shutdown(Stream::Socket::shutdown_receive, ignored);
}

}  // namespace obelisk::http
