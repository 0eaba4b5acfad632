#include "adapters/ssh/ssh_logins.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "adapters/ssh/child.hpp"
#include "base/crypto.hpp"
#include "core/market/probe.hpp"

namespace obelisk::ssh {
namespace {

constexpr std::size_t kMaxKeyLine = 200;

std::vector<std::string> environment(const SshOptions& options) {
  return {"PATH=/usr/bin:/bin", "HOME=" + options.state_dir, "LC_ALL=C"};
}

base::Error cannot_write(const std::string& path) {
  return {base::Code::missing_dependency,
          "The watch cannot write " + path + ": " + std::strerror(errno) + ".",
          "Check that the state folder exists and has space.", 0};
}

base::Result<std::string> first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty() || line.size() > kMaxKeyLine) {
    return base::Error{base::Code::missing_dependency, "The watch's key " + path + " is damaged.",
                       "Remove both files of the key; a new one is made.", 0};
  }
  return line;
}

base::Result<void> make_key(const SshOptions& options, const std::string& path) {
  if (::access((path + ".pub").c_str(), R_OK) == 0 && ::access(path.c_str(), R_OK) == 0) return {};
  ChildRequest request;
  request.argv = {options.ssh_keygen, "-q", "-t", "ed25519", "-N", "", "-C",
                  "obelisk-watch",    "-f", path};
  request.environment = environment(options);
  TRY(const auto made, run_child(request));
  if (made.exit_code == 0) return {};
  return base::Error{
      base::Code::missing_dependency,
      "ssh-keygen made no key for the watch: exit " + std::to_string(made.exit_code) + ".",
      "Check that the state folder can be written and that openssh-client works.", 0};
}

// A file of its own for each login, gone after it.
class PinnedKey {
 public:
  PinnedKey(const std::string& folder, const std::string& host_key)
      : path_(folder + "/known_hosts." + std::to_string(base::random_u64())) {
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return;
    const std::string line = "lease " + host_key + "\n";
    written_ = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    ::close(file);
  }
  PinnedKey(const PinnedKey&) = delete;
  PinnedKey& operator=(const PinnedKey&) = delete;
  ~PinnedKey() { ::unlink(path_.c_str()); }
  bool written() const { return written_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool written_ = false;
};

class SshLogins final : public ports::Logins {
 public:
  SshLogins(SshOptions options, std::string public_key)
      : options_(std::move(options)), public_key_(std::move(public_key)) {}

  const std::string& public_key() const override { return public_key_; }

  watch::LoginAnswer log_in(const lease::Quote& quote, const lease::SshAccess& access,
                            bool check_card) override {
    using lease::LoginProblem;
    if (!watch::is_sane(access)) {
      return {false, LoginProblem::wrong_host_key, "the host's SSH address makes no sense", {}};
    }
    const PinnedKey pinned(options_.state_dir, access.host_key);
    if (!pinned.written()) return {false, LoginProblem::unreachable, "the watch has no space", {}};
    ChildRequest request;
    request.argv = ssh_argv(options_, pinned.path(), access, check_card);
    request.environment = environment(options_);
    request.timeout_ms = options_.timeout_ms;
    const auto done = run_child(request);
    if (!done) return {false, LoginProblem::unreachable, done.error().message, {}};
    if (done->timed_out) return {false, LoginProblem::unreachable, "no answer in time", {}};
    if (done->errors.find("Host key verification failed") != std::string::npos) {
      return {false, LoginProblem::wrong_host_key, "another host key than the host named", {}};
    }
    if (done->exit_code == 255) return {false, LoginProblem::unreachable, "no login", {}};
    return watch::judge(quote, check_card, done->output);
  }

 private:
  const SshOptions options_;
  const std::string public_key_;
};

}  // namespace

base::Result<std::unique_ptr<ports::Logins>> make_logins(const SshOptions& options) {
  if (::mkdir(options.state_dir.c_str(), 0700) != 0 && errno != EEXIST) {
    return cannot_write(options.state_dir);
  }
  const std::string path = options.state_dir + "/watch_ed25519";
  TRY_VOID(make_key(options, path));
  TRY(auto line, first_line(path + ".pub"));
  return std::unique_ptr<ports::Logins>(std::make_unique<SshLogins>(options, std::move(line)));
}

std::vector<std::string> ssh_argv(const SshOptions& options, const std::string& known_hosts,
                                  const lease::SshAccess& access, bool check_card) {
  std::vector<std::string> argv{options.ssh, "-F", "/dev/null", "-T"};
  const std::string key = options.state_dir + "/watch_ed25519";
  for (const std::string& option : {
           std::string("BatchMode=yes"),
           std::string("ConnectTimeout=5"),
           std::string("ConnectionAttempts=1"),
           std::string("StrictHostKeyChecking=yes"),
           "UserKnownHostsFile=" + known_hosts,
           std::string("GlobalKnownHostsFile=/dev/null"),
           std::string("HostKeyAlias=lease"),
           std::string("HostKeyAlgorithms=ssh-ed25519"),
           std::string("CheckHostIP=no"),
           std::string("UpdateHostKeys=no"),
           std::string("IdentitiesOnly=yes"),
           "IdentityFile=" + key,
           std::string("IdentityAgent=none"),
           std::string("PreferredAuthentications=publickey"),
           // The post-quantum exchange costs 70 ms, and there is nothing secret in a proof of life.
           std::string("KexAlgorithms=curve25519-sha256"),
           std::string("ForwardAgent=no"),
           std::string("ClearAllForwardings=yes"),
           std::string("ControlPath=none"),
           std::string("PermitLocalCommand=no"),
           std::string("LogLevel=ERROR"),
       }) {
    argv.push_back("-o");
    argv.push_back(option);
  }
  const std::string command(check_card ? market::kProbeCard : market::kProbeAlive);
  for (const std::string& part : {std::string("-p"), std::to_string(access.port), std::string("-l"),
                                  access.user, std::string("--"), access.address, command}) {
    argv.push_back(part);
  }
  return argv;
}

}  // namespace obelisk::ssh
