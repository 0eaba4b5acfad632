#include "adapters/podman/service.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>

#include "adapters/podman/files.hpp"
#include "adapters/podman/process.hpp"
#include "adapters/podman/spawn.hpp"

namespace obelisk::podman {

namespace {

constexpr auto kUpWithin = std::chrono::seconds(20);
constexpr int kEndWithinMs = 5000;
// Without a call for so long it ends by itself, so that a killed host leaves none for ever.
constexpr const char* kIdleSeconds = "120";
constexpr std::size_t kMaxLogBytes = 4 << 20;

bool accepts(const std::string& socket_path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size());
  return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

std::uint64_t hard_limit(__rlimit_resource which, std::uint64_t wanted) {
  rlimit limit{};
  if (::getrlimit(which, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return wanted;
  return std::min<std::uint64_t>(wanted, limit.rlim_max);
}

std::string last_words(const std::string& log_path) {
  auto text = read_file(log_path, kMaxLogBytes);
  if (!text) return "";
  while (!text->empty() && text->back() == '\n') text->pop_back();
  std::string line = text->substr(text->rfind('\n') + 1);
  std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return line.substr(0, 300);
}

}  // namespace

bool systemd_cgroups() {
  return is_directory("/run/systemd/system") && exists("/sys/fs/cgroup/cgroup.controllers");
}

std::string containers_conf(const Layout& layout, std::uint64_t max_files,
                            std::uint64_t max_processes, bool systemd) {
  auto twice = [](std::uint64_t n) { return std::to_string(n) + ":" + std::to_string(n); };
  return "[engine]\n"
         "runtime = \"runc\"\n"
         "cgroup_manager = \"" +
         std::string(systemd ? "systemd" : "cgroupfs") +
         "\"\n"
         "events_logger = \"none\"\n"
         // Locks in files of our own: the default ones are shared by every podman of the machine.
         "lock_type = \"file\"\n"
         "tmp_dir = \"" +
         layout.instance +
         "/podman/tmp\"\n"
         "[containers]\n"
         "default_ulimits = [\"nofile=" +
         twice(max_files) + "\", \"nproc=" + twice(max_processes) + "\"]\n";
}

std::string storage_conf(const Layout& layout) {
  return "[storage]\n"
         "driver = \"vfs\"\n"
         "graphroot = \"" +
         layout.instance +
         "/podman/root\"\n"
         "runroot = \"" +
         layout.instance + "/podman/run\"\n";
}

base::Result<void> Service::write_settings() const {
  std::uint64_t files = hard_limit(RLIMIT_NOFILE, 1048576);
  // podman lowers its own limit to 32768 first and may not raise it again in a bounded machine.
  std::uint64_t processes = hard_limit(RLIMIT_NPROC, 32768);
  TRY_VOID(make_directory(layout_.instance + "/podman", 0711));
  TRY_VOID(write_file(layout_.instance + "/containers.conf",
                      containers_conf(layout_, files, processes, systemd_cgroups()), 0600));
  return write_file(layout_.instance + "/storage.conf", storage_conf(layout_), 0600);
}

base::Result<void> Service::launch() {
  TRY_VOID(write_settings());
  TRY(std::string program, find_program("podman"));
  TRY_VOID(remove_file(layout_.socket()));
  std::string log_path = layout_.instance + "/podman.log";
  UniqueFd log(
      ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!log.valid() || !nothing.valid()) return system_error("cannot open " + log_path, errno);
  std::vector<std::string> environment = clean_environment();
  environment.push_back("CONTAINERS_CONF=" + layout_.instance + "/containers.conf");
  environment.push_back("CONTAINERS_STORAGE_CONF=" + layout_.instance + "/storage.conf");
  TRY(pid_t pid,
      spawn({.program = program,
             .argv = {"podman", "--log-level=warn", "system", "service",
                      std::string("--time=") + kIdleSeconds, "unix://" + layout_.socket()},
             .environment = environment,
             .input = nothing.get(),
             .output = log.get(),
             .errors = log.get(),
             // conmon leaves a file where it was started when a lease runs out of memory.
             .directory = layout_.instance + "/podman"}));
  child_ = pid;
  return write_file(layout_.instance + "/podman.pid", std::to_string(pid) + "\n", 0600);
}

base::Result<void> Service::wait_until_up() {
  auto deadline = std::chrono::steady_clock::now() + kUpWithin;
  while (!accepts(layout_.socket())) {
    bool ended = child_ > 0 && ::waitpid(child_, nullptr, WNOHANG) == child_;
    if (ended) child_ = -1;
    if (ended || std::chrono::steady_clock::now() > deadline) {
      return base::Error{base::Code::missing_dependency,
                         "podman did not start: " + last_words(layout_.instance + "/podman.log"),
                         "Run `podman info` as root and repair what it says."};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return {};
}

base::Result<void> Service::ensure() {
  std::lock_guard guard(mutex_);
  if (accepts(layout_.socket())) return {};
  if (child_ > 0 && ::waitpid(child_, nullptr, WNOHANG) == child_) child_ = -1;
  TRY_VOID(launch());
  return wait_until_up();
}

pid_t Service::recorded_pid() const {
  auto text = read_file(layout_.instance + "/podman.pid", 64);
  pid_t pid = -1;
  if (!text) return -1;
  std::from_chars(text->data(), text->data() + text->size(), pid);
  if (pid <= 1) return -1;
  auto command_line = read_file("/proc/" + std::to_string(pid) + "/cmdline", 1 << 16);
  bool ours = command_line && command_line->find("unix://" + layout_.socket()) != std::string::npos;
  return ours ? pid : -1;
}

void Service::stop() {
  std::lock_guard guard(mutex_);
  pid_t pid = recorded_pid();
  if (pid > 0) {
    // The descriptor pins the process; then its number is checked once more, so that a reused
    // number is never hit.
    UniqueFd process = open_process(pid);
    if (process.valid() && recorded_pid() == pid) {
      pollfd ended{process.get(), POLLIN, 0};
      signal_process(process, SIGTERM);
      if (::poll(&ended, 1, kEndWithinMs) == 0) {
        signal_process(process, SIGKILL);
        ::poll(&ended, 1, kEndWithinMs);
      }
    }
  }
  if (child_ > 0) ::waitpid(child_, nullptr, WNOHANG);
  child_ = -1;
}

}  // namespace obelisk::podman
