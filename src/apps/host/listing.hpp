// What this host offers, as the signed text the market gets. The signature is over OBELISKL and the
// text's SHA-256, so it can be nothing else than a listing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/types.hpp"
#include "apps/host/config.hpp"
#include "apps/host/machine.hpp"
#include "base/time.hpp"
#include "ports/gpus.hpp"
#include "ports/signer.hpp"

namespace obelisk::host {

// What one card of a kind costs where its owner names no price: the catalogue's first price, a
// small one for the processor. Nothing for a kind that has none.
std::optional<std::uint64_t> first_price(std::string_view card);

// The shares that leases may take are settled here: what the owner said, else three quarters of the
// memory and of the free disk, and every core. invalid_input for cards without a first price when
// the owner named none either.
base::Result<api::Listing> make_listing(const Config& config, const Machine& machine,
                                        std::vector<api::ListedCard> cards,
                                        const base::PublicKey& host,
                                        std::vector<api::ListedImage> images,
                                        base::UnixMillis now_ms);

// What the driver says of the listed cards, the least of them, and the processor's name: what is
// not known of each of them stays out.
void add_reported(api::Listing& listing, const Machine& machine,
                  const std::vector<ports::Gpu>& gpus);

api::HostListing sign_listing(const api::Listing& listing, ports::Signer& signer);

}  // namespace obelisk::host
