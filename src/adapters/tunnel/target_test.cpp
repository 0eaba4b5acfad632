// Targets in a network namespace of the test's own: root makes one, others skip.
#include "adapters/tunnel/target.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>

#include "adapters/http/testing.hpp"
#include "core/market/terms_testing.hpp"

namespace obelisk::tunnel {
namespace {

using http::testing::RawSocket;

ino_t network_of_thread() {
  struct stat seen{};
  EXPECT_EQ(::stat("/proc/thread-self/ns/net", &seen), 0);
  return seen.st_ino;
}

// A thread that lives in a network of its own, where one connection to `port` gets its word.
class Elsewhere {
 public:
  Elsewhere(std::uint16_t port, bool is_v6) {
    std::promise<void> ready;
    auto is_ready = ready.get_future();
    thread_ = std::thread([this, port, is_v6, &ready] {
      is_there_ = ::unshare(CLONE_NEWNET) == 0 && listen(port, is_v6);
      path_ = "/proc/self/task/" + std::to_string(::gettid()) + "/ns/net";
      ready.set_value();
      if (!is_there_) return;
      const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      RawSocket(fd).send("elsewhere");
    });
    is_ready.wait();
  }
  ~Elsewhere() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    if (fd_ >= 0) ::close(fd_);
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;
  bool is_there() const { return is_there_; }
  const std::string& path() const { return path_; }

 private:
  bool listen(std::uint16_t port, bool is_v6) {
    ifreq loopback{};
    std::strcpy(loopback.ifr_name, "lo");
    const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    loopback.ifr_flags = IFF_UP;
    const bool is_up = ::ioctl(any, SIOCSIFFLAGS, &loopback) == 0;
    ::close(any);
    fd_ = ::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in v4 = http::testing::loopback(port);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    const auto* place =
        is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
    const socklen_t size = is_v6 ? sizeof v6 : sizeof v4;
    return is_up && ::bind(fd_, place, size) == 0 && ::listen(fd_, 4) == 0;
  }
  bool is_there_ = false;
  std::string path_;
  int fd_ = -1;
  std::thread thread_;
};

// What is said there, by a socket that is used from here.
std::string word_inside(const std::string& network, const std::string& address,
                        std::uint16_t port) {
  asio::io_context io;
  Ends ends;
  std::string word;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        const auto end = co_await connect_inside(io, ends, network, address, port);
        if (!end) co_return;
        std::array<std::uint8_t, 9> bytes{};
        const bool is_read = co_await end->read(bytes);
        if (is_read) word.assign(bytes.begin(), bytes.end());
      },
      asio::detached);
  io.run();
  return word;
}

TEST(TunnelTarget, ServersOfALeasesOwnLoopbackAreReached) {
  for (const bool is_v6 : {false, true}) {
    const Elsewhere lease(8'123, is_v6);
    if (!lease.is_there()) GTEST_SKIP() << "no right to make a network";
    const auto before = network_of_thread();
    EXPECT_EQ(word_inside(lease.path(), "127.0.0.1", 8'123), "elsewhere") << is_v6;
    EXPECT_EQ(network_of_thread(), before);
  }
}

TEST(TunnelTarget, NothingOfTheHostsOwnIsReached) {
  const http::testing::RawServer own([](RawSocket& socket) { socket.send("elsewhere"); });
  const Elsewhere lease(static_cast<std::uint16_t>(own.port() ^ 1), false);
  if (!lease.is_there()) GTEST_SKIP() << "no right to make a network";
  EXPECT_EQ(word_inside(lease.path(), "127.0.0.1", own.port()), "");
  EXPECT_EQ(word_inside("/nowhere", "127.0.0.1", own.port()), "") << "nor where it is gone";
  EXPECT_EQ(own.accepted(), 0);
  EXPECT_EQ(word_inside("", "127.0.0.1", own.port()), "elsewhere") << "it has no network";
}

// A lease of a renter's whose ports are on this machine's loopback.
struct Lent {
  base::Keypair renter = base::Keypair::from_seed({5});
  base::PublicKey lease = market::testing::key(8);
  ports::Publication what() const {
    auto terms = market::testing::example();
    terms.renter = renter.public_key();
    return {lease, market::terms_text(terms), {}, "127.0.0.1", 1, "", true};
  }
  Visit visit(std::uint16_t port) const {
    const auto from_s = static_cast<base::UnixSeconds>(std::time(nullptr));
    const auto text = pass_text(lease, port, Audience::holder, from_s, from_s + 60);
    return {lease, port,
            Pass{Audience::holder, from_s, from_s + 60, renter.sign(base::view_of(text))}};
  }
};

std::shared_ptr<End> led(asio::io_context& io, Targets& targets, const Visit& visit) {
  std::shared_ptr<End> out;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        const auto led = co_await targets.lead(visit);
        out = led.target;
      },
      asio::detached);
  io.restart();
  io.run();
  return out;
}

TEST(TunnelTarget, WhoIsInsideLeavesSomeTimeAfterTheLeaseIsWithdrawn) {
  const http::testing::RawServer server([](RawSocket& socket) { socket.read_all(); });
  const Lent lent;
  for (const int leave_s : {0, 600}) {
    asio::io_context io;
    Targets targets(io, {}, std::chrono::seconds(leave_s));
    targets.publish(lent.what());
    const auto inside = led(io, targets, lent.visit(server.port()));
    ASSERT_TRUE(inside);
    targets.withdraw(lent.lease);
    targets.look();
    io.restart();
    io.run();
    const std::array<std::uint8_t, 1> byte{};
    EXPECT_EQ(inside->try_write(byte), leave_s == 0 ? End::kBroken : 1);
    EXPECT_FALSE(led(io, targets, lent.visit(server.port()))) << "nobody new";
    inside->close();
  }
}

}  // namespace
}  // namespace obelisk::tunnel
