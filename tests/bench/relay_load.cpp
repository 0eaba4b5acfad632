// What ./dev bench relay measures with: a sink, and loads that go to it through whatever relay
// listens at a port. One thread each, epoll; a connection's first byte says what it is for: 'd'
// throw the rest away, 'e' send it back, 's' send as much as can be taken. One line of JSON each.
//
//   relay_load sink                          {"port"}; ends with its stdin
//   relay_load push PORT STREAMS SECONDS [WARM]   {"bytes", "seconds"}  to the sink, after WARM
//   relay_load pull PORT STREAMS SECONDS [WARM]   {"bytes", "seconds"}  from the sink
//   relay_load ping PORT COUNT               {"us": [...]}            64 bytes there and back
//   relay_load idle PORTS COUNT              {"open"} once each was answered; ends with its stdin
//   relay_load connect PORTS SECONDS AT_ONCE {"made", "failed", "seconds"}   a byte there and back
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kBlock = 128 << 10;
std::array<char, kBlock> block;

double since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

sockaddr_in loopback(int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

void no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int connected(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in to = loopback(port);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    if (fd >= 0) ::close(fd);
    return -1;
  }
  no_delay(fd);
  return fd;
}

void add(int poll, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) != 0) give_up("epoll");
}

class Sink {
 public:
  int run() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0) give_up("bind");
    if (::listen(listener_, 4096) != 0) give_up("listen");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    std::printf("{\"port\":%d}\n", ntohs(at.sin_port));
    std::fflush(stdout);
    add(poll_, listener_, EPOLLIN);
    add(poll_, 0, EPOLLIN);
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = ::epoll_wait(poll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == 0) return 0;
        fd == listener_ ? accept_all() : serve(fd);
      }
    }
  }

 private:
  void accept_all() {
    for (int fd = 0;
         (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0;) {
      no_delay(fd);
      modes_[fd] = 0;
      add(poll_, fd, EPOLLIN);
    }
  }
  void serve(int fd) {
    char& mode = modes_[fd];
    if (mode == 's') return send_on(fd);
    const ssize_t got = ::recv(fd, block.data(), block.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return drop(fd);
    std::string_view rest(block.data(), static_cast<std::size_t>(got));
    if (mode == 0) {
      mode = rest.front();
      rest.remove_prefix(1);
      if (mode == 's') {
        epoll_event event{};
        event.events = EPOLLOUT;
        event.data.fd = fd;
        ::epoll_ctl(poll_, EPOLL_CTL_MOD, fd, &event);
        return;
      }
    }
    if (mode == 'e' && !rest.empty() &&
        ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(rest.size())) {
      drop(fd);
    }
  }
  void send_on(int fd) {
    const ssize_t sent = ::send(fd, block.data(), block.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) drop(fd);
  }
  void drop(int fd) {
    modes_.erase(fd);
    ::close(fd);
  }
  int listener_ = -1;
  int poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::map<int, char> modes_;
};

int flow(int port, int streams, double seconds, double warm, bool is_push) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<int> all;
  for (int i = 0; i < streams; ++i) {
    const int fd = connected(port);
    if (fd < 0) give_up("connect");
    const char mode = is_push ? 'd' : 's';
    if (::send(fd, &mode, 1, MSG_NOSIGNAL) != 1) give_up("send");
    all.push_back(fd);
    add(poll, fd, is_push ? EPOLLOUT : EPOLLIN);
  }
  std::uint64_t bytes = 0;
  auto begun = Clock::now();
  bool is_warm = warm <= 0;
  std::array<epoll_event, 128> events;
  while (!is_warm || since(begun) < seconds - warm) {
    const int count = ::epoll_wait(poll, events.data(), events.size(), 100);
    if (!is_warm && since(begun) >= warm) {
      is_warm = true;
      bytes = 0;
      begun = Clock::now();
    }
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      const ssize_t done = is_push
                               ? ::send(fd, block.data(), block.size(), MSG_NOSIGNAL | MSG_DONTWAIT)
                               : ::recv(fd, block.data(), block.size(), MSG_DONTWAIT);
      if (done > 0) bytes += static_cast<std::uint64_t>(done);
      if (done == 0 || (done < 0 && errno != EAGAIN)) give_up("a stream broke off");
    }
  }
  std::printf("{\"bytes\":%llu,\"seconds\":%.3f}\n", static_cast<unsigned long long>(bytes),
              since(begun));
  return 0;
}

