#include "apps/cli/terminal/raw_mode.hpp"

#include <signal.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

namespace obelisk::cli {
namespace {

constexpr std::array kBugs{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

// What a signal's handler may look at.
std::atomic<int> raw_fd = -1;
termios as_it_was;
std::array<struct sigaction, kBugs.size()> handlers_before;

// Puts the terminal back, then dies as it would have: the handler is gone by then.
void put_back(int number) {
  const int fd = raw_fd.exchange(-1);
  if (fd >= 0) ::tcsetattr(fd, TCSANOW, &as_it_was);
  ::raise(number);
}

void watch_bugs() {
  struct sigaction action{};
  action.sa_handler = put_back;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_NODEFER;
  for (std::size_t i = 0; i < kBugs.size(); ++i) {
    ::sigaction(kBugs[i], &action, &handlers_before[i]);
  }
}

void leave_bugs() {
  for (std::size_t i = 0; i < kBugs.size(); ++i) {
    ::sigaction(kBugs[i], &handlers_before[i], nullptr);
  }
}

}  // namespace

base::Result<RawMode> RawMode::begin(int fd) {
  termios before{};
  if (::tcgetattr(fd, &before) != 0) {
    return base::Error{base::Code::usage,
                       std::string("This is no terminal: ") + std::strerror(errno) + ".",
                       "Run it where you type."};
  }
  RawMode out(fd, before);
  as_it_was = before;
  raw_fd = fd;
  watch_bugs();
  out.again();
  return out;
}

RawMode::RawMode(RawMode&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), before_(other.before_) {}

RawMode::~RawMode() {
  if (fd_ < 0) return;
  leave_bugs();
  raw_fd = -1;
  ::tcsetattr(fd_, TCSADRAIN, &before_);
}

void RawMode::again() const {
  termios raw = before_;
  ::cfmakeraw(&raw);
  ::tcsetattr(fd_, TCSADRAIN, &raw);
}

}  // namespace obelisk::cli
