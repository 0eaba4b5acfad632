#include "adapters/podman/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "adapters/podman/files.hpp"
#include "adapters/podman/spawn.hpp"

namespace obelisk::podman {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMaxOutputBytes = 1 << 20;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

base::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("cannot make a pipe", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Moves what is there from `fd` to `text`; closes it at its end. What is over the limit is read,
// so that the program does not block, and dropped.
void drain(UniqueFd& fd, std::string& text) {
  char buffer[16384];
  while (fd.valid()) {
    ssize_t count = ::read(fd.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      fd.reset();
      return;
    }
    std::size_t room = kMaxOutputBytes - std::min(kMaxOutputBytes, text.size());
    text.append(buffer, std::min(room, static_cast<std::size_t>(count)));
  }
}

void feed(UniqueFd& fd, std::string_view& rest) {
  while (fd.valid() && !rest.empty()) {
    ssize_t count = ::write(fd.get(), rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) break;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  fd.reset();
}

// A program that closes its stdin early must not end us with SIGPIPE.
class PipeSignalBlocked {
 public:
  PipeSignalBlocked() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before_);
  }
  ~PipeSignalBlocked() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    timespec none{};
    if (!sigismember(&before_, SIGPIPE)) sigtimedwait(&pipe, nullptr, &none);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t before_{};
};

struct Running {
  pid_t pid = -1;
  UniqueFd pidfd;
  UniqueFd input;
  UniqueFd output;
  UniqueFd errors;
};

base::Result<Running> launch(const Command& command) {
  std::string program = command.program;
  if (program.empty()) {
    TRY(program, find_program(command.argv.front()));
  }
  auto environment = clean_environment();
  environment.insert(environment.end(), command.environment.begin(), command.environment.end());
  TRY(Pipe input, make_pipe());
  TRY(Pipe output, make_pipe());
  TRY(Pipe errors, make_pipe());
  TRY(pid_t pid, spawn({.program = program,
                        .argv = command.argv,
                        .environment = std::move(environment),
                        .input = input.read.get(),
                        .output = output.write.get(),
                        .errors = errors.write.get(),
                        .directory = "/"}));
  Running out{pid, open_process(pid), std::move(input.write), std::move(output.read),
              std::move(errors.read)};
  for (int fd : {out.input.get(), out.output.get(), out.errors.get()}) {
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
  }
  return out;
}

base::Error too_slow(const Command& command) {
  return {base::Code::timeout,
          command.argv.front() + " did not end in " + std::to_string(command.timeout.count()) +
              " ms and was ended.",
          "Look at the machine's load, then try again."};
}

// Serves the pipes until the program has ended; an error says why it must be.
base::Result<void> serve(Running& child, const Command& command, Outcome& outcome) {
  constexpr std::chrono::milliseconds kWatchEvery{200};
  const Clock::time_point deadline = Clock::now() + command.timeout;
  std::string_view input = command.input;
  if (input.empty()) child.input.reset();
  while (true) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return too_slow(command);
    if (command.watch) {
      TRY_VOID(command.watch());
      left = std::min(left, kWatchEvery);
    }
    std::array<pollfd, 4> polled{
        pollfd{child.pidfd.get(), POLLIN, 0}, pollfd{child.output.get(), POLLIN, 0},
        pollfd{child.errors.get(), POLLIN, 0}, pollfd{child.input.get(), POLLOUT, 0}};
    if (::poll(polled.data(), polled.size(), static_cast<int>(left.count())) < 0) continue;
    drain(child.output, outcome.output);
    drain(child.errors, outcome.errors);
    if (polled[3].revents != 0) feed(child.input, input);
    if (polled[0].revents != 0) return {};
  }
}

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  std::size_t start = text.rfind('\n');
  std::string line(start == std::string_view::npos ? text : text.substr(start + 1));
  std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return line.substr(0, 300);
}

}  // namespace

std::vector<std::string> clean_environment() {
  return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/root"};
}

base::Result<std::string> find_program(const std::string& name) {
  for (const char* dir : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/", "/usr/local/bin/"}) {
    std::string path = dir + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return base::Error{base::Code::missing_dependency, name + " is not installed.",
                     "Install the Debian package that has it; `obelisk-host check` names it."};
}

base::Result<Outcome> run(const Command& command) {
  CHECK(!command.argv.empty());
  PipeSignalBlocked guard;
  TRY(Running child, launch(command));
  Outcome outcome;
  const auto ended = serve(child, command, outcome);
  if (!ended) ::kill(-child.pid, SIGKILL);
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0) {
    // Somebody else took its status: what we do not know is no success.
    if (errno != EINTR) return system_error("lost track of " + command.argv.front(), errno);
  }
  if (!ended) return ended.error();
  drain(child.output, outcome.output);
  drain(child.errors, outcome.errors);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

base::Result<std::string> run_checked(const Command& command) {
  TRY(Outcome outcome, run(command));
  if (outcome.status == 0) return std::move(outcome.output);
  std::string what = command.argv.front();
  for (std::size_t i = 1; i < command.argv.size() && i < 4; ++i) what += " " + command.argv[i];
  return base::Error{base::Code::internal,
                     "`" + what + "` ended with " + std::to_string(outcome.status) + ": " +
                         last_line(outcome.errors),
                     "Run `obelisk-host check` and read the host's log."};
}

}  // namespace obelisk::podman
