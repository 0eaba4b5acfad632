// Which image each of some leases started from, by the market's word: the chain keeps only the hash
// of the terms. It asks what the market shows to everybody, page by page, and never for ever.
#pragma once

#include <map>
#include <vector>

#include "apps/cli/market_client.hpp"
#include "core/trust/image_times.hpp"

namespace obelisk::cli {

// Of the leases of `outcomes` that the market names an image for. The 10,000 leases of that market
// that ended last are looked through, or fewer: until all are found or older ones cannot be meant.
base::Result<std::map<base::PublicKey, trust::ImageClaim>> ask_image_claims(
    MarketClient& market, const std::vector<trust::Outcome>& outcomes);

}  // namespace obelisk::cli
