#include "apps/cli/way_in.hpp"

#include "apps/cli/files.hpp"
#include "apps/cli/lease_account.hpp"
#include "apps/cli/lease_file.hpp"
#include "apps/cli/ssh_access.hpp"
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

base::Result<void> refresh(Session& session, WayIn& way, const std::optional<LeaseFile>& notes) {
  const base::PublicKey& lease = way.lease;
  TRY(MarketClient * market, session.market());
  const auto told = market->lease(lease);
  if (told && told->state == api::LeaseState::ended) {
    return Error{Code::expired, "This lease is over, and its machine is gone.",
                 "See what was paid: obelisk receipt " + lease.to_string()};
  }
  if (told && told->ssh) {
    TRY(const base::PublicKey host, host_of(session, lease, notes));
    TRY_VOID(verify_ssh_access(lease, host, *told->ssh));
    way.access = *told->ssh;
    return save_ssh_access(way.folder, lease, *told->ssh, way.identity);
  }
  // The market is away: what was pinned before still holds.
  TRY(const auto pinned, read_file(way.folder + "/ssh_config", 64 << 10));
  if (pinned) return {};
  if (!told) return told.error();
  return Error{Code::not_found, "This lease has no SSH address yet. " + told->message,
               "Look again: obelisk show " + lease.to_string()};
}

}  // namespace

base::Result<WayIn> way_in(Session& session, const std::string& lease,
                           const std::optional<std::string>& identity) {
  const Settings& settings = session.settings();
  WayIn out;
  TRY(out.lease, which_lease(session, lease));
  TRY(const auto notes, load_lease_file(settings.state_dir, out.lease));
  out.folder = lease_folder(settings.state_dir, out.lease);
  const std::string fallback = notes ? notes->identity_file : settings.home + "/.ssh/id_ed25519";
  out.identity = absolute_path(identity.value_or(fallback));
  TRY_VOID(refresh(session, out, notes));
  return out;
}

}  // namespace obelisk::cli
