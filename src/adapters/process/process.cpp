#include "adapters/process/process.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/time.hpp"

namespace obelisk::process {

Signals::Signals() {
  sigemptyset(&awaited_);
  sigaddset(&awaited_, SIGINT);
  sigaddset(&awaited_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &awaited_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int Signals::wait() const {
  int received = 0;
  sigwait(&awaited_, &received);
  return received;
}

void log_line(std::string words) {
  std::ranges::replace_if(words, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  std::fprintf(stderr, "%s %s\n", base::to_rfc3339(now_ms).c_str(), words.c_str());
}

int fail(const base::Error& error) {
  const std::string charged = std::to_string(error.charged_lamports);
  std::fprintf(stderr, "%s\n%s\nCharged: %s.\n", error.message.c_str(), error.action.c_str(),
               charged == "0" ? "0" : (charged + " lamports").c_str());
  return base::exit_code(error.code);
}

}  // namespace obelisk::process
