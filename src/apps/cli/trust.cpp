#include "apps/cli/trust.hpp"

#include "apps/cli/lease_file.hpp"

namespace obelisk::cli {

using base::Code;
using base::Error;

base::Result<void> trust_program(Session& session, const LeaseAccount& lease) {
  const Settings& settings = session.settings();
  if (settings.program) {
    if (*settings.program == lease.program) return {};
    return Error{Code::refused,
                 "This lease belongs to the program " + lease.program.to_string() +
                     ", which is not the one you trust.",
                 "Nothing was signed. Check the lease's address, or correct --program."};
  }
  const auto file = load_lease_file(settings.state_dir, lease.address);
  if (file && *file && (*file)->program == lease.program) return {};
  TRY(MarketClient * market, session.market());
  const auto info = market->info();
  if (info && info->program == lease.program) return {};
  return Error{Code::refused,
               "This machine does not know the lease's program " + lease.program.to_string() + ".",
               "If you trust it: --program " + lease.program.to_string()};
}

}  // namespace obelisk::cli
