#include "adapters/podman/reaper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "adapters/podman/process.hpp"

namespace obelisk::podman {
namespace {

struct News {
  int is_starter = 0;
  int status = 0;
};

constexpr int kNewsFd = 3;
constexpr unsigned kEverything = ~0U;

int status_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// What the copy of this process uses; made before it, for it may not allocate.
struct Prepared {
  const char* program;
  const char* directory;
  std::vector<char*> argv;
  std::vector<char*> environment;
  int news;
};

// From here on: nothing but system calls, since other threads' locks may be held for ever.
[[noreturn]] void become(const Prepared& what) {
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(what.program, what.argv.data(), what.environment.data());
  ::_exit(127);
}

void tell(int is_starter, int status) {
  const News news{is_starter, status_of(status)};
  (void)!::write(kNewsFd, &news, sizeof news);
}

[[noreturn]] void wait_for_all(const Prepared& what) {
  ::prctl(PR_SET_NAME, "obelisk-reaper");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::setpgid(0, 0);
  if (what.news != kNewsFd) ::dup2(what.news, kNewsFd);
  ::close_range(kNewsFd + 1, kEverything, 0);
  (void)!::chdir(what.directory);
  const int nothing = ::open("/dev/null", O_RDWR);
  const int errors = ::open("errors", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
  ::dup2(nothing, 0);
  ::dup2(nothing, 1);
  ::dup2(errors >= 0 ? errors : nothing, 2);
  ::close_range(kNewsFd + 1, kEverything, 0);
  ::fcntl(kNewsFd, F_SETFD, FD_CLOEXEC);
  // One that ignores its children's ends would not hear of them.
  ::signal(SIGCHLD, SIG_DFL);
  const pid_t starter = ::_Fork();
  if (starter == 0) become(what);
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, 0);
    if (ended < 0 && errno == EINTR) continue;
    if (ended < 0) ::_exit(0);
    tell(ended == starter ? 1 : 0, status);
  }
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

}  // namespace

base::Result<Reaper> Reaper::start(const Starting& what) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return system_error("cannot make a pipe", errno);
  }
  Reaper out;
  out.news_ = UniqueFd(ends[0]);
  const UniqueFd told(ends[1]);
  const std::vector<std::string> environment = clean_environment();
  const Prepared prepared{what.program.c_str(), what.directory.c_str(), pointers(what.argv),
                          pointers(environment), told.get()};
  // No signal handler of ours may run in the copy.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  out.helper_ = ::_Fork();
  const int failed = errno;
  if (out.helper_ == 0) wait_for_all(prepared);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // Here as well as there, whichever comes first.
  if (out.helper_ > 0) ::setpgid(out.helper_, out.helper_);
  if (out.helper_ < 0) return system_error("cannot start a process", failed);
  return out;
}

Reaper::Reaper(Reaper&& other) noexcept
    : news_(std::move(other.news_)),
      helper_(std::exchange(other.helper_, -1)),
      starter_(other.starter_),
      left_(other.left_),
      is_over_(other.is_over_) {}

Reaper::~Reaper() {
  if (helper_ <= 0) return;
  ::kill(-helper_, SIGKILL);
  int status = 0;
  while (::waitpid(helper_, &status, 0) < 0 && errno == EINTR) {
  }
}

bool Reaper::look() {
  bool is_new = false;
  for (;;) {
    News news;
    const ssize_t count = ::read(news_.get(), &news, sizeof news);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return is_new;
    is_new = true;
    if (count != sizeof news) {
      is_over_ = true;
      return is_new;
    }
    (news.is_starter != 0 ? starter_ : left_) = news.status;
  }
}

}  // namespace obelisk::podman
