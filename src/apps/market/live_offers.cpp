#include "apps/market/live_offers.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace obelisk::market_app {

namespace search = market::search;

void LiveOffers::hold(const lease::Quote& quote) {
  Holding holding{quote.host,
                  market::offer_id(quote.host, quote.card),
                  quote.card,
                  quote.card_uuids,
                  quote.expires_at_s,
                  false,
                  false};
  for (const std::string& card : holding.cards) ++held_[quote.host][card];
  holdings_[quote.lease] = std::move(holding);
  mark(quote.host);
}

void LiveOffers::count_login(Holding& holding, const lease::Life& life) {
  if (holding.login_counted || life.first_login_ms <= 0 || life.confirmed_ms <= 0) return;
  holding.login_counted = true;
  const base::UnixMillis wait_ms = life.first_login_ms - life.confirmed_ms;
  // Only a clock that was set back can make it negative; then nobody knows.
  if (wait_ms < 0 || wait_ms > std::numeric_limits<std::uint32_t>::max()) return;
  std::deque<std::uint32_t>& waits = waits_ms_[holding.offer];
  waits.push_back(static_cast<std::uint32_t>(wait_ms));
  if (waits.size() > kLoginsCounted) waits.pop_front();
  mark(holding.host);
}

namespace {

// Whether its host kept a lease up to the end; nothing where that says nothing of the host.
std::optional<bool> was_kept(const lease::Life& life) {
  if (!life.closed) return std::nullopt;  // never paid, or not as it was quoted
  switch (life.outcome) {
    case lease::Outcome::ran_to_the_end:
    case lease::Outcome::stopped_by_renter: return true;
    case lease::Outcome::not_ready:
    case lease::Outcome::host_dark:
    case lease::Outcome::stopped_by_host: return false;
    case lease::Outcome::cancelled:
    case lease::Outcome::never_paid:
    case lease::Outcome::none: break;
  }
  return std::nullopt;
}

}  // namespace

void LiveOffers::count_end(const Holding& holding, const lease::Life& life) {
  const auto kept = was_kept(life);
  if (!kept) return;
  std::deque<bool>& last = kept_[holding.offer];
  last.push_back(*kept);
  if (last.size() > kEndingsCounted) last.pop_front();
  mark(holding.host);
}

void LiveOffers::follow(Holding& holding, const lease::Life& life) {
  holding.is_paid = life.state != lease::State::quoted;
  if (!holding.is_paid) return;
  switch (life.state) {
    case lease::State::contested: holding.ends_s = life.window_ends_s; break;
    case lease::State::stopping: holding.ends_s = 0; break;  // any moment now
    default: holding.ends_s = life.ends_at_s(); break;
  }
}

void LiveOffers::remember(const lease::Record& record) {
  if (record.life.state == lease::State::ended) {
    const lease::Quote& quote = record.quote;
    Holding over{quote.host, market::offer_id(quote.host, quote.card), quote.card, {}, 0, false,
                 true};
    const std::lock_guard lock(mutex_);
    count_login(over, record.life);
    count_end(over, record.life);
    return;
  }
  const std::lock_guard lock(mutex_);
  hold(record.quote);
  Holding& holding = holdings_[record.quote.lease];
  follow(holding, record.life);
  count_login(holding, record.life);
}

void LiveOffers::quoted(const lease::Quote& quote) {
  const std::lock_guard lock(mutex_);
  hold(quote);
}

void LiveOffers::stepped(const base::PublicKey& lease, const lease::Life& life) {
  const std::lock_guard lock(mutex_);
  const auto at = holdings_.find(lease);
  if (at == holdings_.end()) return;
  count_login(at->second, life);
  follow(at->second, life);
  if (life.state != lease::State::ended) return;
  count_end(at->second, life);
  const auto host = held_.find(at->second.host);
  for (const std::string& card : at->second.cards) {
    const auto held = host->second.find(card);
    if (--held->second == 0) host->second.erase(held);
  }
  if (host->second.empty()) held_.erase(host);
  mark(at->second.host);
  holdings_.erase(at);
}

void LiveOffers::changed(const base::PublicKey& host) {
  const std::lock_guard lock(mutex_);
  mark(host);
}

