#include "apps/cli/ssh_access.hpp"

#include <algorithm>
#include <array>

#include "apps/cli/files.hpp"
#include "base/crypto.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxKeyFileBytes = 16 << 10;
constexpr std::size_t kMaxKeyLine = 1024;
constexpr std::string_view kHostKeyType = "ssh-ed25519";
constexpr std::array<std::string_view, 7> kUserKeyTypes{"ssh-ed25519",
                                                        "ecdsa-sha2-nistp256",
                                                        "ecdsa-sha2-nistp384",
                                                        "ecdsa-sha2-nistp521",
                                                        "sk-ssh-ed25519@openssh.com",
                                                        "sk-ecdsa-sha2-nistp256@openssh.com",
                                                        "ssh-rsa"};

Error refused(const std::string& what) {
  return {Code::refused, what,
          "Do not log in. To end it and get the rest back: obelisk stop LEASE"};
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A host name, an IPv4 or an IPv6 address; never the beginning of an option.
bool is_address(std::string_view text) {
  return !text.empty() && text.size() <= 253 && (is_letter_or_digit(text[0]) || text[0] == ':') &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == '-' || c == ':';
         });
}

bool is_user(std::string_view text) {
  return !text.empty() && text.size() <= 32 && is_letter_or_digit(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

// The key's own bytes repeat its type: what stands before them must be that.
bool is_key_blob(std::string_view type, std::string_view base64) {
  const auto bytes = base::from_base64(base64);
  if (!bytes || bytes->size() < 4 + type.size()) return false;
  base::Writer head;
  head.u8(0);
  head.u8(0);
  head.u8(0);
  head.u8(static_cast<std::uint8_t>(type.size()));
  head.put(type);
  return std::equal(head.bytes().begin(), head.bytes().end(), bytes->begin());
}

bool is_host_key(std::string_view line) {
  constexpr std::size_t kBlobBytes = 4 + 11 + 4 + 32;
  if (!line.starts_with(kHostKeyType) || line.size() <= kHostKeyType.size() ||
      line[kHostKeyType.size()] != ' ') {
    return false;
  }
  const std::string_view blob = line.substr(kHostKeyType.size() + 1);
  return is_key_blob(kHostKeyType, blob) && base::from_base64(blob)->size() == kBlobBytes;
}

std::string alias_of(const base::PublicKey& lease) { return "obelisk-" + lease.to_string(); }

}  // namespace

base::Result<std::string> config_path(const std::string& path) {
  std::string out = "\"";
  for (const char c : path) {
    if (c == '"' || c == '\\' || c == '$' || static_cast<unsigned char>(c) < 0x20) {
      return Error{Code::invalid_input, "ssh cannot be given the path " + path + ".",
                   "Use a folder without quotes, backslashes and dollars in its name."};
    }
    out += c;
    if (c == '%') out += '%';
  }
  return out + "\"";
}

base::Bytes ssh_message(const base::PublicKey& lease, std::string_view host_key) {
  base::Writer out;
  out.put("OBELISKS");
  out.put(lease.view());
  out.put(host_key);
  return std::move(out).take();
}

base::Result<void> verify_ssh_access(const base::PublicKey& lease, const base::PublicKey& host,
                                     const api::SshAccess& access) {
  if (!is_host_key(access.host_key)) {
    return refused("The lease's SSH key is not an ssh-ed25519 key.");
  }
  if (!base::verify(host, ssh_message(lease, access.host_key), access.host_key_signature)) {
    return refused("The lease's SSH key is not signed by its host.");
  }
  if (!is_address(access.address) || !is_user(access.user)) {
    return refused("The lease's SSH address is not one.");
  }
  return {};
}

base::Result<std::string> parse_public_key(std::string_view text, const std::string& file) {
  if (text.find("PRIVATE KEY") != std::string_view::npos) {
    return Error{Code::invalid_input, file + " is a private key: it must never leave this machine.",
                 "Give the public one beside it: --ssh-key " + file + ".pub"};
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  const Error bad{Code::invalid_input, file + " is not an OpenSSH public key.",
                  "Make one: ssh-keygen -t ed25519"};
  const bool one_line = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
  });
  const std::size_t space = text.find(' ');
  if (!one_line || text.size() > kMaxKeyLine || space == std::string_view::npos) return bad;
  const std::string_view type = text.substr(0, space);
  const std::string_view rest = text.substr(space + 1);
  const std::string_view blob = rest.substr(0, rest.find(' '));
  const bool known =
      std::find(kUserKeyTypes.begin(), kUserKeyTypes.end(), type) != kUserKeyTypes.end();
  if (!known || !is_key_blob(type, blob)) return bad;
  // The comment stays here: it often holds a person's name.
  return std::string(type) + " " + std::string(blob);
}

base::Result<std::string> read_public_key(const std::string& file) {
  TRY(const auto text, read_file(file, kMaxKeyFileBytes));
  if (!text) {
    return Error{Code::missing_dependency, "There is no SSH key " + file + ".",
                 "Make one with ssh-keygen -t ed25519, or name yours with --ssh-key FILE.pub."};
  }
  return parse_public_key(*text, file);
}

std::string identity_beside(const std::string& public_file) {
  constexpr std::string_view kEnding = ".pub";
  if (!public_file.ends_with(kEnding)) return public_file;
  return public_file.substr(0, public_file.size() - kEnding.size());
}

std::string known_hosts_text(const base::PublicKey& lease, const api::SshAccess& access) {
  return alias_of(lease) + " " + access.host_key + "\n";
}

base::Result<std::string> ssh_config_text(const std::string& names, const base::PublicKey& lease,
                                          const api::SshAccess& access,
                                          const std::string& identity_file,
                                          const std::string& folder) {
  TRY(const std::string identity, config_path(identity_file));
  TRY(const std::string known_hosts, config_path(folder + "/known_hosts"));
  const std::vector<std::string> lines{
      "Host " + names,
      "  HostName " + access.address,
      "  Port " + std::to_string(access.port),
      "  User " + access.user,
      "  IdentityFile " + identity,
      "  IdentitiesOnly yes",
      "  HostKeyAlias " + alias_of(lease),
      "  HostKeyAlgorithms ssh-ed25519",
      "  UserKnownHostsFile " + known_hosts,
      "  GlobalKnownHostsFile /dev/null",
      "  StrictHostKeyChecking yes",
      "  UpdateHostKeys no",
      "  CheckHostIP no",
      "  PreferredAuthentications publickey",
      "  ForwardAgent no",
      "  ConnectTimeout 10",
      "  ServerAliveInterval 15",
      "  LogLevel ERROR",
  };
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

base::Result<void> save_ssh_access(const std::string& folder, const base::PublicKey& lease,
                                   const api::SshAccess& access, const std::string& identity_file) {
  TRY(const std::string config,
      ssh_config_text("lease " + lease.to_string(), lease, access, identity_file, folder));
  TRY_VOID(make_private_dir(folder));
  TRY_VOID(write_private_file(folder + "/known_hosts", known_hosts_text(lease, access)));
  return write_private_file(folder + "/ssh_config", config);
}

std::vector<std::string> ssh_command(const std::string& folder, bool batch,
                                     const std::vector<std::string>& command) {
  std::vector<std::string> out{"ssh", "-F", folder + "/ssh_config"};
  if (batch) out.insert(out.end(), {"-o", "BatchMode=yes", "-o", "ConnectTimeout=5"});
  out.push_back("lease");
  if (!command.empty()) out.push_back("--");
  out.insert(out.end(), command.begin(), command.end());
  return out;
}

}  // namespace obelisk::cli
