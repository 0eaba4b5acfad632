#include "adapters/ssh/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace obelisk::ssh {
namespace {

using SteadyClock = std::chrono::steady_clock;

class Pipe {
 public:
  Pipe() { open_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  bool open() const { return open_; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_end(std::size_t which) {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  bool open_ = false;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

base::Error cannot_start(const std::string& program, int error) {
  return {base::Code::missing_dependency,
          program + " could not be started: " + std::strerror(error) + ".",
          "Install it: apt-get install openssh-client.", 0};
}

int spawn(const ChildRequest& request, Pipe& output, Pipe& errors, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output.write_end(), 1);
  posix_spawn_file_actions_adddup2(&files, errors.write_end(), 2);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  auto argv = pointers(request.argv);
  auto environment = pointers(request.environment);
  const int result =
      ::posix_spawn(&pid, argv[0], &files, &attributes, argv.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return result;
}

// Reads what is there; false at the end.
bool drain(int descriptor, std::string& into, std::size_t max) {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  const std::size_t room = max - std::min(max, into.size());
  into.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
  return true;
}

// True where both streams ended before the deadline.
bool collect(const ChildRequest& request, Pipe& output, Pipe& errors, ChildResult& result) {
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(request.timeout_ms);
  std::array<pollfd, 2> wait{{{output.read_end(), POLLIN, 0}, {errors.read_end(), POLLIN, 0}}};
  while (wait[0].fd >= 0 || wait[1].fd >= 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0) return false;
    if (::poll(wait.data(), wait.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) {
      return false;
    }
    if (wait[0].revents != 0 && !drain(wait[0].fd, result.output, request.max_output)) {
      wait[0].fd = -1;
    }
    if (wait[1].revents != 0 && !drain(wait[1].fd, result.errors, request.max_output)) {
      wait[1].fd = -1;
    }
  }
  return true;
}

// Whether it ended by itself within a second.
bool has_ended(pid_t pid, int& status) {
  for (int look = 0; look < 100; ++look) {
    if (::waitpid(pid, &status, WNOHANG) == pid) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(look == 0 ? 1 : 10));
  }
  return false;
}

// Streams may end before the process does; it gets a moment, then it is killed.
void reap(pid_t pid, bool ended, ChildResult& result) {
  int status = 0;
  if (!ended || !has_ended(pid, status)) {
    ::kill(-pid, SIGKILL);
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
  }
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.exit_code = 128 + WTERMSIG(status);
  // What it started goes with it.
  ::kill(-pid, SIGKILL);
}

}  // namespace

base::Result<ChildResult> run_child(const ChildRequest& request) {
  Pipe output;
  Pipe errors;
  if (!output.open() || !errors.open()) return cannot_start(request.argv[0], errno);
  pid_t pid = -1;
  const int failed = spawn(request, output, errors, pid);
  if (failed != 0) return cannot_start(request.argv[0], failed);
  output.close_end(1);
  errors.close_end(1);
  ChildResult result;
  const bool ended = collect(request, output, errors, result);
  result.timed_out = !ended;
  reap(pid, ended, result);
  return result;
}

}  // namespace obelisk::ssh
