#include "core/market/listing.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "core/cards/catalogue.hpp"
#include "core/escrow/bounds.hpp"
#include "core/market/terms.hpp"

namespace obelisk::market {
namespace {

constexpr std::uint64_t kMaxMicroUsdPerHour = 1'000'000'000;
// Offers are compared by their cards: a disk must not be what one really pays for.
constexpr std::uint64_t kMaxMicroUsdPerGbMonth = 1'000'000;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 50;
constexpr std::uint32_t kMaxCpuMilli = 10'000'000;

base::Error bad(const std::string& what, std::string action) {
  return {base::Code::invalid_input, "This listing is not taken: " + what + ".", std::move(action)};
}

bool plain_text(std::string_view text, std::size_t max_length) {
  return text.size() <= max_length &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

base::Result<void> check_card(const ListedCard& listed) {
  if (!valid_uuid(listed.uuid)) {
    return bad("a card's UUID is malformed", "Name it as nvidia-smi -L does.");
  }
  const auto* card = cards::find_card(listed.card);
  if (card == nullptr) {
    return bad("'" + listed.card.substr(0, 40) + "' is not in the catalogue",
               "Known cards: " + cards::known_ids() + ".");
  }
  if (!plain_text(listed.driver_name, 96)) {
    return bad("a driver name is malformed", "Send at most 96 printable ASCII characters.");
  }
  if (listed.card == cards::kCpuId) return {};
  if (cards::match_driver_name(listed.driver_name) != card) {
    return bad("the driver calls the card '" + listed.driver_name + "', which is not " +
                   std::string(card->name),
               "List it under the kind that its driver reports.");
  }
  if (!cards::plausible_memory(*card, listed.memory_bytes)) {
    return bad(std::string(card->name) + " with " + std::to_string(listed.memory_bytes >> 20) +
                   " MiB does not exist",
               "Send the memory that its driver reports.");
  }
  return {};
}

base::Result<void> check_reported(const Reported& reported) {
  constexpr std::uint32_t kMaxCuda = 1'000'000;
  constexpr std::uint32_t kMaxCount = 64;  // generations, lanes, links
  constexpr std::uint32_t kMaxPowerMw = 10'000'000;
  if (!plain_text(reported.cpu_name, 96) || !plain_text(reported.driver_version, 40)) {
    return bad("the name of its processor or driver is malformed",
               "Send at most 96 and 40 printable ASCII characters.");
  }
  if (reported.cuda_version > kMaxCuda || reported.pcie_generation > kMaxCount ||
      reported.pcie_lanes > kMaxCount || reported.nvlink_links > kMaxCount ||
      reported.power_limit_mw > kMaxPowerMw) {
    return bad("its driver's figures are out of range", "Send what the driver says, or nothing.");
  }
  constexpr std::uint64_t kMaxSpeed = 1'000'000'000'000'000;
  for (const auto& speed :
       {reported.memory_bytes_per_s, reported.pcie_bytes_per_s, reported.nvlink_bytes_per_s,
        reported.disk_bytes_per_s, reported.download_bits_per_s, reported.upload_bits_per_s}) {
    if (speed > kMaxSpeed) {
      return bad("a speed it measured is out of range", "Send what was measured, or nothing.");
    }
  }
  return {};
}

}  // namespace

std::uint32_t longest_lease(const Listing& listing, base::UnixSeconds now_s) {
  if (!listing.maintenance_from_s) return listing.max_seconds;
  constexpr base::UnixSeconds kMinute = 60;
  const base::UnixSeconds left = *listing.maintenance_from_s - now_s - kBeforeStartS;
  const base::UnixSeconds whole = left <= 0 ? 0 : left / kMinute * kMinute;
  return static_cast<std::uint32_t>(
      std::min<base::UnixSeconds>(whole, base::UnixSeconds{listing.max_seconds}));
}

bool has_time(const Listing& listing, base::UnixSeconds now_s) {
  return longest_lease(listing, now_s) >= std::max(listing.min_seconds, escrow::kMinSeconds);
}

base::Result<void> check_listing(const Listing& listing, bool allow_simulated,
                                 base::UnixMillis now_ms) {
  if (listing.simulated && !allow_simulated) {
    return bad("simulated cards exist on a local network only", "Start the market with --local.");
  }
  if (listing.seq > static_cast<std::uint64_t>(std::max<base::UnixMillis>(now_ms, 0)) +
                        static_cast<std::uint64_t>(kMaxSeqAheadMs)) {
    return bad("its seq is over 5 minutes in the future", "Set the clock of this host.");
  }
  if (listing.cards.size() > kMaxCardsPerHost) {
    return bad("it has more than 64 cards", "Run one host program a machine.");
  }
  std::set<std::string_view> uuids;
  std::set<std::string_view> kinds;
  for (const ListedCard& card : listing.cards) {
    TRY_VOID(check_card(card));
    if (!uuids.insert(card.uuid).second) {
      return bad("the card " + card.uuid + " is in it twice", "List each card once.");
    }
    kinds.insert(card.card);
  }
  if (kinds.size() > kMaxKindsPerHost) {
    return bad("it has more than 8 kinds of card", "Run one host program a machine.");
  }
  if (listing.micro_usd_per_hour == 0 || listing.micro_usd_per_hour > kMaxMicroUsdPerHour ||
      listing.micro_usd_per_gb_month > kMaxMicroUsdPerGbMonth) {
    return bad("its price is out of range",
               "Ask more than 0 and at most $1,000 an hour, and at most $1 a GB-month.");
  }
  if (listing.max_seconds < escrow::kMinSeconds || listing.max_seconds > escrow::kMaxSeconds) {
    return bad("its longest lease is out of range", "Use 60 to 31536000 seconds.");
  }
  if (listing.min_seconds < escrow::kMinSeconds || listing.min_seconds > listing.max_seconds) {
    return bad("its shortest lease is out of range",
               "Use at least 60 seconds, and no more than its longest.");
  }
  if (listing.disk_bytes_max > kMaxBytes || listing.ram_bytes > kMaxBytes ||
      listing.cpu_milli > kMaxCpuMilli) {
    return bad("no machine is that large", "Send bytes and thousandths of a core.");
  }
  TRY_VOID(check_images(listing.images));
  if (listing.pulls_max_bytes > kMaxBytes) {
    return bad("no image is that large", "Send what it brings at most, in bytes, or nothing.");
  }
  if (!plain_text(listing.region, 40)) {
    return bad("its region is malformed", "Send at most 40 printable ASCII characters.");
  }
  return check_reported(listing.reported);
}

}  // namespace obelisk::market