market::BusyCards LiveOffers::busy() const {
  market::BusyCards out;
  const std::lock_guard lock(mutex_);
  for (const auto& [host, cards] : held_) {
    for (const auto& [card, times] : cards) out.emplace(host, card);
  }
  for (const auto& [host, cards] : there_) {
    for (const std::string& card : cards) out.emplace(host, card);
  }
  return out;
}

std::map<std::string, LiveOffers::Held> LiveOffers::held_at(const base::PublicKey& host) const {
  std::map<std::string, Held> out;
  const std::lock_guard lock(mutex_);
  if (const auto at = there_.find(host); at != there_.end()) {
    for (const std::string& card : at->second) out[card] = {};
  }
  if (!held_.contains(host)) return out;
  for (const auto& [lease, holding] : holdings_) {
    if (holding.host != host) continue;
    for (const std::string& card : holding.cards) out[card] = {holding.is_paid, holding.ends_s};
  }
  return out;
}

std::optional<base::PublicKey> LiveOffers::host_of(const std::string& offer) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [lease, holding] : holdings_) {
    if (holding.offer == offer) return holding.host;
  }
  return std::nullopt;
}

std::int64_t LiveOffers::free_again_in_s(const market::Search& search,
                                         base::UnixSeconds chain_now_s) const {
  std::int64_t soonest_s = 0;
  const std::lock_guard lock(mutex_);
  for (const auto& [lease, holding] : holdings_) {
    if (search.card && holding.card != *search.card) continue;
    if (search.offer && holding.offer != *search.offer) continue;
    const std::int64_t in_s = holding.ends_s - chain_now_s;
    if (in_s > 0 && (soonest_s == 0 || in_s < soonest_s)) soonest_s = in_s;
  }
  return soonest_s;
}

void LiveOffers::held_there(const base::PublicKey& host, std::set<std::string> cards) {
  const std::lock_guard lock(mutex_);
  const auto before = there_.find(host);
  if (before == there_.end() ? cards.empty() : before->second == cards) return;
  if (cards.empty()) {
    there_.erase(before);
  } else {
    there_[host] = std::move(cards);
  }
  mark(host);
}

std::vector<base::PublicKey> LiveOffers::held_elsewhere() const {
  std::vector<base::PublicKey> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [host, cards] : there_) out.push_back(host);
  return out;
}

std::vector<search::EntryPointer> LiveOffers::entries_of(const base::PublicKey& host,
                                                         const Look& look) const {
  market::BusyCards busy;
  if (const auto at = held_.find(host); at != held_.end()) {
    for (const auto& [card, times] : at->second) busy.emplace(host, card);
  }
  if (const auto at = there_.find(host); at != there_.end()) {
    for (const std::string& card : at->second) busy.emplace(host, card);
  }
  std::vector<search::EntryPointer> out;
  for (market::Offer& offer : look(host, busy)) {
    search::LoginTimes logins;
    if (const auto at = waits_ms_.find(offer.id); at != waits_ms_.end()) {
      logins = search::login_times({at->second.begin(), at->second.end()});
    }
    search::Endings endings;
    if (const auto at = kept_.find(offer.id); at != kept_.end()) {
      endings.count = static_cast<std::uint32_t>(at->second.size());
      endings.kept = static_cast<std::uint32_t>(std::ranges::count(at->second, true));
    }
    out.push_back(search::make_entry(std::move(offer), logins, endings));
  }
  return out;
}

void LiveOffers::renew(const search::Shelf& from, const Look& look) {
  search::Changes changes;
  for (const base::PublicKey& host : std::exchange(changed_, {})) {
    changes[host] = entries_of(host, look);
    renewed_.insert(host);
  }
  shelf_ = std::make_shared<const search::Shelf>(from.with(changes));
}

std::shared_ptr<const search::Shelf> LiveOffers::shelf(const Look& look) {
  const std::lock_guard lock(mutex_);
  if (!changed_.empty()) renew(*shelf_, look);
  return shelf_;
}

void LiveOffers::settle(const Look& look) {
  std::shared_ptr<const search::Shelf> seen;
  {
    const std::lock_guard lock(mutex_);
    renewed_.clear();
    if (shelf_->fresh() < kFreshEnough) return;
    seen = shelf_;
  }
  const search::Shelf settled = seen->settled();
  const std::lock_guard lock(mutex_);
  // What was renewed meanwhile is old again on the settled shelf.
  changed_.insert(renewed_.begin(), renewed_.end());
  renew(settled, look);
}

}  // namespace obelisk::market_app
