#include "adapters/podman/processes.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "adapters/podman/files.hpp"
#include "adapters/podman/spawn.hpp"

namespace obelisk::podman {

namespace {

constexpr std::size_t kMaxCommandLine = 1 << 20;

// A person may be reading a file in there with `less`; only podman's own programs count.
bool names(pid_t pid, const std::string& path) {
  auto line = read_file("/proc/" + std::to_string(pid) + "/cmdline", kMaxCommandLine);
  if (!line || line->find(path) == std::string::npos) return false;
  std::string program = line->substr(0, line->find('\0'));
  program = program.substr(program.rfind('/') + 1);
  return program == "conmon" || program == "podman" || program == "runc";
}

// The descriptor is opened first and the name read after: what is killed is what was read.
void end(pid_t pid, const std::string& path) {
  UniqueFd process = open_process(pid);
  if (process.valid() && names(pid, path)) signal_process(process, SIGKILL);
}

}  // namespace

std::vector<pid_t> processes_naming(const std::string& path) {
  std::vector<pid_t> out;
  auto entries = names_in("/proc");
  for (const std::string& entry : entries ? *entries : std::vector<std::string>{}) {
    pid_t pid = -1;
    auto [end, failed] = std::from_chars(entry.data(), entry.data() + entry.size(), pid);
    if (failed != std::errc{} || end != entry.data() + entry.size()) continue;
    if (pid != ::getpid() && names(pid, path)) out.push_back(pid);
  }
  return out;
}

void await_processes_naming(const std::string& path, std::chrono::milliseconds patience) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  bool killed = false;
  while (true) {
    std::vector<pid_t> running = processes_naming(path);
    if (running.empty()) return;
    if (std::chrono::steady_clock::now() > deadline) {
      if (killed) return;
      for (pid_t pid : running) end(pid, path);
      killed = true;
      deadline += patience;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace obelisk::podman
