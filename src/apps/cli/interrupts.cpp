#include "apps/cli/interrupts.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

namespace obelisk::cli {

Interrupts::Interrupts() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
  fd_ = ::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
}

Interrupts::~Interrupts() {
  if (fd_ >= 0) ::close(fd_);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupts::requested() {
  signalfd_siginfo info{};
  if (!requested_ && fd_ >= 0 && ::read(fd_, &info, sizeof info) == sizeof info) {
    requested_ = true;
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  return requested_;
}

}  // namespace obelisk::cli
