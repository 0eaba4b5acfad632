#include "adapters/http/server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <future>
#include <thread>

#include "adapters/http/detail/listen.hpp"
#include "adapters/http/detail/session.hpp"

namespace obelisk::http {
namespace {

using base::Code;
using base::Error;
using base::Result;
using std::chrono::milliseconds;

constexpr milliseconds kStopLimit{1000};
constexpr milliseconds kAcceptPause{100};

// Bounds that a wrong configuration cannot leave.
ServerOptions bounded(ServerOptions options) {
  options.threads = std::clamp(options.threads, 1U, 256U);
  options.max_header_bytes = std::clamp<std::size_t>(options.max_header_bytes, 256, 1 << 20);
  options.max_connections = std::max<std::size_t>(options.max_connections, 1);
  options.max_queued_events = std::max<std::size_t>(options.max_queued_events, 1);
  options.max_bodies_bytes = std::max(options.max_bodies_bytes, options.max_body_bytes);
  for (int* time :
       {&options.request_timeout_ms, &options.write_timeout_ms, &options.idle_timeout_ms,
        &options.heartbeat_ms, &options.ping_interval_ms, &options.silence_limit_ms}) {
    *time = std::clamp(*time, 10, 24 * 3600 * 1000);
  }
  return options;
}

// Says why there is no room and hangs up; never waits for it.
void turn_away(Stream::Socket socket) {
  const Response response = refuse_full();
  const std::string text = reply_head(response, Persistence::close) + response.body;
  error_code ignored;
  socket.non_blocking(true, ignored);
  ::send(socket.native_handle(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  socket.shutdown(Stream::Socket::shutdown_send, ignored);
}

Error tls_error(const std::string& file, const std::string& why) {
  return Error{Code::missing_dependency, "TLS cannot use " + file + ": " + why + ".",
               "Give a PEM certificate chain and its private key, readable by this user."};
}

Result<std::unique_ptr<asio::ssl::context>> make_tls(const ServerOptions& options) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  error_code ec;
  context->use_certificate_chain_file(options.certificate_file, ec);
  if (ec) return tls_error(options.certificate_file, ec.message());
  struct stat info{};
  if (::stat(options.key_file.c_str(), &info) != 0) {
    return tls_error(options.key_file, "no such file");
  }
  if ((info.st_mode & 077) != 0) {
    return Error{Code::refused, "Other users may read the private key " + options.key_file + ".",
                 "Run: chmod 600 " + options.key_file};
  }
  context->use_private_key_file(options.key_file, asio::ssl::context::pem, ec);
  if (ec) return tls_error(options.key_file, ec.message());
  return context;
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, Handler handler, QuickAnswer quick)
      : core_(bounded(std::move(options)), std::move(handler), std::move(quick)),
        acceptor_(core_.io),
        work_(core_.io.get_executor()) {}

  Result<std::uint16_t> start() {
    CHECK(!thread_.joinable());
    const ServerOptions& options = core_.options;
    if (!options.certificate_file.empty()) {
      auto tls = make_tls(options);
      if (!tls) return std::move(tls).error();
      core_.tls = std::move(*tls);
    }
    TRY(const std::uint16_t port, listen(acceptor_, options.address, options.port));
    asio::co_spawn(core_.io, accept(), asio::detached);
    thread_ = std::thread([this] { core_.io.run(); });
    return port;
  }

  void stop() {
    if (stopped_.exchange(true)) return;
    if (thread_.joinable()) {
      std::promise<void> empty;
      auto is_empty = empty.get_future();
      asio::post(core_.io, [&] { begin_stop(empty); });
      if (is_empty.wait_for(kStopLimit) != std::future_status::ready) {
        asio::post(core_.io, [this] {
          for (const auto& session : core_.sessions) session->kill();
        });
        is_empty.wait();
      }
      core_.workers.join();
      work_.reset();
      thread_.join();
    }
    core_.workers.join();
  }

 private:
  void begin_stop(std::promise<void>& empty) {
    core_.stopping = true;
    error_code ignored;
    acceptor_.close(ignored);
    core_.when_empty = [&empty, told = false]() mutable {
      if (!std::exchange(told, true)) empty.set_value();
    };
    if (core_.sessions.empty()) return core_.when_empty();
    for (const auto& session : core_.sessions) session->stop();
  }

  bool is_full_for(const std::string& peer) const {
    const ServerOptions& options = core_.options;
    if (core_.sessions.size() - core_.websockets >= options.max_connections) return true;
    const auto here = core_.by_address.find(peer);
    return here != core_.by_address.end() && here->second >= options.max_connections_per_address &&
           !options.trusted_proxies.contains(peer);
  }

  asio::awaitable<void> accept() {
    asio::steady_timer pause(core_.io);
    while (!core_.stopping) {
      error_code ec;
      auto socket = co_await acceptor_.async_accept(into(ec));
      if (core_.stopping || ec == asio::error::operation_aborted) break;
      if (ec) {
        // Mostly "too many open files": it passes when somebody leaves.
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(into(ec));
        continue;
      }
      const auto peer = socket.remote_endpoint(ec).address().to_string();
      if (is_full_for(peer)) {
        turn_away(std::move(socket));
        continue;
      }
      auto session = std::make_shared<Session>(core_, std::move(socket), peer);
      core_.sessions.insert(session);
      asio::co_spawn(core_.io, session->run(), asio::detached);
    }
  }

  ServerCore core_;
  asio::ip::tcp::acceptor acceptor_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
  std::atomic<bool> stopped_ = false;
};

Server::Server(ServerOptions options, Handler handler, QuickAnswer quick)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler), std::move(quick))) {}
Server::~Server() { stop(); }
Result<std::uint16_t> Server::start() { return impl_->start(); }
void Server::stop() { impl_->stop(); }

}  // namespace obelisk::http
