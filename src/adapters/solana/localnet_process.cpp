#include "adapters/solana/localnet_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "adapters/solana/answers.hpp"

namespace obelisk::solana_rpc {
namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Error;

constexpr std::chrono::seconds kStartTimeout{60};

Error cannot_start(const std::string& why) {
  return {Code::missing_dependency, "localnet does not start: " + why + ".",
          "Run the tests from the repository's root, after `npm --prefix localnet ci`."};
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string port_of(const std::string& url) { return url.substr(url.rfind(':') + 1); }

}  // namespace

base::Result<LocalnetProcess> LocalnetProcess::start(int slot_ms) {
  std::string name = (fs::temp_directory_path() / "obelisk-localnet-XXXXXX").string();
  LocalnetProcess out;
  if (::mkdtemp(name.data()) == nullptr) return cannot_start("no folder for its state");
  out.folder_ = name;
  out.slot_ms_ = slot_ms;
  TRY_VOID(out.spawn("0", "0"));
  return out;
}

LocalnetProcess::LocalnetProcess(LocalnetProcess&& other) noexcept
    : folder_(std::exchange(other.folder_, {})),
      pid_(std::exchange(other.pid_, -1)),
      slot_ms_(other.slot_ms_),
      rpc_url_(std::move(other.rpc_url_)),
      websocket_url_(std::move(other.websocket_url_)) {}

LocalnetProcess::~LocalnetProcess() {
  end(SIGTERM);
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

void LocalnetProcess::kill() { end(SIGKILL); }

base::Result<void> LocalnetProcess::restart() {
  return spawn(port_of(rpc_url_), port_of(websocket_url_));
}

base::Result<void> LocalnetProcess::spawn(const std::string& port,
                                          const std::string& websocket_port) {
  const char* named = std::getenv("OBELISK_NODE");
  const std::string node = named != nullptr && *named != '\0' ? named : "node";
  const std::string state = folder_ / "state";
  const std::string ready = folder_ / "ready.json";
  const std::string log = folder_ / "log";
  const std::string slot_ms = std::to_string(slot_ms_);
  std::error_code ignored;
  fs::remove(ready, ignored);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) return cannot_start("no process");
  if (pid_ == 0) {
    // It must not outlive a test that is killed.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(fd, 1);
    ::dup2(fd, 2);
    ::execlp(node.c_str(), node.c_str(), "localnet/bin/localnet.mjs", "--state", state.c_str(),
             "--port", port.c_str(), "--ws-port", websocket_port.c_str(), "--ready-file",
             ready.c_str(), "--slot-ms", slot_ms.c_str(), nullptr);
    ::_exit(127);
  }
  return wait_until_ready(ready);
}

base::Result<void> LocalnetProcess::wait_until_ready(const fs::path& ready_file) {
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (std::chrono::steady_clock::now() < deadline) {
    if (const auto ready = parse_json(text_of(ready_file))) {
      rpc_url_ = text_in(member(&*ready, "rpc")).value_or("");
      websocket_url_ = text_in(member(&*ready, "ws")).value_or("");
      return {};
    }
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return cannot_start("it ended at once and said: " + text_of(folder_ / "log"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  end(SIGKILL);
  return cannot_start("it was not ready in 60 s and said: " + text_of(folder_ / "log"));
}

void LocalnetProcess::end(int signal) {
  if (pid_ <= 0) return;
  ::kill(pid_, signal);
  // Asked kindly it has five seconds; then it is ended.
  for (int waited = 0; waited < 250; ++waited) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace obelisk::solana_rpc
