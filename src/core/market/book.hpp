// The listing book: the newest listing of every host, the offers that follow from it, and the
// search through them. Which hosts are reachable and which cards are taken is told from outside.
// It must never mix two kinds of card in one offer: such a lease runs at the pace of its slowest.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/market/listing.hpp"

namespace obelisk::market {

// Cards of one kind on one host.
struct Offer {
  std::string id;  // of host and kind: the same for as long as the host lists that kind
  base::PublicKey host;
  std::string card;
  std::vector<ListedCard> free;    // by UUID
  std::size_t listed = 0;          // free or not
  std::uint64_t memory_bytes = 0;  // of one card, the least
  std::uint64_t micro_usd_per_hour = 0;
  std::uint64_t micro_usd_per_gb_month = 0;
  std::uint64_t disk_bytes_max = 0;  // with one card
  std::uint64_t ram_bytes = 0;       // with one card
  std::uint32_t cpu_milli = 0;       // with one card
  std::uint32_t max_seconds = 0;
  std::uint32_t min_seconds = escrow::kMinSeconds;
  std::vector<ListedImage> images;    // the first is for who names none
  std::uint64_t pulls_max_bytes = 0;  // of others that it brings when asked; 0: none
  std::string region;
  bool simulated = false;
  Reported reported;
  std::optional<base::UnixSeconds> maintenance_from_s = {};
  bool operator==(const Offer&) const = default;
};

// A card of the catalogue, and whether it exists.
struct CardKind {
  std::string card;
  bool simulated = false;
  auto operator<=>(const CardKind&) const = default;
};

// Of one kind: how many are free, how many are listed, and what the cheapest free one costs.
struct Tally {
  std::uint64_t free = 0;
  std::uint64_t listed = 0;
  std::optional<std::uint64_t> from_micro_usd_per_hour;
  bool operator==(const Tally&) const = default;
};

// The cards that leases and open quotes hold: the host and the UUID, since hosts name their cards.
using BusyCards = std::set<std::pair<base::PublicKey, std::string>>;

// What somebody looks for. Empty fields do not matter.
struct Search {
  std::optional<std::string> card = std::nullopt;
  std::optional<std::string> offer = std::nullopt;
  std::size_t count = 1;
  std::uint32_t seconds = 0;     // must fit the host's longest lease
  std::uint32_t bought = 0;      // of these, at first: must not be less than its shortest; 0: any
  std::uint64_t disk_bytes = 0;  // must fit what so many cards bring
  WantedImage image = {};        // must lie there
};

// Of one card, the least of the free ones; 0: of one of them nothing is proven.
std::uint64_t proven_bytes(const Offer& offer);

// First 16 hex digits of SHA-256(host, card id).
std::string offer_id(const base::PublicKey& host, std::string_view card);

class ListingBook {
 public:
  // Takes a checked listing; false where one with the same or a later seq is there already.
  bool put(const Listing& listing);
  // Makes room: forgets one host that `dispensable` says yes to; false where there is none.
  bool forget_one(const std::function<bool(const base::PublicKey&)>& dispensable);
  const Listing* find(const base::PublicKey& host) const;
  std::size_t hosts() const { return listings_.size(); }

  // Every offer of the hosts that `reachable` says yes to, also those with nothing free; cheapest
  // first, then the one with most free cards, then by card. Where maintenance is near, the longest
  // lease is shorter, or the offer is not there.
  std::vector<Offer> offers(const BusyCards& busy,
                            const std::function<bool(const base::PublicKey&)>& reachable,
                            base::UnixSeconds now_s) const;

  // Of one kind of card alone.
  std::vector<Offer> offers_with(std::string_view card, const BusyCards& busy,
                                 const std::function<bool(const base::PublicKey&)>& reachable,
                                 base::UnixSeconds now_s) const;

  // The same in figures, by kind of card.
  std::map<CardKind, Tally> tally(
      const BusyCards& busy, const std::function<bool(const base::PublicKey&)>& reachable) const;

  // Those of one host, reachable or not, by card.
  std::vector<Offer> offers_of(const base::PublicKey& host, const BusyCards& busy,
                               base::UnixSeconds now_s) const;
  // Every host that has a listing.
  std::vector<base::PublicKey> listed() const;

 private:
  std::map<base::PublicKey, Listing> listings_;  // keys are chosen by outsiders: ordered
};

// Those of `offers` that have what is asked for, in their order.
std::vector<Offer> matching(const std::vector<Offer>& offers, const Search& search);

// Why `matching` found nothing, and what else there is: not_found for a card or offer that does not
// exist, conflict where all are taken. `free_again_in_s` is when the first fitting card becomes
// free at the latest; 0: unknown.
base::Error why_none(const std::vector<Offer>& offers, const Search& search,
                     std::int64_t free_again_in_s);
// The same where `asked` are only the offers that are asked for, free or not, and `free` counts the
// free cards of every kind.
using FreeCards = std::map<std::string, std::size_t>;
base::Error why_none(const std::vector<Offer>& asked, const FreeCards& free, const Search& search,
                     std::int64_t free_again_in_s);

}  // namespace obelisk::market
