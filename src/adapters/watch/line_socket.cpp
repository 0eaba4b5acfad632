#include "adapters/watch/line_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace obelisk::watch_link {
namespace {

using base::Code;
using base::Error;

// True once it is ready, false where the time is over.
bool wait_for(int file, short what, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waiting{file, what, 0};
    const int ready =
        ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

Error ended() {
  return {Code::unreachable, "The other side ended the connection.", "Ask again.", 0};
}
Error late() { return {Code::timeout, "No answer came in time.", "Ask again.", 0}; }

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

Socket::~Socket() {
  if (file_ >= 0) ::close(file_);
}

int Socket::release() { return std::exchange(file_, -1); }

base::Result<Socket> connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Error{Code::usage, "The path of the watch's socket is too long.",
                 "Name one of at most 107 characters.", 0};
  }
  std::ranges::copy(path, address.sun_path);
  Socket out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  if (out.file() < 0 || ::connect(out.file(), where, sizeof(address)) != 0) {
    return Error{Code::unreachable,
                 "The watch does not answer at " + path + ": " + std::strerror(errno) + ".",
                 "Start obelisk-watch, and name its socket with --watch.", 0};
  }
  return out;
}

base::Result<std::string> read_line(const Socket& socket, std::size_t most, Deadline deadline) {
  std::string out;
  std::array<char, 4096> some{};
  for (;;) {
    if (!wait_for(socket.file(), POLLIN, deadline)) return late();
    const ssize_t got = ::recv(socket.file(), some.data(), some.size(), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return ended();
    out.append(some.data(), static_cast<std::size_t>(got));
    const std::size_t end = out.find('\n');
    if (end != std::string::npos) {
      out.resize(end);
      return out;
    }
    if (out.size() >= most) return Error{Code::refused, "That line is too long.", "Say less.", 0};
  }
}

base::Result<void> write_line(const Socket& socket, std::string_view line, Deadline deadline) {
  const std::string text = std::string(line) + "\n";
  std::string_view rest = text;
  while (!rest.empty()) {
    if (!wait_for(socket.file(), POLLOUT, deadline)) return late();
    const ssize_t put = ::send(socket.file(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (put <= 0) return ended();
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace obelisk::watch_link
