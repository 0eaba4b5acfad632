#include "apps/cli/which_lease.hpp"

#include "apps/cli/lease_file.hpp"

namespace obelisk::cli {

base::Result<base::PublicKey> which_lease(Session& session, const std::string& text) {
  auto known = find_lease(session.settings().state_dir, text);
  if (known || text.size() < kMinLeasePrefix || text.size() > 44) return known;
  // Rented from another machine, perhaps. Where that cannot be asked, the first error says enough.
  auto market = session.market();
  if (!market) return known;
  const auto list = (*market)->leases();
  if (!list) return known;
  std::optional<base::PublicKey> found;
  for (const api::Lease& lease : list->leases) {
    if (!lease.lease.to_string().starts_with(text)) continue;
    if (found) return known;
    found = lease.lease;
  }
  if (!found) return known;
  return *found;
}

}  // namespace obelisk::cli
