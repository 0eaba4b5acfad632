// obelisk ssh: the system's ssh, with the host key that the lease's host signed.
#include "apps/cli/child.hpp"
#include "apps/cli/files.hpp"
#include "apps/cli/lease_account.hpp"
#include "apps/cli/lease_file.hpp"
#include "apps/cli/ssh_access.hpp"
#include "apps/cli/text/json.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_lease.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

// The lease's host: as it was paid, else as its account says.
base::Result<base::PublicKey> host_of(Session& session, const base::PublicKey& lease,
                                      const std::optional<LeaseFile>& notes) {
  if (notes) return notes->host;
  TRY(ports::Chain * chain, session.chain());
  TRY(const LeaseAccount account, require_lease(*chain, lease));
  return account.host();
}

base::Result<void> refresh(Session& session, const base::PublicKey& lease,
                           const std::string& folder, const std::optional<LeaseFile>& notes,
                           const std::string& identity) {
  TRY(MarketClient * market, session.market());
  const auto told = market->lease(lease);
  if (told && told->state == api::LeaseState::ended) {
    return Error{Code::expired, "This lease is over, and its machine is gone.",
                 "See what was paid: obelisk receipt " + lease.to_string()};
  }
  if (told && told->ssh) {
    TRY(const base::PublicKey host, host_of(session, lease, notes));
    TRY_VOID(verify_ssh_access(lease, host, *told->ssh));
    return save_ssh_access(folder, lease, *told->ssh, identity);
  }
  // The market is away: what was pinned before still holds.
  TRY(const auto pinned, read_file(folder + "/ssh_config", 64 << 10));
  if (pinned) return {};
  if (!told) return told.error();
  return Error{Code::not_found, "This lease has no SSH address yet. " + told->message,
               "Look again: obelisk show " + lease.to_string()};
}

}  // namespace

base::Result<void> ssh(Session& session, const SshOptions& options) {
  const Settings& settings = session.settings();
  TRY(const base::PublicKey lease, which_lease(session, options.lease));
  TRY(const auto notes, load_lease_file(settings.state_dir, lease));
  const std::string folder = lease_folder(settings.state_dir, lease);
  const std::string fallback = notes ? notes->identity_file : settings.home + "/.ssh/id_ed25519";
  const std::string identity = absolute_path(options.identity.value_or(fallback));
  TRY_VOID(refresh(session, lease, folder, notes, identity));
  const auto command = ssh_command(folder, false, options.command);
  if (!options.print) return become(command);
  std::string line;
  std::vector<std::string> words;
  for (const std::string& word : command) {
    line += (line.empty() ? "" : " ") + word;
    words.push_back(json_string(word));
  }
  session.out().line(line);
  session.out().result(JsonLine().raw("command", json_array(words)).done());
  return {};
}

}  // namespace obelisk::cli
