#include "apps/cli/image_claims.hpp"

#include <algorithm>
#include <set>

namespace obelisk::cli {
namespace {

constexpr int kMostPages = 20;
constexpr std::size_t kPage = 500;
// The market's clock writes when a lease ended, the chain's when it was opened.
constexpr base::UnixSeconds kClocksApartS = 3'600;

}  // namespace

base::Result<std::map<base::PublicKey, trust::ImageClaim>> ask_image_claims(
    MarketClient& market, const std::vector<trust::Outcome>& outcomes) {
  std::map<base::PublicKey, trust::ImageClaim> out;
  std::set<base::PublicKey> wanted;
  for (const trust::Outcome& one : outcomes) {
    if (one.started_at_s) wanted.insert(one.lease);
  }
  if (wanted.empty()) return out;
  const auto oldest = std::ranges::min(outcomes, {}, &trust::Outcome::opened_at_s).opened_at_s;
  std::vector<std::pair<std::string, std::string>> parameters{{"limit", std::to_string(kPage)}};
  for (int page = 0; page < kMostPages; ++page) {
    TRY(api::OutcomeList list, market.outcomes(parameters));
    for (api::EndedLease& lease : list.entries) {
      const auto ended_ms = base::parse_rfc3339(lease.ended_at).value_or(0);
      if (ended_ms / 1000 < oldest - kClocksApartS) return out;
      if (!lease.image || wanted.erase(lease.lease) == 0) continue;
      out[lease.lease] = {std::move(*lease.image), lease.template_.value_or(""),
                          lease.confirmed_to_login_ms};
    }
    if (wanted.empty() || !list.next) return out;
    parameters = {{"limit", std::to_string(kPage)}, {"cursor", *list.next}};
  }
  return out;
}

}  // namespace obelisk::cli
