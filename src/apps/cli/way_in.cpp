#include "apps/cli/way_in.hpp"

#include "apps/cli/files.hpp"
#include "apps/cli/knock.hpp"
#include "apps/cli/lease_account.hpp"
#include "apps/cli/lease_file.hpp"
#include "apps/cli/ssh_access.hpp"
#include "apps/cli/which_lease.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::chrono::milliseconds kPatience{1'500};

// The lease's host: as it was paid, else as its account says.
base::Result<base::PublicKey> host_of(Session& session, const base::PublicKey& lease,
                                      const std::optional<LeaseFile>& notes) {
  if (notes) return notes->host;
  TRY(ports::Chain * chain, session.chain());
  TRY(const LeaseAccount account, require_lease(*chain, lease));
  return account.host();
}

base::Result<std::vector<api::SshAccess>> others_of(const base::PublicKey& lease,
                                                    const base::PublicKey& host,
                                                    const api::Lease& told) {
  std::vector<api::SshAccess> out;
  for (const api::LeaseWay& way : told.ways.value_or(std::vector<api::LeaseWay>())) {
    if (way.address == told.ssh->address && way.port == told.ssh->port) continue;
    api::SshAccess access = *told.ssh;
    access.address = way.address;
    access.port = way.port;
    TRY_VOID(verify_ssh_access(lease, host, access));
    out.push_back(std::move(access));
  }
  return out;
}

// A gateway that has just died is named for some seconds still: then another one is taken, and it
// goes to the end.
api::SshAccess first_that_answers(const api::SshAccess& named,
                                  std::vector<api::SshAccess>& others) {
  if (others.empty() || answers(named.address, static_cast<std::uint16_t>(named.port), kPatience)) {
    return named;
  }
  for (api::SshAccess& other : others) {
    if (!answers(other.address, static_cast<std::uint16_t>(other.port), kPatience)) continue;
    api::SshAccess out = other;
    other = named;
    return out;
  }
  return named;
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
    TRY(way.others, others_of(lease, host, *told));
    way.access = first_that_answers(*told->ssh, way.others);
    return save_ssh_access(way.folder, lease, *way.access, way.identity);
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
