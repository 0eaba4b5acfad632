#include "apps/host/listing.hpp"

#include <algorithm>

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
  if (const auto first = first_price(card)) return *first;
  return Error{Code::usage, "There is no first price for the card " + card + ".",
               "Name your price for one card and hour: usd_per_hour = \"2.50\"."};
}

// Nothing where one of the cards does not say.
std::optional<std::uint32_t> least(const std::vector<ports::Gpu>& gpus,
                                   std::optional<std::uint32_t> ports::Gpu::* figure) {
  std::optional<std::uint32_t> out;
  for (const ports::Gpu& gpu : gpus) {
    const auto& value = gpu.*figure;
    if (!value) return std::nullopt;
    out = std::min(out.value_or(*value), *value);
  }
  return out;
}

}  // namespace

std::optional<std::uint64_t> first_price(std::string_view card) {
  if (card == cards::kCpuId) return kCpuMicroUsdPerHour;
  const auto* known = cards::find_card(card);
  return known == nullptr ? std::nullopt : known->list_micro_usd_per_hour;
}

void add_reported(api::Listing& listing, const Machine& machine,
                  const std::vector<ports::Gpu>& gpus) {
  if (machine.cpu_model != kUnknownProcessor) listing.cpu_name = machine.cpu_model;
  listing.disk_bytes_per_s = machine.disk_bytes_per_s;
  std::vector<ports::Gpu> listed;
  std::ranges::copy_if(gpus, std::back_inserter(listed), [&](const ports::Gpu& gpu) {
    return std::ranges::find(listing.cards, gpu.uuid, &api::ListedCard::uuid) !=
           listing.cards.end();
  });
  if (listed.empty()) return;
  const ports::Gpu& first = listed.front();  // one driver for all of them
  if (!first.driver_version.empty()) listing.driver_version = first.driver_version.substr(0, 40);
  if (first.cuda_version > 0) {
    listing.cuda_version = static_cast<std::uint32_t>(first.cuda_version);
  }
  listing.pcie_generation = least(listed, &ports::Gpu::pcie_generation);
  listing.pcie_lanes = least(listed, &ports::Gpu::pcie_lanes);
  listing.nvlink_links = least(listed, &ports::Gpu::nvlink_links);
  listing.power_limit_mw = least(listed, &ports::Gpu::power_limit_mw);
}

base::Result<api::Listing> make_listing(const Config& config, const Machine& machine,
                                        std::vector<api::ListedCard> cards,
                                        const base::PublicKey& host,
                                        std::vector<api::ListedImage> images,
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
  listing.images = std::move(images);
  if (config.pull_max_gb != 0) listing.pulls_max_bytes = config.pull_max_gb * 1'000'000'000ULL;
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
