// For tests: a gateway and a host that dials it, on loopback, and quotes that count there.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <list>
#include <mutex>
#include <thread>

#include "adapters/http/testing.hpp"
#include "adapters/tunnel/dialer.hpp"
#include "adapters/tunnel/gateway.hpp"
#include "adapters/tunnel/wall_clock.hpp"
#include "core/market/terms_testing.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::tunnel::testing {

using market::testing::key;

struct Quoted {
  market::Terms terms;
  std::string text;
  base::Signature signature;
  base::PublicKey lease;
  ports::Publication publication(const std::string& address, std::uint16_t port) const {
    return {.lease = lease,
            .terms = text,
            .quote_signature = signature,
            .target_address = address,
            .target_port = port,
            .network = "",
            .is_renters = true};
  }
};

// Gives back what it gets, to any number at once.
class EchoServer {
 public:
  EchoServer() : fd_(http::testing::listen_anywhere(port_)) {
    thread_ = std::thread([this] { run(); });
  }
  ~EchoServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
    for (const int fd : fds_) ::shutdown(fd, SHUT_RDWR);
    for (auto& thread : threads_) thread.join();
    for (const int fd : fds_) ::close(fd);
  }
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  void run() {
    for (int fd = 0; (fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      fds_.push_back(fd);
      threads_.emplace_back([fd] {
        char bytes[4096];
        for (ssize_t n = 0; (n = ::recv(fd, bytes, sizeof bytes, 0)) > 0;) {
          if (::send(fd, bytes, static_cast<std::size_t>(n), MSG_NOSIGNAL) != n) break;
        }
        ::shutdown(fd, SHUT_WR);
      });
    }
  }
  std::uint16_t port_ = 0;
  int fd_ = -1;
  std::thread thread_;
  std::vector<int> fds_;            // of thread_ until it has ended
  std::list<std::thread> threads_;  // of thread_ until it has ended
};

struct HostKey final : ports::Signer {
  const base::PublicKey& public_key() const override { return pair.public_key(); }
  base::Signature sign(base::ByteView message) override { return pair.sign(message); }
  base::Keypair pair = base::Keypair::from_seed({2});
};

class World {
 public:
  // `other`: shares its attestor and host, to be a second gateway of the same market.
  explicit World(bool is_plain, const World* other = nullptr) {
    std::signal(SIGPIPE, SIG_IGN);  // as every main does: OpenSSL writes without MSG_NOSIGNAL
    options.host_address = "127.0.0.1";
    options.visitor_address = "127.0.0.1";
    options.told_address = "127.0.0.1";
    // Each test binary's own range, so that tests beside this one do not meet.
    const auto first = static_cast<std::uint16_t>(21'000 + ::getpid() % 300 * 100);
    options.visitor_ports = other == nullptr
                                ? PortRange{first, static_cast<std::uint16_t>(first + 49)}
                                : PortRange{static_cast<std::uint16_t>(first + 50),
                                            static_cast<std::uint16_t>(first + 99)};
    options.is_plain = is_plain;
    options.max_visitors_per_address = 1'000;  // all of a test come from one

    options.attestors = {attestor_.public_key()};
  }
  ~World() {
    dialer.reset();
    gateway.reset();
  }

  bool start_gateway() {
    gateway.emplace(threads, key_, options,
                    [this](const std::string& words, auto) { note(words); });
    const auto port = gateway->start();
    EXPECT_TRUE(port) << port.error().message;
    if (port) options.host_port = *port;
    return port.ok();
  }
  void restart_gateway() {
    gateway.reset();
    start_gateway();
  }
  void start_dialer(const std::vector<Place>& places) {
    dialing.is_plain = options.is_plain;
    dialer.emplace(threads, host, dialing,
                   DialerEvents{[this](const std::string& words) { note(words); }, {}, terminal});
    dialer->use(places);
  }
  void start() {
    if (start_gateway()) start_dialer({place()});
  }

  Place place() const { return {"127.0.0.1", options.host_port, key_.public_key()}; }
  Quoted quoted(std::uint64_t nonce) const {
    auto terms = market::testing::example();
    terms.host = host.public_key();
    terms.renter = renter.public_key();
    terms.attestor = attestor_.public_key();
    terms.nonce = nonce;
    terms.expires_at = expires_at_;
    return sign(terms);
  }
  Quoted sign(const market::Terms& terms) const {
    Quoted out{terms, market::terms_text(terms), {}, {}};
    out.signature = attestor_.sign(market::quote_message(market::terms_hash(out.text)));
    out.lease = settlement::lease_address(terms.program, terms.renter, terms.nonce).address;
    return out;
  }
  base::PublicKey lease() const { return quoted(1).lease; }

  // The port that leads to the target, or 0.
  std::uint16_t publish(std::uint16_t target) {
    dialer->publish(quoted(1).publication("127.0.0.1", target));
    const auto found = dialer->ways(lease(), std::chrono::milliseconds(5'000));
    return found.empty() ? std::uint16_t{0} : found.front().port;
  }
  std::vector<ports::Way> ways() { return dialer->ways(lease(), std::chrono::milliseconds(0)); }
  std::uint16_t way_port() {
    const auto found = ways();
    return found.empty() ? std::uint16_t{0} : found.front().port;
  }
  bool said(const std::string& words) {
    const std::scoped_lock lock(mutex_);
    return log_.find(words) != std::string::npos;
  }

  GatewayOptions options;
  DialerOptions dialing;
  HostKey host;
  base::Keypair renter = base::Keypair::from_seed({5});
  std::function<void(const base::PublicKey& lease, int fd)> terminal;  // of the dialer
  http::IoThreads threads{2};
  std::optional<Gateway> gateway;
  std::optional<Dialer> dialer;

 private:
  void note(const std::string& words) {
    const std::scoped_lock lock(mutex_);
    log_ += words + "\n";
  }
  const base::UnixSeconds expires_at_ = unix_s() + 60;
  base::Keypair key_ = base::Keypair::random();
  base::Keypair attestor_ = base::Keypair::from_seed({1});
  std::mutex mutex_;
  std::string log_;
};

}  // namespace obelisk::tunnel::testing
