// obelisk ssh and ssh-config: the system's ssh, with the host key that the lease's host signed.
#include "apps/cli/child.hpp"
#include "apps/cli/ssh_access.hpp"
#include "apps/cli/ssh_entry.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/way_in.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {

base::Result<void> ssh(Session& session, const SshOptions& options) {
  TRY(const WayIn way, way_in(session, options.lease, options.identity));
  const auto command = ssh_command(way.folder, false, options.command);
  if (!options.print) return become(command);
  std::string line;
  std::vector<std::string> words;
  for (const std::string& word : command) {
    line += (line.empty() ? "" : " ") + word;
    words.push_back(base::json_string(word));
  }
  session.out().line(line);
  session.out().result(base::JsonLine().raw("command", base::json_array(words)).done());
  return {};
}

base::Result<void> ssh_config(Session& session, const SshConfigOptions& options) {
  TRY(const WayIn way, way_in(session, options.lease, options.identity));
  if (!way.access) {
    return base::Error{
        base::Code::unreachable, "The market does not say where the machine is now.",
        "Try again, or log in by what was pinned: obelisk ssh " + way.lease.to_string()};
  }
  const std::string name = entry_name(way.lease);
  TRY(std::string entry, ssh_config_text(name + " " + way.lease.to_string(), way.lease, *way.access,
                                         way.identity, way.folder));
  std::vector<std::string> others;
  std::vector<std::string> quoted;
  for (const api::SshAccess& access : way.others) {
    const std::string other = name + "-" + std::to_string(others.size() + 2);
    TRY(const std::string more,
        ssh_config_text(other, way.lease, access, way.identity, way.folder));
    entry += "\n" + more;
    others.push_back(other);
    quoted.push_back(base::json_string(other));
  }
  const std::string bare = bare_command(way.lease, *way.access);
  if (options.install) TRY_VOID(install_entry(session.settings(), way.folder, entry));
  Output& out = session.out();
  if (options.install) {
    out.line("Written. From now on: ssh " + name);
    for (const std::string& other : others) {
      out.line("Where that gateway is away, through another: ssh " + other);
    }
  } else {
    out.line(entry);
  }
  out.line("Without this program, from anywhere the key is:");
  out.line("  " + bare);
  out.result(base::JsonLine()
                 .key("lease", way.lease)
                 .raw("host", base::json_string(name))
                 .raw("others", base::json_array(quoted))
                 .raw("entry", base::json_string(entry))
                 .raw("command", base::json_string(bare))
                 .raw("installed", options.install ? "true" : "false")
                 .done());
  return {};
}

}  // namespace obelisk::cli
