// Listing: what one host offers, in its own signed words, and whether those can be believed for
// their shape. Signatures are the caller's to check. It must never take a figure that the catalogue
// says is impossible.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/escrow/bounds.hpp"
#include "core/market/images.hpp"

namespace obelisk::market {

inline constexpr std::size_t kMaxCardsPerHost = 64;
inline constexpr std::size_t kMaxKindsPerHost = 8;  // each is an offer
// A host whose clock runs ahead by more could lock itself out of correcting its listing.
inline constexpr base::UnixMillis kMaxSeqAheadMs = 5 * 60'000;

struct ListedCard {
  std::string uuid;
  std::string card;  // catalogue id
  std::string driver_name;
  std::uint64_t memory_bytes = 0;
  std::uint64_t proven_bytes = 0;  // not the host's word: what the market saw; 0: nothing
  bool operator==(const ListedCard&) const = default;
};

// What the driver and the system of a host say of it, besides. Nobody has checked it; what is not
// said is not known. Of several cards the least: a lease runs at the pace of its slowest.
struct Reported {
  std::string cpu_name;
  std::string driver_version;
  std::uint32_t cuda_version = 0;  // 12040 is 12.4; 0: not said
  std::optional<std::uint32_t> pcie_generation = {};
  std::optional<std::uint32_t> pcie_lanes = {};
  std::optional<std::uint32_t> nvlink_links = {};  // active ones; 0: none
  std::optional<std::uint32_t> power_limit_mw = {};
  // Measured by the host itself, on itself.
  std::optional<std::uint64_t> memory_bytes_per_s = {};  // of a card's own memory
  std::optional<std::uint64_t> pcie_bytes_per_s = {};    // between a card and main memory
  std::optional<std::uint64_t> nvlink_bytes_per_s = {};  // between two cards
  std::optional<std::uint64_t> disk_bytes_per_s = {};
  std::optional<std::uint64_t> download_bits_per_s = {};
  std::optional<std::uint64_t> upload_bits_per_s = {};
  bool operator==(const Reported&) const = default;
};

struct Listing {
  base::PublicKey host;
  std::uint64_t seq = 0;  // the host's Unix milliseconds: a later one replaces an earlier one
  std::vector<ListedCard> cards;
  std::uint64_t micro_usd_per_hour = 0;      // for one card
  std::uint64_t micro_usd_per_gb_month = 0;  // disk; 0: inside the price
  std::uint64_t disk_bytes_max = 0;          // of the whole machine, for leases
  std::uint64_t ram_bytes = 0;               // of the whole machine, for leases
  std::uint32_t cpu_milli = 0;               // of the whole machine, for leases
  std::uint32_t max_seconds = 0;
  std::uint32_t min_seconds = escrow::kMinSeconds;  // of a lease when it is bought
  std::vector<ListedImage> images;                  // the first is for who names none
  // It brings others for renters, unpacked no larger; 0: none.
  std::uint64_t pulls_max_bytes = 0;
  std::string region;  // may be empty
  bool simulated = false;
  Reported reported;
  // From then on the machine is needed for something else: every lease must be over.
  std::optional<base::UnixSeconds> maintenance_from_s = {};
  bool operator==(const Listing&) const = default;
};

// A quote is paid within 60 s and its lease is ready within 60 more where the market's terms are
// the usual ones; only then does its time begin.
inline constexpr base::UnixSeconds kBeforeStartS = 120;

// How long a lease quoted now may be, so that it ends before the maintenance: in whole minutes, so
// that offers do not change every second.
std::uint32_t longest_lease(const Listing& listing, base::UnixSeconds now_s);
// Whether there is time for its shortest lease: without that there is no offer.
bool has_time(const Listing& listing, base::UnixSeconds now_s);

// invalid_input says what is wrong, in words for the host's log. `allow_simulated` is true on a
// local network only: elsewhere a card that does not exist must not be offered.
base::Result<void> check_listing(const Listing& listing, bool allow_simulated,
                                 base::UnixMillis now_ms);

}  // namespace obelisk::market
