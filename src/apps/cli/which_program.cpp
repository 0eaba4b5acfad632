#include "apps/cli/which_program.hpp"

#include "apps/cli/lease_file.hpp"

namespace obelisk::cli {

using base::Code;
using base::Error;

base::Result<std::set<base::PublicKey>> programs_to_search(Session& session) {
  const Settings& settings = session.settings();
  std::set<base::PublicKey> out;
  if (settings.program) return std::set<base::PublicKey>{*settings.program};
  for (const base::PublicKey& key : known_leases(settings.state_dir)) {
    const auto notes = load_lease_file(settings.state_dir, key);
    if (notes && *notes) out.insert((*notes)->program);
  }
  if (!out.empty()) return out;
  const auto market = session.market();
  const auto info = market ? (*market)->info() : base::Result<api::MarketInfo>(market.error());
  if (info) return std::set<base::PublicKey>{info->program};
  return Error{Code::usage,
               "Which program? No lease was made on this machine, and no market answers.",
               "Name it: --program KEY, or OBELISK_PROGRAM."};
}

}  // namespace obelisk::cli
