#include "apps/host/listing.hpp"

#include "base/crypto.hpp"
#include "core/cards/catalogue.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

// The processor has no first price in the catalogue; this one only has to be small and not zero.
constexpr std::uint64_t kCpuMicroUsdPerHour = 100'000;

base::Result<std::uint64_t> price_of(const Config& config, const std::string& card) {
  if (config.micro_usd_per_hour != 0) return config.micro_usd_per_hour;
  if (card == cards::kCpuId) return kCpuMicroUsdPerHour;
  const auto* known = cards::find_card(card);
  if (known != nullptr && known->list_micro_usd_per_hour) return *known->list_micro_usd_per_hour;
  return Error{Code::usage, "There is no first price for the card " + card + ".",
               "Name your price for one card and hour: usd_per_hour = \"2.50\"."};
}

}  // namespace

base::Result<api::Listing> make_listing(const Config& config, const Machine& machine,
                                        std::vector<api::ListedCard> cards,
                                        const base::PublicKey& host, const std::string& image,
                                        base::UnixMillis now_ms) {
  TRY(const std::uint64_t price, price_of(config, cards.front().card));
  api::Listing listing;
  listing.host = host;
  listing.seq = static_cast<std::uint64_t>(now_ms);
  listing.cards = std::move(cards);
  listing.micro_usd_per_hour = price;
  listing.micro_usd_per_gb_month = config.micro_usd_per_gb_month;
  listing.disk_bytes_max =
      config.disk_bytes != 0 ? config.disk_bytes : machine.disk_free_bytes / 4 * 3;
  listing.ram_bytes = config.ram_bytes != 0 ? config.ram_bytes : machine.ram_bytes / 4 * 3;
  listing.cpu_milli = config.cpu_milli != 0 ? config.cpu_milli : machine.cpu_milli;
  listing.max_seconds = config.max_seconds;
  listing.image = image;
  if (!config.region.empty()) listing.region = config.region;
  listing.simulated = !config.nvml_library.empty();
  return listing;
}

api::HostListing sign_listing(const api::Listing& listing, ports::Signer& signer) {
  api::HostListing message{"listing", api::to_json(listing), {}};
  base::Writer signed_bytes;
  signed_bytes.put("OBELISKL");
  signed_bytes.put(base::sha256(base::view_of(message.listing)).view());
  message.signature = signer.sign(signed_bytes.bytes());
  return message;
}

}  // namespace obelisk::host
