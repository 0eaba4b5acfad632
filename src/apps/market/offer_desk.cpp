#include "apps/market/offer_desk.hpp"

#include <algorithm>
#include <set>

#include "base/crypto.hpp"
#include "core/escrow/bounds.hpp"
#include "core/market/search/wanted.hpp"

namespace obelisk::market_app {
namespace {

// Of leases that ended before a restart, so many say how long logins took.
constexpr std::size_t kEndedLooked = 1'000;

bool signed_by(const base::PublicKey& host, std::string_view text,
               const base::Signature& signature) {
  base::Writer message;
  message.put(std::string_view("OBELISKL"));
  message.put(base::sha256(base::view_of(text)).view());
  return base::verify(host, message.bytes(), signature);
}

}  // namespace

market::Listing from_api(const api::Listing& listing) {
  market::Listing out;
  out.host = listing.host;
  out.seq = listing.seq;
  for (const api::ListedCard& card : listing.cards) {
    out.cards.push_back({card.uuid, card.card, card.driver_name, card.memory_bytes});
  }
  out.micro_usd_per_hour = listing.micro_usd_per_hour;
  out.micro_usd_per_gb_month = listing.micro_usd_per_gb_month;
  out.disk_bytes_max = listing.disk_bytes_max;
  out.ram_bytes = listing.ram_bytes;
  out.cpu_milli = listing.cpu_milli;
  out.max_seconds = listing.max_seconds;
  out.min_seconds = listing.min_seconds.value_or(escrow::kMinSeconds);
  for (const api::ListedImage& image : listing.images) {
    out.images.push_back({image.digest, image.template_.value_or(""), image.size_bytes});
  }
  out.pulls_max_bytes = listing.pulls_max_bytes.value_or(0);
  out.region = listing.region.value_or("");
  out.simulated = listing.simulated;
  market::Reported& reported = out.reported;
  reported.cpu_name = listing.cpu_name.value_or("");
  reported.driver_version = listing.driver_version.value_or("");
  reported.cuda_version = listing.cuda_version.value_or(0);
  reported.pcie_generation = listing.pcie_generation;
  reported.pcie_lanes = listing.pcie_lanes;
  reported.nvlink_links = listing.nvlink_links;
  reported.power_limit_mw = listing.power_limit_mw;
  reported.memory_bytes_per_s = listing.memory_bytes_per_s;
  reported.pcie_bytes_per_s = listing.pcie_bytes_per_s;
  reported.nvlink_bytes_per_s = listing.nvlink_bytes_per_s;
  reported.disk_bytes_per_s = listing.disk_bytes_per_s;
  reported.download_bits_per_s = listing.download_bits_per_s;
  reported.upload_bits_per_s = listing.upload_bits_per_s;
  if (listing.maintenance_from_s) {
    out.maintenance_from_s = static_cast<base::UnixSeconds>(*listing.maintenance_from_s);
  }
  return out;
}

StoreEvents OfferDesk::store_events() {
  return {[this](const lease::Quote& quote) { live_.quoted(quote); },
          [this](const base::PublicKey& lease, const lease::Life& life) {
            live_.stepped(lease, life);
          }};
}

base::Result<void> OfferDesk::load_leases() {
  TRY(auto ended, store_.ended({kEndedLooked}));
  std::ranges::reverse(ended);  // the newest last, as they will come from now on
  for (const lease::Record& record : ended) live_.remember(record);
  TRY(const auto live, store_.not_ended());
  for (const lease::Record& record : live) live_.remember(record);
  return {};
}

base::Result<void> OfferDesk::load() {
  TRY_VOID(load_leases());
  TRY(const auto rows, store_.listings());
  const std::lock_guard lock(mutex_);
  for (const ports::ListingRow& row : rows) {
    // Rules may have become stricter since it was written; the host will list again.
    const auto parsed = api::listing_from_json(row.text);
    if (!parsed || parsed->host != row.host || !signed_by(row.host, row.text, row.signature)) {
      continue;
    }
    const market::Listing listing = from_api(*parsed);
    if (!market::check_listing(listing, local_, clock_.now_ms())) continue;
    book_.put(listing);
    expect_shrinking(listing);
  }
  return {};
}

base::Result<void> OfferDesk::check_pace(const market::Listing& listing) {
  const market::Listing* before = book_.find(listing.host);
  const bool is_news = before == nullptr || before->seq < listing.seq;
  if (!is_news) return {};  // as after every new connection
  // What leaves must be able to: twice in a row is nothing new.
  const bool withdraws = listing.cards.empty() && before != nullptr && !before->cards.empty();
  const std::int64_t wait_ms = rate_.take(listing.host, clock_.steady_ms());
  if (wait_ms == 0 || withdraws) return {};
  return base::Error{base::Code::rate_limited,
                     "This host changes its listing too often. The one before stands.",
                     "Send it again in " + std::to_string((wait_ms + 999) / 1000) + " s."};
}

void OfferDesk::expect_shrinking(const market::Listing& listing) {
  if (const auto at = shrinks_at_ms_.find(listing.host); at != shrinks_at_ms_.end()) {
    shrinking_.erase({at->second, listing.host});
    shrinks_at_ms_.erase(at);
  }
  if (!listing.maintenance_from_s) return;
  const base::UnixSeconds left = *listing.maintenance_from_s - market::kBeforeStartS - now_s();
  if (left < 0) return;
  // The longest lease is in whole minutes: it changes right after each of them.
  constexpr base::UnixSeconds kMinute = 60;
  const base::UnixSeconds beyond = left - base::UnixSeconds{listing.max_seconds};
  const base::UnixSeconds in_s = beyond > 0 ? beyond : left % kMinute + 1;
  const std::int64_t at_ms = clock_.steady_ms() + in_s * 1000;
  shrinking_.emplace(at_ms, listing.host);
  shrinks_at_ms_.emplace(listing.host, at_ms);
}

bool OfferDesk::knows(const base::PublicKey& host) const {
  const std::lock_guard lock(mutex_);
  return book_.find(host) != nullptr;
}

bool OfferDesk::lists_image(const base::PublicKey& host, const std::string& digest) const {
  const std::lock_guard lock(mutex_);
  const market::Listing* listing = book_.find(host);
  return listing != nullptr && market::find_image(listing->images, {.digest = digest}) != nullptr;
}

bool OfferDesk::is_refused(const base::PublicKey& host) const {
  return refusals_ != nullptr && refusals_->contains(host);
}

void OfferDesk::put(const market::Listing& listing) {
  std::vector<market::ListedCard> before;
  if (const market::Listing* known = book_.find(listing.host)) before = known->cards;
  if (!book_.put(listing)) return;
  expect_shrinking(listing);
  if (!listing.cards.empty()) {
    taken_back_.erase(listing.host);
  } else if (!before.empty()) {
    taken_back_[listing.host] = std::move(before);
    // Of hosts that were forgotten nothing stays here either.
    const auto is_gone = [this](const auto& one) { return book_.find(one.first) == nullptr; };
    if (taken_back_.size() > book_.hosts()) std::erase_if(taken_back_, is_gone);
  }
}

std::optional<HostSeen> OfferDesk::see(const base::PublicKey& host) const {
  HostSeen out;
  const std::int64_t now_ms = clock_.steady_ms();
  {
    const std::lock_guard lock(mutex_);
    const market::Listing* listing = book_.find(host);
    if (listing == nullptr) return std::nullopt;
    out.listing = *listing;
    out.is_here = reachable(host, now_ms);
    const auto before = taken_back_.find(host);
    if (before != taken_back_.end()) {
      out.listing.cards = before->second;
      out.is_kept = true;
    }
  }
  out.is_kept =
      out.is_kept || is_refused(host) || (proofs_ != nullptr && proofs_->is_withheld(host));
  for (market::ListedCard& card : out.listing.cards) {
    if (proofs_ != nullptr) card.proven_bytes = proofs_->proven_bytes(host, card.uuid);
  }
  out.held = live_.held_at(host);
  return out;
}

base::Result<bool> OfferDesk::take_listing(const base::PublicKey& host,
                                           const api::HostListing& message) {
  if (!signed_by(host, message.listing, message.signature)) {
    return base::Error{base::Code::forbidden, "This listing is not signed by the host's key.",
                       "Sign OBELISKL and the SHA-256 of the text."};
  }
  TRY(const api::Listing parsed, api::listing_from_json(message.listing));
  if (parsed.host != host) {
    return base::Error{base::Code::forbidden, "This listing names another host.",
                       "List with the key that the connection proved."};
  }
  const market::Listing listing = from_api(parsed);
  TRY_VOID(market::check_listing(listing, local_, clock_.now_ms()));
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now_ms = clock_.steady_ms();
    const auto left = [&](const base::PublicKey& key) { return !reachable(key, now_ms); };
    if (book_.find(host) == nullptr && book_.hosts() >= max_hosts_ && !book_.forget_one(left)) {
      return base::Error{base::Code::rate_limited, "This market has no room for another host.",
                         "Try another market."};
    }
    TRY_VOID(check_pace(listing));
  }
  TRY(const bool taken, store_.put_listing({host, message.listing, message.signature, parsed.seq}));
  // On disk first: what is offered must be known after a restart. A later listing that overtakes
  // us here stays, since the book compares too.
  {
    const std::lock_guard lock(mutex_);
    put(listing);
  }
  live_.changed(host);
  return taken;
}

