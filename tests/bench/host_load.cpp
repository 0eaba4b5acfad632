// host_load: many hosts in one process, each with a key of its own, a WebSocket to the market and a
// signed listing. They answer pings and do nothing else.
//
//   host_load PORT HOSTS [CARDS]
//
// Says {"hosts": N} on stdout once all are listed, and ends when stdin does.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "api/types.hpp"
#include "base/crypto.hpp"
#include "bench_hosts.hpp"

namespace {

using namespace obelisk;

constexpr std::array<std::uint8_t, 4> kMask{1, 2, 3, 4};
constexpr int kText = 1;
constexpr int kPing = 9;
constexpr int kPong = 10;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "host_load: %s (%s)\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

struct Frame {
  int kind = 0;
  std::string text;
};

class Host {
 public:
  Host(int port, std::size_t number, std::size_t cards) : key_(bench::host_key(number)) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    put("GET /v1/hosts/connect HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n");
    std::size_t end = 0;
    while ((end = arrived_.find("\r\n\r\n")) == std::string::npos) get();
    if (!arrived_.starts_with("HTTP/1.1 101 ")) fail("no upgrade: " + arrived_.substr(0, 300));
    arrived_.erase(0, end + 4);
    say_hello();
    put(frame(kText, api::to_json(bench::signed_listing(key_, number, cards))));
  }

  int fd() const { return fd_; }

  // What came; pings are answered.
  void serve() {
    get();
    Frame next;
    while (take(next)) {
      if (next.kind == kPing) put(frame(kPong, next.text));
      if (next.kind == 8) fail("a host was sent away: " + next.text.substr(2));
    }
  }

 private:
  void say_hello() {
    Frame challenge;
    while (!take(challenge)) get();
    const auto asked = api::market_challenge_from_json(challenge.text);
    if (!asked) fail("no challenge: " + challenge.text);
    base::Writer message;
    message.put(std::string_view("OBELISKH"));
    message.put(*base::from_hex(asked->challenge));
    message.put(asked->market.view());
    put(frame(kText, api::to_json(api::HostHello{"hello", key_.public_key(),
                                                 key_.sign(message.bytes()), "bench"})));
    Frame welcome;
    while (!take(welcome)) get();
    if (!api::market_welcome_from_json(welcome.text)) fail("no welcome: " + welcome.text);
  }

  static std::string frame(int kind, std::string_view text) {
    std::string out{static_cast<char>(0x80 | kind)};
    if (text.size() < 126) {
      out += static_cast<char>(0x80 | text.size());
    } else {
      out += static_cast<char>(0x80 | 126);
      out += static_cast<char>(text.size() >> 8);
      out += static_cast<char>(text.size() & 0xff);
    }
    for (const std::uint8_t byte : kMask) out += static_cast<char>(byte);
    for (std::size_t i = 0; i < text.size(); ++i) out += static_cast<char>(text[i] ^ kMask[i % 4]);
    return out;
  }

  void put(std::string_view bytes) const {
    if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size())) {
      fail("send");
    }
  }

  void get() {
    std::array<char, 16'384> bytes{};
    const ssize_t n = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (n <= 0) fail("the market hung up");
    arrived_.append(bytes.data(), static_cast<std::size_t>(n));
  }

  // The next whole frame, if it is there; a server's are not masked.
  bool take(Frame& out) {
    if (arrived_.size() < 2) return false;
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(arrived_[at]); };
    std::size_t length = byte(1) & 0x7f;
    std::size_t head = 2;
    if (length == 126) {
      if (arrived_.size() < 4) return false;
      length = static_cast<std::size_t>(byte(2)) << 8 | byte(3);
      head = 4;
    }
    if (arrived_.size() < head + length) return false;
    out.kind = byte(0) & 0x0f;
    out.text = arrived_.substr(head, length);
    arrived_.erase(0, head + length);
    return true;
  }

  base::Keypair key_;
  int fd_ = -1;
  std::string arrived_;
};

void allow_files(rlim_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return;
  limit.rlim_cur = count;
  limit.rlim_max = std::max(limit.rlim_max, count);
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("so many open files are not allowed");
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) {
    std::fprintf(stderr, "host_load PORT HOSTS [CARDS]\n");
    return 2;
  }
  const auto hosts = static_cast<std::size_t>(std::clamp(std::atoi(words[2]), 1, 50'000));
  const auto cards = static_cast<std::size_t>(count > 3 ? std::atoi(words[3]) : 8);
  allow_files(hosts + 100);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Host> all;
  all.reserve(hosts);
  std::array<epoll_event, 256> events{};
  const auto serve = [&](int ms) {
    const int n = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), ms);
    for (int i = 0; i < n; ++i) all[events[static_cast<std::size_t>(i)].data.u64].serve();
  };
  for (std::size_t i = 0; i < hosts; ++i) {
    all.emplace_back(std::atoi(words[1]), i, cards);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, all.back().fd(), &event) != 0) fail("epoll");
    serve(0);
  }
  std::printf("{\"hosts\": %zu}\n", all.size());
  std::fflush(stdout);
  for (;;) {
    serve(200);
    pollfd in{0, POLLIN, 0};
    char byte = 0;
    if (::poll(&in, 1, 0) == 1 && ::read(0, &byte, 1) <= 0) return 0;
  }
}
