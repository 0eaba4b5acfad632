#include "core/market/book.hpp"

#include <algorithm>

#include "base/crypto.hpp"
#include "core/cards/catalogue.hpp"
#include "core/escrow/bounds.hpp"

namespace obelisk::market {
namespace {

bool is_asked_for(const Offer& offer, const Search& search) {
  return (!search.card || offer.card == *search.card) &&
         (!search.offer || offer.id == *search.offer);
}

bool is_long_enough(const Offer& offer, const Search& search) {
  return search.bought == 0 || offer.min_seconds <= search.bought;
}

Offer make_offer(const Listing& listing, const std::string& card, std::uint32_t longest) {
  Offer out;
  out.id = offer_id(listing.host, card);
  out.host = listing.host;
  out.card = card;
  out.micro_usd_per_hour = listing.micro_usd_per_hour;
  out.micro_usd_per_gb_month = listing.micro_usd_per_gb_month;
  // A lease with every card gets the whole machine, so one card brings its even share: whoever
  // holds a card holds its share, and no free card is left without disk.
  out.disk_bytes_max = listing.disk_bytes_max / listing.cards.size();
  out.ram_bytes = listing.ram_bytes / listing.cards.size();
  out.cpu_milli = listing.cpu_milli / static_cast<std::uint32_t>(listing.cards.size());
  out.max_seconds = longest;
  out.min_seconds = listing.min_seconds;
  out.images = listing.images;
  out.pulls_max_bytes = listing.pulls_max_bytes;
  out.region = listing.region;
  out.simulated = listing.simulated;
  out.reported = listing.reported;
  out.maintenance_from_s = listing.maintenance_from_s;
  return out;
}

void add_offers(const Listing& listing, const BusyCards& busy, base::UnixSeconds now_s,
                std::vector<Offer>& out) {
  const std::uint32_t longest = longest_lease(listing, now_s);
  if (listing.cards.empty() || !has_time(listing, now_s)) return;
  std::map<std::string, Offer> by_kind;
  for (const ListedCard& card : listing.cards) {
    auto& offer =
        by_kind.try_emplace(card.card, make_offer(listing, card.card, longest)).first->second;
    offer.memory_bytes =
        offer.listed == 0 ? card.memory_bytes : std::min(offer.memory_bytes, card.memory_bytes);
    ++offer.listed;
    if (!busy.contains({listing.host, card.uuid})) offer.free.push_back(card);
  }
  for (auto& [kind, offer] : by_kind) {
    std::ranges::sort(offer.free, {}, &ListedCard::uuid);
    out.push_back(std::move(offer));
  }
}

// An outsider's word as a message may repeat it.
std::string shown(std::string_view word) {
  std::string out(word.substr(0, 40));
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

// "jupyter, ssh": of all these offers together.
std::string template_names(const std::vector<Offer>& offers) {
  std::set<std::string> names;
  for (const Offer& offer : offers) {
    for (const ListedImage& image : offer.images) names.insert(image.template_name);
  }
  names.erase("");
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

base::Error no_image(const Search& search, const std::string& what, const std::string& templates) {
  const bool by_digest = search.image.digest.has_value();
  const std::string asked =
      by_digest ? "the image " + shown(search.image.digest->substr(0, 19)) + "..."
                : "the template '" + shown(search.image.template_name.value_or("")) + "'";
  return {base::Code::not_found, "No host that offers " + what + " has " + asked + ".",
          templates.empty() ? "Leave it out: every host has an image of its own."
                            : "Templates there: " + templates + "."};
}

// "rtx-4090 (3), l4 (1)": what is free right now, for somebody who found nothing.
std::string free_kinds(const FreeCards& free) {
  std::string out;
  for (const auto& [kind, count] : free) {
    if (!out.empty()) out += ", ";
    out += kind + " (" + std::to_string(count) + ")";
  }
  return out;
}

}  // namespace

std::uint64_t proven_bytes(const Offer& offer) {
  const auto least = std::ranges::min_element(offer.free, {}, &ListedCard::proven_bytes);
  return least == offer.free.end() ? 0 : least->proven_bytes;
}

std::string offer_id(const base::PublicKey& host, std::string_view card) {
  base::Writer bytes;
  bytes.put(host.view());
  bytes.put(card);
  return base::to_hex(base::sha256(bytes.bytes()).view().first(8));
}

bool ListingBook::put(const Listing& listing) {
  const auto [at, is_new] = listings_.try_emplace(listing.host, listing);
  if (is_new) return true;
  if (listing.seq <= at->second.seq) return false;
  at->second = listing;
  return true;
}

bool ListingBook::forget_one(const std::function<bool(const base::PublicKey&)>& dispensable) {
  const auto at =
      std::ranges::find_if(listings_, [&](const auto& entry) { return dispensable(entry.first); });
  if (at == listings_.end()) return false;
  listings_.erase(at);
  return true;
}

const Listing* ListingBook::find(const base::PublicKey& host) const {
  const auto at = listings_.find(host);
  return at == listings_.end() ? nullptr : &at->second;
}

std::vector<Offer> ListingBook::offers(const BusyCards& busy,
                                       const std::function<bool(const base::PublicKey&)>& reachable,
                                       base::UnixSeconds now_s) const {
  std::vector<Offer> out;
  for (const auto& [host, listing] : listings_) {
    if (!reachable(host)) continue;
    add_offers(listing, busy, now_s, out);
  }
  std::ranges::sort(out, [](const Offer& a, const Offer& b) {
    if (a.micro_usd_per_hour != b.micro_usd_per_hour) {
      return a.micro_usd_per_hour < b.micro_usd_per_hour;
    }
    if (a.free.size() != b.free.size()) return a.free.size() > b.free.size();
    return a.id < b.id;
  });
  return out;
}

std::vector<Offer> ListingBook::offers_with(
    std::string_view card, const BusyCards& busy,
    const std::function<bool(const base::PublicKey&)>& reachable, base::UnixSeconds now_s) const {
  std::vector<Offer> out;
  for (const auto& [host, listing] : listings_) {
    const bool has = std::ranges::any_of(
        listing.cards, [&](const ListedCard& listed) { return listed.card == card; });
    if (has && reachable(host)) add_offers(listing, busy, now_s, out);
  }
  std::erase_if(out, [&](const Offer& offer) { return offer.card != card; });
  return out;
}

std::map<CardKind, Tally> ListingBook::tally(
    const BusyCards& busy, const std::function<bool(const base::PublicKey&)>& reachable) const {
  std::map<CardKind, Tally> out;
  for (const auto& [host, listing] : listings_) {
    if (!reachable(host)) continue;
    for (const ListedCard& card : listing.cards) {
      Tally& kind = out[{card.card, listing.simulated}];
      ++kind.listed;
      if (busy.contains({host, card.uuid})) continue;
      ++kind.free;
      const std::uint64_t price = listing.micro_usd_per_hour;
      kind.from_micro_usd_per_hour = std::min(kind.from_micro_usd_per_hour.value_or(price), price);
    }
  }
  return out;
}

std::vector<Offer> ListingBook::offers_of(const base::PublicKey& host, const BusyCards& busy,
                                          base::UnixSeconds now_s) const {
  std::vector<Offer> out;
  if (const Listing* listing = find(host); listing != nullptr) {
    add_offers(*listing, busy, now_s, out);
  }
  return out;
}

std::vector<base::PublicKey> ListingBook::listed() const {
  std::vector<base::PublicKey> out;
  out.reserve(listings_.size());
  for (const auto& [host, listing] : listings_) out.push_back(host);
  return out;
}

std::vector<Offer> matching(const std::vector<Offer>& offers, const Search& search) {
  std::vector<Offer> out;
  std::ranges::copy_if(offers, std::back_inserter(out), [&](const Offer& offer) {
    return is_asked_for(offer, search) && offer.free.size() >= search.count &&
           offer.max_seconds >= search.seconds && is_long_enough(offer, search) &&
           find_image(offer.images, search.image) != nullptr &&
           offer.disk_bytes_max * search.count >= search.disk_bytes;
  });
  return out;
}

base::Error why_none(const std::vector<Offer>& offers, const Search& search,
                     std::int64_t free_again_in_s) {
  FreeCards free;
  for (const Offer& offer : offers) {
    if (!offer.free.empty()) free[offer.card] += offer.free.size();
  }
  return why_none(offers, free, search, free_again_in_s);
}

base::Error why_none(const std::vector<Offer>& offers, const FreeCards& free, const Search& search,
                     std::int64_t free_again_in_s) {
  using base::Code;
  const std::string kinds = free_kinds(free);
  const std::string else_free = kinds.empty()
                                    ? "No other card is free either. Ask again in a minute."
                                    : "Free now: " + kinds + ".";
  if (search.card && cards::find_card(*search.card) == nullptr) {
    return {Code::not_found, "There is no card '" + shown(*search.card) + "'.",
            "Cards: " + cards::known_ids() + "."};
  }
  std::vector<Offer> asked;
  std::ranges::copy_if(offers, std::back_inserter(asked),
                       [&](const Offer& offer) { return is_asked_for(offer, search); });
  if (asked.empty() && search.offer) {
    return {Code::not_found, "There is no offer '" + shown(*search.offer) + "' now.", else_free};
  }
  const std::string what = search.card.value_or("card");
  if (asked.empty()) return {Code::not_found, "Nobody offers " + what + " now.", else_free};
  const std::string templates = template_names(asked);
  std::erase_if(
      asked, [&](const Offer& offer) { return find_image(offer.images, search.image) == nullptr; });
  if (asked.empty()) return no_image(search, what, templates);
  std::size_t most_listed = 0;
  std::uint32_t longest = 0;
  std::uint32_t shortest = escrow::kMaxSeconds;
  std::uint64_t largest_disk = 0;
  for (const Offer& offer : asked) {
    most_listed = std::max(most_listed, offer.listed);
    longest = std::max(longest, offer.max_seconds);
    shortest = std::min(shortest, offer.min_seconds);
    largest_disk = std::max(largest_disk, offer.disk_bytes_max * search.count);
  }
  if (most_listed < search.count) {
    return {Code::not_found,
            "No host has " + std::to_string(search.count) + " of them: the most is " +
                std::to_string(most_listed) + ".",
            "Ask for " + std::to_string(most_listed) + " or fewer."};
  }
  if (longest < search.seconds) {
    return {Code::invalid_input,
            "No host rents for so long: the longest is " + base::to_duration_text(longest) + ".",
            "Ask for " + std::to_string(longest) + " seconds or less."};
  }
  if (search.bought != 0 && shortest > search.bought) {
    return {Code::invalid_input,
            "No host rents for so short: the shortest is " + base::to_duration_text(shortest) + ".",
            "Ask for " + std::to_string(shortest) +
                " seconds or more: what is left when you stop comes back."};
  }
  if (largest_disk < search.disk_bytes) {
    return {Code::invalid_input,
            "No host has so much disk for " + std::to_string(search.count) +
                " of them: the most is " + std::to_string(largest_disk / 1'000'000'000) + " GB.",
            "Ask for less disk, or for more cards: each brings its share of the machine."};
  }
  const std::string when = free_again_in_s > 0
                               ? " The first is free again in " +
                                     base::to_duration_text(free_again_in_s) + " at the latest."
                               : "";
  return {Code::conflict, "Every " + what + " that fits is taken." + when, else_free};
}

}  // namespace obelisk::market