void OfferDesk::host_connected(const base::PublicKey& host) {
  {
    const std::lock_guard lock(mutex_);
    presence_[host] = {true, 0};
  }
  live_.changed(host);
}

void OfferDesk::host_gone(const base::PublicKey& host) {
  const std::int64_t now_ms = clock_.steady_ms();
  const std::lock_guard lock(mutex_);
  // Hosts that left for good must not gather here.
  std::erase_if(presence_, [&](const auto& entry) { return !reachable(entry.first, now_ms); });
  presence_[host] = {false, now_ms};
  leaving_.emplace(now_ms + kHostGraceMs, host);
}

std::size_t OfferDesk::hosts_connected() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(presence_, [](const auto& entry) { return entry.second.connected; }));
}

bool OfferDesk::is_reachable(const base::PublicKey& host) const {
  const std::int64_t now_ms = clock_.steady_ms();
  const std::lock_guard lock(mutex_);
  return reachable(host, now_ms);
}

bool OfferDesk::reachable(const base::PublicKey& host, std::int64_t now_ms) const {
  const auto at = presence_.find(host);
  if (at == presence_.end()) return false;
  return at->second.connected || now_ms - at->second.gone_at_ms < kHostGraceMs;
}

std::vector<base::PublicKey> OfferDesk::changed_by_time(std::int64_t now_ms) {
  std::vector<base::PublicKey> out;
  const std::lock_guard lock(mutex_);
  const auto gone = leaving_.upper_bound(now_ms);
  for (auto at = leaving_.begin(); at != gone; ++at) out.push_back(at->second);
  leaving_.erase(leaving_.begin(), gone);
  while (!shrinking_.empty() && shrinking_.begin()->first <= now_ms) {
    const base::PublicKey host = shrinking_.begin()->second;
    shrinking_.erase(shrinking_.begin());
    shrinks_at_ms_.erase(host);
    out.push_back(host);
    if (const market::Listing* listing = book_.find(host)) expect_shrinking(*listing);
  }
  return out;
}