// One byte with the mode, one there and back: it is carried all the way.
bool greet(int fd) {
  const char bytes[2] = {'e', 'x'};
  char back = 0;
  return ::send(fd, bytes, 2, MSG_NOSIGNAL) == 2 && ::recv(fd, &back, 1, 0) == 1;
}

int ping(int port, int count) {
  const int fd = connected(port);
  if (fd < 0 || !greet(fd)) give_up("connect");
  std::vector<double> times;
  std::array<char, 64> word{};
  for (int i = 0; i < count; ++i) {
    const auto begun = Clock::now();
    if (::send(fd, word.data(), word.size(), MSG_NOSIGNAL) != 64) give_up("send");
    if (::recv(fd, word.data(), word.size(), MSG_WAITALL) != 64) give_up("recv");
    times.push_back(since(begun) * 1e6);
    ::usleep(200);
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) { return times[static_cast<std::size_t>(part * (count - 1))]; };
  std::printf("{\"p50_us\":%.1f,\"p99_us\":%.1f}\n", at(0.5), at(0.99));
  return 0;
}

std::vector<int> ports_of(const char* text) {
  std::vector<int> out;
  for (const char* at = text; *at != '\0';) {
    char* end = nullptr;
    out.push_back(static_cast<int>(std::strtol(at, &end, 10)));
    at = *end == ',' ? end + 1 : end;
  }
  return out;
}

int idle(const std::vector<int>& ports, int count) {
  int open = 0;
  for (int i = 0; i < count; ++i) {
    const int fd = connected(ports[static_cast<std::size_t>(i) % ports.size()]);
    if (fd >= 0 && greet(fd)) ++open;
  }
  std::printf("{\"open\":%d}\n", open);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

int connect_many(const std::vector<int>& ports, double seconds, int at_once) {
  // Each child makes one after another: so many are on their way at any time.
  std::vector<int> pipes;
  const auto begun = Clock::now();
  for (int i = 0; i < at_once; ++i) {
    int ends[2];
    if (::pipe(ends) != 0) give_up("pipe");
    if (::fork() == 0) {
      std::uint32_t made[2] = {0, 0};
      for (std::size_t turn = static_cast<std::size_t>(i); since(begun) < seconds; ++turn) {
        const int fd = connected(ports[turn % ports.size()]);
        const bool is_good = fd >= 0 && greet(fd);
        ++made[is_good ? 0 : 1];
        if (fd >= 0) ::close(fd);
      }
      if (::write(ends[1], made, sizeof made) != sizeof made) std::_Exit(1);
      std::_Exit(0);
    }
    ::close(ends[1]);
    pipes.push_back(ends[0]);
  }
  std::uint32_t made = 0;
  std::uint32_t failed = 0;
  for (const int fd : pipes) {
    std::uint32_t one[2] = {0, 0};
    if (::read(fd, one, sizeof one) == sizeof one) {
      made += one[0];
      failed += one[1];
    }
  }
  std::printf("{\"made\":%u,\"failed\":%u,\"seconds\":%.3f}\n", made, failed, since(begun));
  return 0;
}

}  // namespace

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const std::string what = count > 1 ? words[1] : "";
  const auto number = [&](int i) { return count > i ? std::atoi(words[i]) : 0; };
  if (what == "sink") return Sink().run();
  if ((what == "push" || what == "pull") && count >= 5) {
    const double warm = count > 5 ? std::atof(words[5]) : 0;
    return flow(number(2), number(3), std::atof(words[4]), warm, what == "push");
  }
  if (what == "ping" && count == 4) return ping(number(2), number(3));
  if (what == "idle" && count == 4) return idle(ports_of(words[2]), number(3));
  if (what == "connect" && count == 5) {
    return connect_many(ports_of(words[2]), std::atof(words[3]), number(4));
  }
  return 2;
}
