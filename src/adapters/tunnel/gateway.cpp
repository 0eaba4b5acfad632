#include "adapters/tunnel/gateway.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "adapters/tunnel/visiting.hpp"
#include "adapters/tunnel/wall_clock.hpp"
#include "adapters/tunnel/web_door.hpp"

namespace obelisk::tunnel {

using base::Result;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds kAcceptPause{100};
constexpr seconds kGreetingTime{10};
constexpr std::size_t kMaxStrangers = 512;  // who have not said yet who they are
constexpr std::size_t kMaxWaitingStreams = 64;
constexpr std::size_t kMaxStreamsOfNoLease = 8;  // of a host that has published nothing
constexpr milliseconds kPingEvery{1'000};
constexpr milliseconds kSilence{6'000};  // then its host is gone, or its address has changed
// A host that is away so long has to publish again; until then its leases keep their ports.
constexpr seconds kRouteKept{900};

}  // namespace

class Gateway::Impl : public std::enable_shared_from_this<Gateway::Impl> {
 public:
  Impl(http::IoThreads::Impl& lanes, const base::Keypair& key, GatewayOptions options, Log log)
      : visiting_(std::make_shared<Visiting>(lanes, std::move(options))),
        io_(visiting_->io),
        acceptor_(io_),
        sweeper_(io_),
        key_(key.public_key()),
        tls_(Tls::for_gateway(key)),
        log_(std::move(log)) {
    if (!visiting_->options.web.address.empty()) {
      web_ = std::make_shared<WebDoor>(visiting_, lanes, log_);
    }
  }

  Result<std::uint16_t> start() {
    if (!tls_) return tls_.error();
    TRY(const std::uint16_t port,
        http::listen(acceptor_, options().host_address, options().host_port));
    if (web_) {
      TRY(web_origin_, web_->start());
    }
    asio::co_spawn(io_, accept_hosts(shared_from_this()), asio::detached);
    asio::co_spawn(io_, sweep(shared_from_this()), asio::detached);
    return port;
  }
  const std::string& web_origin() const { return web_origin_; }

  GatewayFigures figures() {
    std::promise<GatewayFigures> told;
    auto answer = told.get_future();
    asio::post(io_, [this, &told] { told.set_value(visiting_->count()); });
    return answer.get();
  }

  std::future<void> gone() { return visiting_->gone(); }
  void begin_to_stop() {
    asio::post(io_, [self = shared_from_this()] { self->end_everything(); });
  }

 private:
  using Self = std::shared_ptr<Impl>;

  const GatewayOptions& options() const { return visiting_->options; }
  auto& hosts() { return visiting_->hosts; }
  auto& routes() { return visiting_->routes; }
  Ends& ends() { return visiting_->ends; }

  void end_everything() {
    error_code ignored;
    acceptor_.close(ignored);
    sweeper_.cancel();
    visiting_->end_everything();
    if (web_) web_->stop();
  }

  asio::awaitable<void> accept_hosts(Self self) {
    asio::steady_timer pause(io_);
    while (!visiting_->is_stopping) {
      error_code ec;
      auto socket = co_await acceptor_.async_accept(into(ec));
      if (visiting_->is_stopping || ec == asio::error::operation_aborted) co_return;
      if (ec) {
        // Mostly "too many open files": it passes when somebody leaves.
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(into(ec));
        continue;
      }
      if (strangers_ >= kMaxStrangers) continue;
      http::keep_private(socket.native_handle());
      asio::co_spawn(io_, meet(self, ends().add(std::move(socket))), asio::detached);
    }
  }

  // A stranger becomes a host's control connection or one of its streams.
  asio::awaitable<void> meet(Self self, std::shared_ptr<End> end) {
    ++strangers_;
    const auto hello = co_await greet(end);
    --strangers_;
    if (!hello || visiting_->is_stopping) co_return;
    if (hello->kind == Kind::control) {
      co_await serve(self, *hello, end);
    } else {
      take_stream(*hello, std::move(end));
    }
  }

  asio::awaitable<std::optional<Hello>> greet(std::shared_ptr<End> end) {
    const Deadline deadline(end, kGreetingTime);
    Binding binding{};
    if (!options().is_plain) {
      if (!end->use_tls(*tls_, true)) co_return std::nullopt;
      const bool is_done = co_await end->handshake();
      const auto bound = is_done ? binding_of(end->tls()) : std::nullopt;
      if (!bound) co_return std::nullopt;
      binding = *bound;
    }
    Nonce nonce{};
    base::random_bytes(nonce);
    const bool is_greeted = co_await end->write(encode_greeting(nonce));
    base::Bytes bytes(kHelloBytes);
    const bool is_said = is_greeted && co_await end->read(bytes);
    const auto hello = is_said ? decode_hello(bytes) : std::nullopt;
    if (!hello) co_return std::nullopt;
    const auto message = hello_message(hello->kind, hello->session, nonce, key_, binding);
    co_return base::verify(hello->host, message, hello->signature) ? hello : std::nullopt;
  }

  // One host's control connection, to its end.
  asio::awaitable<void> serve(Self self, Hello hello, std::shared_ptr<End> end) {
    const auto host = seat(hello, std::make_shared<Control>(end));
    if (!host) co_return;
    const auto control = host->control;
    log_("A host connected: " + hello.host.to_string(), nullptr);
    for (;;) {
      const auto frame = co_await control->receive();
      if (!frame || !host->frames.take(steady_clock::now())) break;
      if (const auto* publish = std::get_if<Publish>(&*frame)) {
        admit(*host, *publish);
      } else if (const auto* withdraw = std::get_if<Withdraw>(&*frame)) {
        withdraw_route(host->key, withdraw->lease);
      } else if (!std::holds_alternative<Pong>(*frame)) {
        break;  // nothing else is a host's to say
      }
    }
    control->close();
    if (host->control != control) co_return;  // a newer one took over
    host->leave();
    log_("A host is gone: " + hello.host.to_string(), nullptr);
    // A seat is kept for who has something to come back to.
    if (host->leases == 0 && host->visitors.empty()) hosts().erase(host->key);
  }

  // The host's place, its older connection gone; null where there is no room.
  std::shared_ptr<Host> seat(const Hello& hello, std::shared_ptr<Control> control) {
    auto& host = hosts()[hello.host];
    if (!host) {
      if (hosts().size() > options().max_hosts) {
        hosts().erase(hello.host);
        return nullptr;
      }
      host = std::make_shared<Host>(hello.host);
    }
    host->leave();
    host->control = std::move(control);
    host->session = hello.session;
    if (!host->visitors.empty()) host->ask_for_streams();
    return host;
  }

  void take_stream(const Hello& hello, std::shared_ptr<End> end) {
    const auto at = hosts().find(hello.host);
    if (at == hosts().end() || at->second->control == nullptr ||
        at->second->session != hello.session) {
      return;
    }
    at->second->give(std::move(end),
                     at->second->leases > 0 ? kMaxWaitingStreams : kMaxStreamsOfNoLease);
  }

  void admit(Host& host, const Publish& what) {
    auto done = publish(host, what);
    if (done) {
      host.control->send(Published{what.lease, *done, options().told_address, web_origin_});
    } else {
      host.control->send(Refused{what.lease, done.error().message});
      log_("A host may not publish: " + done.error().message, &what.lease);
    }
  }

  Result<std::uint16_t> publish(Host& host, const Publish& what) {
    TRY(auto lease, check_publish(what, host.key, options().attestors, unix_s()));
    if (const auto at = routes().find(what.lease); at != routes().end()) {
      if (at->second->host == host.key) return at->second->port;
      return base::Error{base::Code::conflict, "Another host has published that address.",
                         "One address can be quoted twice, and be one host's at a time."};
    }
    if (host.leases >= options().max_leases_per_host) {
      return base::Error{base::Code::rate_limited, "These are more leases than one host may have.",
                         "Withdraw what is over."};
    }
    auto route = std::make_shared<Route>(io_, what.lease, host.key, std::move(lease),
                                         options().new_visitors_per_second);
    const auto port =
        choose_port(what.lease, what.wanted_port, options().visitor_ports, [&](std::uint16_t one) {
          return http::listen(route->acceptor, options().visitor_address, one).ok();
        });
    if (!port) {
      return base::Error{base::Code::missing_dependency, "This gateway has no port left.",
                         "Give it more: --visitors."};
    }
    route->port = *port;
    routes().emplace(what.lease, route);
    ++host.leases;
    asio::co_spawn(io_, accept_visitors(shared_from_this(), route), asio::detached);
    return *port;
  }

  void withdraw_route(const base::PublicKey& host, const base::PublicKey& lease) {
    const auto at = routes().find(lease);
    if (at == routes().end() || at->second->host != host) return;
    end_route(*at->second);
    routes().erase(at);
  }

  void end_route(Route& route) {
    route.end();
    if (const auto at = hosts().find(route.host); at != hosts().end()) --at->second->leases;
  }

  asio::awaitable<void> accept_visitors(Self self, std::shared_ptr<Route> route) {
    asio::steady_timer pause(io_);
    while (route->acceptor.is_open()) {
      error_code ec;
      auto socket = co_await route->acceptor.async_accept(into(ec));
      if (!route->acceptor.is_open() || ec == asio::error::operation_aborted) co_return;
      if (ec) {
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(into(ec));
        continue;
      }
      const std::string address = address_of(socket);
      if (!visiting_->admit(*route, Door::ssh, address)) continue;
      http::keep_private(socket.native_handle());
      asio::co_spawn(io_, visit(self, route, address, ends().add(std::move(socket))),
                     asio::detached);
    }
  }

  asio::awaitable<void> visit(Self self, std::shared_ptr<Route> route, std::string address,
                              std::shared_ptr<End> visitor) {
    const Visit what{route->lease, route->ports.front()};
    auto found = co_await visiting_->find_stream(visiting_, route, what, visitor);
    if (found.stream) {
      visiting_->join(route, Door::ssh, address, std::move(visitor), std::move(found.stream));
    } else {
      visiting_->leave(*route, Door::ssh, address);
    }
  }

  // Hosts are asked whether they are there; routes whose host did not come back are given up.
  asio::awaitable<void> sweep(Self self) {
    while (!visiting_->is_stopping) {
      sweeper_.expires_after(kPingEvery);
      error_code ec;
      co_await sweeper_.async_wait(into(ec));
      const auto now = steady_clock::now();
      for (const auto& [key, host] : hosts()) {
        if (!host->control) continue;
        if (now - host->control->heard() > kSilence) {
          host->control->close();
        } else {
          host->control->send(Ping{});
        }
      }
      std::erase_if(routes(), [&](const auto& known) {
        const auto at = hosts().find(known.second->host);
        const bool is_gone =
            at == hosts().end() || known.second->over_s <= unix_s() ||
            (at->second->control == nullptr && now - at->second->left > kRouteKept);
        if (is_gone) end_route(*known.second);
        return is_gone;
      });
      std::erase_if(hosts(), [&](const auto& known) {
        return known.second->control == nullptr && known.second->visitors.empty() &&
               now - known.second->left > kRouteKept;
      });
    }
  }

  // The first, so that it is the last to go: whoever stops a gateway waits for that.
  const std::shared_ptr<Visiting> visiting_;
  asio::io_context& io_;  // everything below is used on it alone
  tcp::acceptor acceptor_;
  asio::steady_timer sweeper_;
  const base::PublicKey key_;
  const Result<Tls> tls_;
  const Log log_;
  std::shared_ptr<WebDoor> web_;  // null: it has none
  std::string web_origin_;        // as start() left it
  std::size_t strangers_ = 0;
};

Gateway::Gateway(http::IoThreads& threads, const base::Keypair& key, GatewayOptions options,
                 Log log)
    : impl_(std::make_shared<Impl>(threads.impl(), key, std::move(options), std::move(log))) {}
Gateway::~Gateway() { stop(); }

Result<std::uint16_t> Gateway::start() { return impl_->start(); }
std::string Gateway::web_origin() const { return impl_ ? impl_->web_origin() : std::string(); }
GatewayFigures Gateway::figures() const { return impl_ ? impl_->figures() : GatewayFigures{}; }
void Gateway::stop() {
  if (!impl_) return;
  auto gone = impl_->gone();
  impl_->begin_to_stop();
  impl_.reset();
  gone.wait();
}

}  // namespace obelisk::tunnel
