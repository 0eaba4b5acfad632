#include "adapters/podman/sshd_config.hpp"

#include <algorithm>

namespace obelisk::podman {

namespace {

constexpr std::size_t kMaxVariables = 64;
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxValue = 1024;

bool letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

bool good_name(const std::string& name) {
  return !name.empty() && name.size() <= kMaxName && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return letter(c) || digit(c); });
}

bool good_value(const std::string& value) {
  return value.size() <= kMaxValue && std::all_of(value.begin(), value.end(), [](char c) {
           return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
         });
}

// The keys and the config are mounted read-only at /lease. Idle sessions are asked for a sign of
// life every 30 s, so that no router on the way forgets them.
constexpr std::string_view kFixed = R"(HostKey /lease/ssh_host_ed25519_key
AuthorizedKeysFile /lease/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthenticationMethods publickey
UsePAM no
UseDNS no
PidFile none
PermitUserEnvironment no
PermitUserRC no
X11Forwarding no
PrintLastLog no
AllowTcpForwarding yes
AllowAgentForwarding yes
ClientAliveInterval 30
ClientAliveCountMax 4
LoginGraceTime 20
MaxAuthTries 6
MaxStartups 64:30:128
AcceptEnv LANG LC_* COLORTERM
Subsystem sftp internal-sftp
)";

}  // namespace

base::Result<void> check_environment(const std::map<std::string, std::string>& environment) {
  if (environment.size() > kMaxVariables) {
    return base::Error{base::Code::invalid_input,
                       std::to_string(environment.size()) + " environment variables, at most " +
                           std::to_string(kMaxVariables) + ".",
                       "Set fewer."};
  }
  for (const auto& [name, value] : environment) {
    if (good_name(name) && good_value(value)) continue;
    return base::Error{base::Code::invalid_input,
                       "The environment variable " + (good_name(name) ? name : "given") +
                           " has a name or value that cannot be passed on.",
                       "Use letters, digits and _ in names; plain ASCII without quotes and "
                       "backslashes in values."};
  }
  return {};
}

std::string sshd_config_text(const std::map<std::string, std::string>& environment) {
  std::string text(kFixed);
  if (environment.empty()) return text;
  // One line: sshd takes the first SetEnv and ignores the others.
  text += "SetEnv";
  for (const auto& [name, value] : environment) text += " \"" + name + "=" + value + "\"";
  return text + "\n";
}

}  // namespace obelisk::podman
