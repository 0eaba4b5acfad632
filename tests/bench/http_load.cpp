// http_load: asks one server over keep-alive connections, from one thread, in one of two ways, and
// says in JSON what came of it.
//
//   http_load PORT TARGET open   CONNECTIONS SECONDS RATE   so many a second, come what may
//   http_load PORT TARGET closed CONNECTIONS SECONDS        as fast as answers come
//
// Open: the n-th request belongs to the moment start + n / RATE. Its latency counts from then on,
// whether it could be sent then or not, so that a server that stands still shows in every request
// that had to wait for it.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;

constexpr std::size_t kReadBytes = 256 << 10;
constexpr std::int64_t kStepNs = 50'000;  // how often an open loop looks at its clock

struct Plan {
  int port = 0;
  std::string target;
  bool open = false;
  int connections = 1;
  double seconds = 1;
  double rate = 0;
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "http_load: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

struct Connection {
  int fd = -1;
  bool busy = false;
  Moment intended;
  std::string arrived;
  std::size_t body_left = 0;
  bool in_body = false;
};

class Load {
 public:
  explicit Load(Plan plan) : plan_(std::move(plan)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    request_ = "GET " + plan_.target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    connections_.resize(static_cast<std::size_t>(plan_.connections));
    for (std::size_t i = 0; i < connections_.size(); ++i) connect(i);
    buffer_.resize(kReadBytes);
  }

  void run() {
    start_ = Clock::now();
    end_ = start_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(plan_.seconds));
    const int timer = plan_.open ? make_timer() : -1;
    if (!plan_.open) {
      for (Connection& connection : connections_) send(connection, Clock::now());
    }
    // What was begun is waited for: leaving it out would leave out the slowest.
    while (Clock::now() < end_ || (busy_ > 0 && Clock::now() < end_ + std::chrono::seconds(5))) {
      std::array<epoll_event, 256> events{};
      const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
      for (int i = 0; i < n; ++i) {
        const auto at = events[static_cast<std::size_t>(i)].data.u64;
        if (at == UINT64_MAX) {
          std::uint64_t ticks = 0;
          if (::read(timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN) fail("timer");
        } else {
          receive(connections_[at]);
        }
      }
      if (plan_.open) send_due();
    }
    const double took =
        std::chrono::duration<double>(std::min(Clock::now(), last_) - start_).count();
    report(took);
  }

 private:
  void connect(std::size_t at) {
    Connection& connection = connections_[at];
    connection.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(plan_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      fail("connect");
    }
    const int on = 1;
    ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = at;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) != 0) fail("epoll");
    idle_.push_back(at);
  }

  int make_timer() const {
    const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    const itimerspec every{{0, kStepNs}, {0, kStepNs}};
    ::timerfd_settime(timer, 0, &every, nullptr);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = UINT64_MAX;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, timer, &event) != 0) fail("epoll");
    return timer;
  }

  Moment moment_of(std::uint64_t number) const {
    const double after_s = static_cast<double>(number) / plan_.rate;
    return start_ +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(after_s));
  }

  void send_due() {
    const Moment now = Clock::now();
    for (; moment_of(next_) <= now && moment_of(next_) < end_; ++next_) due_.push_back(next_);
    while (!due_.empty() && !idle_.empty()) {
      Connection& connection = connections_[idle_.back()];
      idle_.pop_back();
      send(connection, moment_of(due_.front()));
      due_.pop_front();
    }
  }

  void send(Connection& connection, Moment intended) {
    connection.busy = true;
    connection.intended = intended;
    ++busy_;
    const ssize_t n = ::send(connection.fd, request_.data(), request_.size(), MSG_NOSIGNAL);
    if (n != static_cast<ssize_t>(request_.size())) fail("send");
  }

  void receive(Connection& connection) {
    const ssize_t n = ::recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) fail("the server hung up");
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(n));
    bytes_ += bytes.size();
    if (!connection.in_body) {
      connection.arrived += bytes;
      const std::size_t end = connection.arrived.find("\r\n\r\n");
      if (end == std::string::npos) return;
      read_head(connection, std::string_view(connection.arrived).substr(0, end + 2));
      bytes = std::string_view(connection.arrived).substr(end + 4);
    }
    if (bytes.size() > connection.body_left) fail("more than one answer");
    connection.body_left -= bytes.size();
    if (connection.body_left == 0) finish(connection);
    connection.arrived.clear();
  }

  void read_head(Connection& connection, std::string_view head) {
    if (!head.starts_with("HTTP/1.1 200 ")) ++wrong_;
    std::string lower(head);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const std::size_t at = lower.find("content-length: ");
    if (at == std::string::npos) fail("no Content-Length");
    std::from_chars(lower.data() + at + 16, lower.data() + lower.size(), connection.body_left);
    connection.in_body = true;
  }

  void finish(Connection& connection) {
    const Moment now = Clock::now();
    last_ = now;
    connection.in_body = false;
    connection.busy = false;
    --busy_;
    latencies_us_.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now - connection.intended).count()));
    if (plan_.open) {
      idle_.push_back(static_cast<std::size_t>(&connection - connections_.data()));
      send_due();
    } else if (now < end_) {
      send(connection, now);
    }
  }

  void report(double took_s) {
    std::ranges::sort(latencies_us_);
    const auto at = [&](double share) {
      if (latencies_us_.empty()) return std::uint32_t{0};
      const auto rank = static_cast<std::size_t>(share * static_cast<double>(latencies_us_.size()));
      return latencies_us_[std::min(rank, latencies_us_.size() - 1)];
    };
    std::printf(
        "{\"requests\": %zu, \"seconds\": %.3f, \"per_s\": %.1f, \"wrong\": %zu, \"unsent\": %zu, "
        "\"unanswered\": %zu, \"bytes\": %zu, \"p50_us\": %u, \"p99_us\": %u, \"p999_us\": %u, "
        "\"max_us\": %u}\n",
        latencies_us_.size(), took_s, static_cast<double>(latencies_us_.size()) / took_s, wrong_,
        due_.size(), busy_, bytes_, at(0.5), at(0.99), at(0.999), at(1.0));
  }

  const Plan plan_;
  const int epoll_;
  std::string request_;
  std::vector<Connection> connections_;
  std::vector<std::size_t> idle_;
  std::deque<std::uint64_t> due_;  // their moment has come, and every connection is busy
  std::vector<char> buffer_;
  std::vector<std::uint32_t> latencies_us_;
  Moment start_;
  Moment end_;
  Moment last_ = Clock::now();
  std::uint64_t next_ = 0;
  std::size_t busy_ = 0;
  std::size_t wrong_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

int main(int count, char** words) {
  if (count < 6) {
    std::fprintf(stderr, "http_load PORT TARGET open|closed CONNECTIONS SECONDS [RATE]\n");
    return 2;
  }
  Plan plan;
  plan.port = std::atoi(words[1]);
  plan.target = words[2];
  plan.open = std::string_view(words[3]) == "open";
  plan.connections = std::clamp(std::atoi(words[4]), 1, 10'000);
  plan.seconds = std::atof(words[5]);
  plan.rate = plan.open && count > 6 ? std::max(1.0, std::atof(words[6])) : 0;
  if (plan.open && plan.rate == 0) return 2;
  Load(std::move(plan)).run();
  return 0;
}
