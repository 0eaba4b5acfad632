#include "adapters/podman/banner.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <thread>

#include "adapters/podman/files.hpp"

namespace obelisk::podman {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto kPause = milliseconds(10);
constexpr auto kAliveEvery = milliseconds(500);
constexpr int kStepMs = 500;  // one attempt to connect, one to read
constexpr std::string_view kBanner = "SSH-2.0-";

bool wait_for(int fd, short event) {
  pollfd polled{fd, event, 0};
  return ::poll(&polled, 1, kStepMs) == 1;
}

bool shows_banner(const sockaddr_in& address) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(fd.get(), generic, sizeof address) != 0) {
    if (errno != EINPROGRESS || !wait_for(fd.get(), POLLOUT)) return false;
  }
  std::string seen;
  char buffer[64];
  while (seen.size() < kBanner.size()) {
    if (!wait_for(fd.get(), POLLIN)) return false;
    ssize_t count = ::recv(fd.get(), buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    seen.append(buffer, static_cast<std::size_t>(count));
  }
  return seen.starts_with(kBanner);
}

}  // namespace

base::Result<void> wait_for_banner(std::uint32_t address, std::uint16_t port, milliseconds within,
                                   const std::function<base::Result<void>()>& still_alive) {
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(port);
  target.sin_addr.s_addr = htonl(address);
  auto deadline = Clock::now() + within;
  auto next_look = Clock::now() + kAliveEvery;
  while (!shows_banner(target)) {
    auto now = Clock::now();
    if (now > deadline) {
      return base::Error{base::Code::timeout,
                         "sshd did not answer in " + std::to_string(within.count()) + " ms.",
                         "Try again; if it stays so, make the image again."};
    }
    if (now > next_look) {
      TRY_VOID(still_alive());
      next_look = now + kAliveEvery;
    }
    std::this_thread::sleep_for(kPause);
  }
  return {};
}

}  // namespace obelisk::podman
