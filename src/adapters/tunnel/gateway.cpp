#include "adapters/tunnel/gateway.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <future>

#include "adapters/http/detail/lanes.hpp"
#include "adapters/tunnel/gateway_state.hpp"

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
constexpr std::size_t kMaxStreamsOfNoLease = 8;   // of a host that has published nothing
constexpr std::size_t kMaxWaitingVisitors = 256;  // of one host
constexpr milliseconds kPingEvery{1'000};
constexpr milliseconds kSilence{6'000};  // then its host is gone, or its address has changed
constexpr milliseconds kStreamPatience{8'000};
constexpr milliseconds kAnswerPatience{3'000};
constexpr int kStreamTries = 3;
// A host that is away so long has to publish again; until then its leases keep their ports.
constexpr seconds kRouteKept{900};

std::string address_of(const tcp::socket& socket) {
  error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  return ec ? std::string() : peer.address().to_string();
}

}  // namespace

class Gateway::Impl : public std::enable_shared_from_this<Gateway::Impl> {
 public:
  Impl(http::IoThreads::Impl& lanes, const base::Keypair& key, GatewayOptions options, Log log)
      : lanes_(lanes),
        io_(lanes.next()),
        acceptor_(io_),
        sweeper_(io_),
        key_(key.public_key()),
        tls_(Tls::for_gateway(key)),
        options_(std::move(options)),
        log_(std::move(log)) {}

  Result<std::uint16_t> start() {
    if (!tls_) return tls_.error();
    TRY(const std::uint16_t port,
        http::listen(acceptor_, options_.host_address, options_.host_port));
    asio::co_spawn(io_, accept_hosts(shared_from_this()), asio::detached);
    asio::co_spawn(io_, sweep(shared_from_this()), asio::detached);
    return port;
  }

  GatewayFigures figures() {
    std::promise<GatewayFigures> told;
    auto answer = told.get_future();
    asio::post(io_, [this, &told] { told.set_value(count()); });
    return answer.get();
  }

  ~Impl() { gone_.set_value(); }

  // Set once nothing of it is under way any more.
  std::future<void> gone() { return gone_.get_future(); }
  void begin_to_stop() {
    asio::post(io_, [self = shared_from_this()] { self->end_everything(); });
  }

 private:
  using Self = std::shared_ptr<Impl>;

  GatewayFigures count() const {
    GatewayFigures out;
    for (const auto& [key, host] : hosts_) {
      out.hosts += host->control != nullptr ? 1 : 0;
      out.waiting_streams += host->streams.size();
    }
    out.leases = routes_.size();
    out.visitors = carried_;
    out.visitors_ever = ever_;
    out.visitors_refused = refused_;
    out.bytes_up = bytes_->up;
    out.bytes_down = bytes_->down;
    return out;
  }

  void end_everything() {
    is_stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    sweeper_.cancel();
    for (const auto& [lease, route] : routes_) route->end();
    routes_.clear();
    for (const auto& [key, host] : hosts_) host->end();
    hosts_.clear();
    ends_.close_all();
  }

  asio::awaitable<void> accept_hosts(Self self) {
    asio::steady_timer pause(io_);
    while (!is_stopping_) {
      error_code ec;
      auto socket = co_await acceptor_.async_accept(into(ec));
      if (is_stopping_ || ec == asio::error::operation_aborted) co_return;
      if (ec) {
        // Mostly "too many open files": it passes when somebody leaves.
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(into(ec));
        continue;
      }
      if (strangers_ >= kMaxStrangers) continue;
      http::keep_private(socket.native_handle());
      asio::co_spawn(io_, meet(self, ends_.add(std::move(socket))), asio::detached);
    }
  }

  // A stranger becomes a host's control connection or one of its streams.
  asio::awaitable<void> meet(Self self, std::shared_ptr<End> end) {
    ++strangers_;
    const auto hello = co_await greet(end);
    --strangers_;
    if (!hello || is_stopping_) co_return;
    if (hello->kind == Kind::control) {
      co_await serve(self, *hello, end);
    } else {
      take_stream(*hello, std::move(end));
    }
  }

  asio::awaitable<std::optional<Hello>> greet(std::shared_ptr<End> end) {
    const Deadline deadline(end, kGreetingTime);
    Binding binding{};
    if (!options_.is_plain) {
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
    if (host->leases == 0 && host->visitors.empty()) hosts_.erase(host->key);
  }

  // The host's place, its older connection gone; null where there is no room.
  std::shared_ptr<Host> seat(const Hello& hello, std::shared_ptr<Control> control) {
    auto& host = hosts_[hello.host];
    if (!host) {
      if (hosts_.size() > options_.max_hosts) {
        hosts_.erase(hello.host);
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
    const auto at = hosts_.find(hello.host);
    if (at == hosts_.end() || at->second->control == nullptr ||
        at->second->session != hello.session) {
      return;
    }
    at->second->give(std::move(end),
                     at->second->leases > 0 ? kMaxWaitingStreams : kMaxStreamsOfNoLease);
  }

  void admit(Host& host, const Publish& what) {
    auto done = publish(host, what);
    if (done) {
      host.control->send(Published{what.lease, *done, options_.told_address, options_.web_origin});
    } else {
      host.control->send(Refused{what.lease, done.error().message});
      log_("A host may not publish: " + done.error().message, &what.lease);
    }
  }

  Result<std::uint16_t> publish(Host& host, const Publish& what) {
    TRY(auto ports, check_publish(what, host.key, options_.attestors));
    if (const auto at = routes_.find(what.lease); at != routes_.end()) {
      if (at->second->host == host.key) return at->second->port;
      return base::Error{base::Code::conflict, "Another host has published that address.",
                         "One address can be quoted twice, and be one host's at a time."};
    }
    if (host.leases >= options_.max_leases_per_host) {
      return base::Error{base::Code::rate_limited, "These are more leases than one host may have.",
                         "Withdraw what is over."};
    }
    auto route = std::make_shared<Route>(io_, what.lease, host.key, std::move(ports),
                                         options_.new_visitors_per_second);
    const auto port =
        choose_port(what.lease, what.wanted_port, options_.visitor_ports, [&](std::uint16_t one) {
          return http::listen(route->acceptor, options_.visitor_address, one).ok();
        });
    if (!port) {
      return base::Error{base::Code::missing_dependency, "This gateway has no port left.",
                         "Give it more: --visitors."};
    }
    route->port = *port;
    routes_.emplace(what.lease, route);
    ++host.leases;
    asio::co_spawn(io_, accept_visitors(shared_from_this(), route), asio::detached);
    return *port;
  }

  void withdraw_route(const base::PublicKey& host, const base::PublicKey& lease) {
    const auto at = routes_.find(lease);
    if (at == routes_.end() || at->second->host != host) return;
    end_route(*at->second);
    routes_.erase(at);
  }

  void end_route(Route& route) {
    route.end();
    if (const auto at = hosts_.find(route.host); at != hosts_.end()) --at->second->leases;
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
      const auto from = route->by_address.find(address);
      const bool is_crowd =
          from != route->by_address.end() && from->second >= options_.max_visitors_per_address;
      const bool is_full = is_crowd || carried_ >= options_.max_visitors ||
                           route->visitors >= options_.max_visitors_per_lease ||
                           !route->newcomers.take(steady_clock::now());
      if (is_full) {
        ++refused_;
        continue;
      }
      http::keep_private(socket.native_handle());
      asio::co_spawn(io_, visit(self, route, address, ends_.add(std::move(socket))),
                     asio::detached);
    }
  }

  // Finds the visitor a stream whose host takes it. A stream can be dead without anybody having
  // heard of it, so several are tried.
  asio::awaitable<void> visit(Self self, std::shared_ptr<Route> route, std::string address,
                              std::shared_ptr<End> visitor) {
    route->came(address);
    std::shared_ptr<End> stream;
    for (int attempt = 0; attempt < kStreamTries && !is_stopping_; ++attempt) {
      stream = co_await take_from(route->host);
      if (!stream || visitor->has_ended()) break;
      const auto answer = co_await ask(stream, {route->lease, route->ports.front()});
      if (answer == Answer::here) {
        join(self, route, address, std::move(visitor), std::move(stream));
        co_return;
      }
      stream->close();
      if (answer) break;  // it lives, and does not want it
    }
    ++refused_;
    route->went(address);
  }

  // A waiting stream, or the next one that its host opens.
  asio::awaitable<std::shared_ptr<End>> take_from(base::PublicKey key) {
    auto& place = hosts_[key];
    if (!place) place = std::make_shared<Host>(key);
    const auto host = place;
    if (auto stream = host->take()) co_return stream;
    if (host->visitors.size() >= kMaxWaitingVisitors) co_return nullptr;
    const auto waiting = std::make_shared<Waiting>(io_);
    host->visitors.push_back(waiting);
    host->ask_for_streams();
    waiting->timer.expires_after(kStreamPatience);
    error_code ec;
    co_await waiting->timer.async_wait(into(ec));
    std::erase(host->visitors, waiting);
    co_return std::move(waiting->stream);
  }

  asio::awaitable<std::optional<Answer>> ask(std::shared_ptr<End> stream, Visit what) {
    const Deadline deadline(stream, kAnswerPatience);
    const bool is_asked = co_await stream->write(encode_visit(what));
    std::array<std::uint8_t, 1> byte{};
    const bool is_answered = is_asked && co_await stream->read(byte);
    if (!is_answered) co_return std::nullopt;
    co_return static_cast<Answer>(byte[0]);
  }

  void join(const Self& self, const std::shared_ptr<Route>& route, const std::string& address,
            std::shared_ptr<End> visitor, std::shared_ptr<End> stream) {
    ++ever_;
    ++carried_;
    carry(lanes_.next(), share_of(route->lease), std::move(visitor), std::move(stream), bytes_,
          [self, route, address] {
            asio::post(self->io_, [self, route, address] {
              --self->carried_;
              route->went(address);
            });
          });
  }

  // Hosts are asked whether they are there; routes whose host did not come back are given up.
  asio::awaitable<void> sweep(Self self) {
    while (!is_stopping_) {
      sweeper_.expires_after(kPingEvery);
      error_code ec;
      co_await sweeper_.async_wait(into(ec));
      const auto now = steady_clock::now();
      for (const auto& [key, host] : hosts_) {
        if (!host->control) continue;
        if (now - host->control->heard() > kSilence) {
          host->control->close();
        } else {
          host->control->send(Ping{});
        }
      }
      std::erase_if(routes_, [&](const auto& known) {
        const auto at = hosts_.find(known.second->host);
        const bool is_gone = at == hosts_.end() || (at->second->control == nullptr &&
                                                    now - at->second->left > kRouteKept);
        if (is_gone) end_route(*known.second);
        return is_gone;
      });
      std::erase_if(hosts_, [&](const auto& known) {
        return known.second->control == nullptr && known.second->visitors.empty() &&
               now - known.second->left > kRouteKept;
      });
    }
  }

  http::IoThreads::Impl& lanes_;
  asio::io_context& io_;  // everything below is used on it alone
  tcp::acceptor acceptor_;
  asio::steady_timer sweeper_;
  const base::PublicKey key_;
  const Result<Tls> tls_;
  const GatewayOptions options_;
  const Log log_;
  bool is_stopping_ = false;
  std::size_t strangers_ = 0;
  std::map<base::PublicKey, std::shared_ptr<Host>> hosts_;
  std::map<base::PublicKey, std::shared_ptr<Route>> routes_;
  Ends ends_;
  std::size_t carried_ = 0;
  std::shared_ptr<Carried> bytes_ = std::make_shared<Carried>();
  std::uint64_t ever_ = 0;
  std::uint64_t refused_ = 0;
  std::promise<void> gone_;
};

Gateway::Gateway(http::IoThreads& threads, const base::Keypair& key, GatewayOptions options,
                 Log log)
    : impl_(std::make_shared<Impl>(threads.impl(), key, std::move(options), std::move(log))) {}
Gateway::~Gateway() { stop(); }

Result<std::uint16_t> Gateway::start() { return impl_->start(); }
GatewayFigures Gateway::figures() const { return impl_ ? impl_->figures() : GatewayFigures{}; }
void Gateway::stop() {
  if (!impl_) return;
  auto gone = impl_->gone();
  impl_->begin_to_stop();
  impl_.reset();
  gone.wait();
}

}  // namespace obelisk::tunnel