std::vector<market::Offer> OfferDesk::look(const base::PublicKey& host,
                                           const market::BusyCards& busy) const {
  const std::int64_t now_ms = clock_.steady_ms();
  const std::lock_guard lock(mutex_);
  if (!reachable(host, now_ms) || is_refused(host)) return {};
  if (proofs_ != nullptr && proofs_->is_withheld(host)) return {};
  auto out = book_.offers_of(host, busy, now_s());
  std::erase_if(out, [](const market::Offer& offer) { return offer.free.empty(); });
  if (proofs_ == nullptr) return out;
  for (market::Offer& offer : out) {
    for (market::ListedCard& card : offer.free) {
      card.proven_bytes = proofs_->proven_bytes(host, card.uuid);
    }
  }
  return out;
}

std::shared_ptr<const market::search::Shelf> OfferDesk::shelf() {
  for (const base::PublicKey& host : changed_by_time(clock_.steady_ms())) live_.changed(host);
  return live_.shelf(looking());
}

void OfferDesk::settle() {
  // What another process holds, it lets go of without telling us.
  const auto hosts = live_.held_elsewhere();
  if (!hosts.empty()) (void)ask_store(hosts);
  live_.settle(looking());
}

LiveOffers::Look OfferDesk::looking() const {
  return [this](const base::PublicKey& host, const market::BusyCards& busy) {
    return look(host, busy);
  };
}

