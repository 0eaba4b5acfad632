#include "apps/cli/knock.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace obelisk::cli {
namespace {

constexpr int kMostAddresses = 4;

bool connects(const addrinfo& to, std::chrono::milliseconds patience) {
  const int fd = ::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  bool is_there = ::connect(fd, to.ai_addr, to.ai_addrlen) == 0;
  if (!is_there && errno == EINPROGRESS) {
    pollfd waiting{fd, POLLOUT, 0};
    int error = 0;
    socklen_t size = sizeof error;
    is_there = ::poll(&waiting, 1, static_cast<int>(patience.count())) == 1 &&
               ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
  }
  ::close(fd);
  return is_there;
}

}  // namespace

bool answers(const std::string& address, std::uint16_t port, std::chrono::milliseconds patience) {
  addrinfo wish{};
  wish.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wish, &found) != 0) {
    return false;
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
  int tried = 0;
  for (const addrinfo* at = all.get(); at != nullptr && tried < kMostAddresses;
       at = at->ai_next, ++tried) {
    if (connects(*at, patience)) return true;
  }
  return false;
}

}  // namespace obelisk::cli
