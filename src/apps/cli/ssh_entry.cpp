#include "apps/cli/ssh_entry.hpp"

#include "apps/cli/files.hpp"
#include "apps/cli/ssh_access.hpp"

namespace obelisk::cli {
namespace {

constexpr std::size_t kMaxConfig = 1 << 20;

}  // namespace

std::string entry_name(const base::PublicKey& lease) {
  return "obelisk-" + lease.to_string().substr(0, 8);
}

std::string bare_command(const base::PublicKey& lease, const api::SshAccess& access) {
  const std::string name = entry_name(lease);
  return "ssh -p " + std::to_string(access.port) + " -o HostKeyAlias=" + name +
         " -o StrictHostKeyChecking=yes -o UserKnownHostsFile=none" +
         " -o 'KnownHostsCommand=/bin/echo " + name + " " + access.host_key + "' " + access.user +
         "@" + access.address;
}

std::string with_include(std::string_view config, const std::string& line) {
  const std::string text = "\n" + std::string(config);
  if (text.find("\n" + line + "\n") != std::string::npos) return std::string(config);
  // Above everything: further down it would belong to somebody's Host entry.
  return line + "\n" + std::string(config);
}

base::Result<void> install_entry(const Settings& settings, const std::string& folder,
                                 const std::string& entry) {
  TRY_VOID(write_private_file(folder + "/host_entry", entry));
  TRY(const std::string all,
      config_path(absolute_path(settings.state_dir) + "/leases/*/host_entry"));
  const std::string file = settings.home + "/.ssh/config";
  TRY_VOID(make_private_dir(settings.home + "/.ssh"));
  TRY(const auto before, read_file(file, kMaxConfig));
  const std::string after = with_include(before.value_or(""), "Include " + all);
  if (before && after == *before) return {};
  return write_private_file(file, after);
}

}  // namespace obelisk::cli
