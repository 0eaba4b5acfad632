#include "apps/cli/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::chrono::milliseconds kLook{2};

Error cannot_start(const std::string& program, int error) {
  return {Code::missing_dependency, program + " cannot be started: " + std::strerror(error) + ".",
          "Install it: apt-get install openssh-client"};
}

std::vector<char*> pointers(const std::vector<std::string>& command) {
  std::vector<char*> out;
  for (const std::string& word : command) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

// Everything that posix_spawn is told; freed at the end.
struct Setup {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  Setup() {
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    // A signal mask of ours is none of the child's business.
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  }
  Setup(const Setup&) = delete;
  Setup& operator=(const Setup&) = delete;
  ~Setup() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
  }
};

int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

base::Result<int> run_quietly(const std::vector<std::string>& command,
                              std::chrono::milliseconds timeout) {
  const Setup setup;
  pid_t pid = 0;
  const std::vector<char*> arguments = pointers(command);
  const int failed = posix_spawnp(&pid, command.front().c_str(), &setup.files, &setup.attributes,
                                  arguments.data(), environ);
  if (failed != 0) return cannot_start(command.front(), failed);
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    int status = 0;
    const pid_t done = ::waitpid(pid, &status, WNOHANG);
    if (done == pid) return exit_status(status);
    if (done < 0 && errno != EINTR) return cannot_start(command.front(), errno);
    if (std::chrono::steady_clock::now() >= deadline) {
      ::kill(pid, SIGKILL);
      while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
      }
      return Error{Code::timeout, command.front() + " did not end in time.", "Try again."};
    }
    std::this_thread::sleep_for(kLook);
  }
}

Error become(const std::vector<std::string>& command) {
  const std::vector<char*> arguments = pointers(command);
  // An ignored signal stays ignored across exec; ssh must end when its reader has gone.
  ::signal(SIGPIPE, SIG_DFL);
  ::execvp(command.front().c_str(), arguments.data());
  return cannot_start(command.front(), errno);
}

}  // namespace obelisk::cli