std::vector<market::search::EntryPointer> OfferDesk::fitting(const market::Search& search,
                                                             std::size_t limit) {
  const auto query = market::search::query_of(search);
  const auto sort = market::search::default_sort();
  return shelf()->find({query, sort, 0, limit, nullptr}).entries;
}

std::vector<market::Offer> OfferDesk::alike(const market::Search& search) {
  const market::BusyCards busy = live_.busy();
  const std::int64_t now_ms = clock_.steady_ms();
  const auto here = [&](const base::PublicKey& host) {
    return reachable(host, now_ms) && !is_refused(host);
  };
  if (!search.offer) {
    const std::lock_guard lock(mutex_);
    return book_.offers_with(search.card.value_or(""), busy, here, now_s());
  }
  market::Search any;
  any.offer = search.offer;
  std::set<base::PublicKey> hosts;
  for (const auto& entry : fitting(any, 1)) hosts.insert(entry->offer.host);
  if (const auto host = live_.host_of(*search.offer)) hosts.insert(*host);
  std::vector<market::Offer> out;
  const std::lock_guard lock(mutex_);
  for (const base::PublicKey& host : hosts) {
    if (here(host))
      std::ranges::move(book_.offers_of(host, busy, now_s()), std::back_inserter(out));
  }
  std::erase_if(out, [&](const market::Offer& offer) { return offer.id != *search.offer; });
  return out;
}

base::Error OfferDesk::why_none(const market::Search& search, base::UnixSeconds chain_now_s) {
  market::FreeCards free;
  shelf()->each([&](const market::search::Entry& entry) {
    free[entry.offer.card] += entry.offer.free.size();
  });
  return market::why_none(alike(search), free, search, live_.free_again_in_s(search, chain_now_s));
}

std::optional<std::uint64_t> OfferDesk::busy_until(std::string_view card,
                                                   base::UnixSeconds chain_now_s) const {
  market::Search search;
  search.card = std::string(card);
  const std::int64_t in_s = live_.free_again_in_s(search, chain_now_s);
  if (in_s <= 0) return std::nullopt;
  return static_cast<std::uint64_t>(chain_now_s + in_s);
}

std::size_t OfferDesk::free_of(std::string_view card) {
  std::size_t out = 0;
  shelf()->each([&](const market::search::Entry& entry) {
    if (entry.offer.card == card) out += entry.offer.free.size();
  });
  return out;
}

base::Result<void> OfferDesk::ask_store(const std::vector<base::PublicKey>& hosts) {
  std::map<base::PublicKey, std::set<std::string>> there;
  for (const base::PublicKey& host : hosts) there[host];
  TRY(const auto held, store_.held_cards());
  for (const ports::HeldCard& card : held) {
    const auto at = there.find(card.host);
    if (at != there.end()) at->second.insert(card.uuid);
  }
  for (auto& [host, cards] : there) live_.held_there(host, std::move(cards));
  return {};
}

base::Result<void> OfferDesk::look_again(const base::PublicKey& host) { return ask_store({host}); }

std::map<market::CardKind, market::Tally> OfferDesk::tally() {
  const market::BusyCards busy = live_.busy();
  const std::int64_t now_ms = clock_.steady_ms();
  const std::lock_guard lock(mutex_);
  return book_.tally(busy, [&](const base::PublicKey& host) {
    const market::Listing* listing = book_.find(host);
    const bool rents = listing != nullptr && market::has_time(*listing, now_s());
    return rents && reachable(host, now_ms) && !is_refused(host);
  });
}

}  // namespace obelisk::market_app
