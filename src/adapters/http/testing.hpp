// Plain blocking sockets for this folder's tests: a peer that sends exactly the bytes it is told
// to, however wrong they are. Only for tests.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace obelisk::http::testing {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// What comes part by part, to the end or until `mark` is in it.
template <class Peer>
std::string read_parts(const Peer& peer, std::optional<std::string_view> mark = {}) {
  std::string all;
  while (!mark || all.find(*mark) == std::string::npos) {
    const std::string part = peer.read_some();
    if (part.empty()) break;
    all += part;
  }
  return all;
}

class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) { limit(10'000); }
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~RawSocket() { close(); }

  // `from`: which of this machine's loopback addresses is the near end.
  static RawSocket connect(std::uint16_t port, const char* from = "127.0.0.1") {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in near = loopback(0);
    ::inet_pton(AF_INET, from, &near.sin_addr);
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&near), sizeof near), 0);
    const sockaddr_in address = loopback(port);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(fd);
      return RawSocket(-1);
    }
    return RawSocket(fd);
  }

  bool good() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  void limit(int ms) const {
    const timeval time{ms / 1000, ms % 1000 * 1000};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  }

  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  // What comes next, at most `most` bytes; empty at the end, and a failure after the limit.
  std::string read_some(std::size_t most = 65536) const {
    std::string bytes(most, '\0');
    const ssize_t n = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (n < 0 && errno == EAGAIN) ADD_FAILURE() << "a peer sent nothing and did not hang up";
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }

  std::string read_all() const { return read_parts(*this); }
  // Until the bytes read end with, or contain, `mark`.
  std::string read_until(std::string_view mark) const { return read_parts(*this, mark); }

  // Whether the peer breaks the connection off within `ms`, without reading what it sent.
  bool breaks_off(int ms) const {
    pollfd watched{fd_, 0, 0};
    return ::poll(&watched, 1, ms) == 1;
  }

  void shut_down_sending() const { ::shutdown(fd_, SHUT_WR); }

  // Closes with a reset instead of a goodbye.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

// A TCP socket that listens on a free port of loopback.
inline int listen_anywhere(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(fd, 128), 0);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

// Accepts on a port of the system's choice, or on a unix socket, and gives each connection to
// `serve`, one after the other, on a thread of its own.
class RawServer {
 public:
  using Serve = std::function<void(RawSocket&)>;

  explicit RawServer(Serve serve) : serve_(std::move(serve)), fd_(listen_anywhere(port_)) {
    thread_ = std::thread([this] { run(); });
  }

  RawServer(const std::string& socket_file, Serve serve) : serve_(std::move(serve)) {
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_file.data(), socket_file.size());
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(fd_, 16);
    thread_ = std::thread([this] { run(); });
  }

  ~RawServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }

  std::uint16_t port() const { return port_; }
  int accepted() const { return accepted_; }
  int closed() const { return closed_; }
  std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_);
  }

 private:
  void run() {
    for (;;) {
      const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      ++accepted_;
      {
        RawSocket socket(fd);
        serve_(socket);
      }
      ++closed_;
    }
  }

  Serve serve_;
  std::uint16_t port_ = 0;
  int fd_ = -1;
  std::atomic<int> accepted_ = 0;
  std::atomic<int> closed_ = 0;
  std::thread thread_;
};

// The same bytes each time, and no pattern that a lost or doubled block could hide in.
inline std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

// A text that one thread of a test sets and another reads.
class Shared {
 public:
  void set(std::string text) {
    const std::scoped_lock lock(mutex_);
    text_ = std::move(text);
  }
  std::string get() const {
    const std::scoped_lock lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

// True as soon as `condition` holds; false after `ms`. For what another thread does soon.
inline bool eventually(const std::function<bool()>& condition, int ms = 20'000) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

class Stopwatch {
 public:
  long ms() const {
    const auto passed = std::chrono::steady_clock::now() - start_;
    return std::chrono::duration_cast<std::chrono::milliseconds>(passed).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace obelisk::http::testing
