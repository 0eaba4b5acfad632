#include "apps/market/offer_streams.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "apps/market/quote_draft.hpp"

namespace obelisk::market_app {
namespace {

namespace search = market::search;

// Before anybody of those who are here looked.
constexpr std::int64_t kLongAgo = std::numeric_limits<std::int64_t>::min() / 2;

void send(http::EventStream& stream, std::uint64_t& next_id, const api::OfferEvent& event) {
  stream.send(std::to_string(next_id++), event.kind, api::to_json(event));
}

bool looks_alike(const search::Entry& a, const search::Entry& b) {
  return a.offer == b.offer && a.logins == b.logins && a.endings == b.endings;
}

}  // namespace

std::string OfferStreams::key_of(const OfferQuery& query) {
  return search::to_text(query.query) + "\n" + search::to_text(query.sort);
}

std::size_t OfferStreams::readers() const {
  std::size_t out = 0;
  for (const auto& [key, one] : searches_) out += one.readers.size();
  return out;
}

void OfferStreams::sweep() {
  for (auto& [key, one] : searches_) {
    std::erase_if(one.readers, [](const Reader& reader) { return reader.stream->closed(); });
  }
  std::erase_if(searches_, [](const auto& entry) { return entry.second.readers.empty(); });
}

base::Result<void> OfferStreams::admit(const OfferQuery& query, const std::string& remote_address) {
  const std::lock_guard lock(mutex_);
  sweep();
  std::size_t same_address = 0;
  for (const auto& [key, one] : searches_) {
    same_address += static_cast<std::size_t>(
        std::ranges::count(one.readers, remote_address, &Reader::remote_address));
  }
  if (readers() >= limits_.streams || same_address >= limits_.streams_per_address) {
    return base::Error{base::Code::rate_limited, "Too many event streams are open.",
                       "Close one, or ask /v1/offers every few seconds instead."};
  }
  if (searches_.size() >= kMaxSearches && !searches_.contains(key_of(query))) {
    return base::Error{base::Code::rate_limited, "Too many different searches are followed.",
                       "Ask /v1/offers every few seconds instead, or for one card alone."};
  }
  return {};
}

void OfferStreams::evaluate(Search& one, std::uint64_t micro_usd_per_sol) const {
  const bool same_rate = one.micro_usd_per_sol == micro_usd_per_sol || !one.uses_rate;
  one.micro_usd_per_sol = micro_usd_per_sol;
  if (one.seen == shelf_ && same_rate) return;
  one.seen = shelf_;
  one.entries =
      shelf_->find({one.asked.query, one.asked.sort, micro_usd_per_sol, kFollowedOffers, nullptr})
          .entries;
  ++one.page;
  one.free = 0;
  for (const Entry& entry : one.entries) one.free += entry->offer.free.size();
}

void OfferStreams::note_arrivals() {
  std::map<std::string, Arrival> now;
  std::map<std::string, std::vector<std::uint64_t>> lines;
  for (const auto& [key, one] : searches_) {
    for (const Entry& entry : one.entries) {
      const std::string& id = entry->offer.id;
      const auto before = arrivals_.find(id);
      if (before != arrivals_.end()) {
        now[id] = before->second;
        continue;
      }
      for (const Reader& reader : one.readers) {
        if (reader.told.empty()) lines[id].push_back(reader.number);
      }
      now[id].at_ms = clock_.steady_ms();
    }
  }
  for (auto& [id, line] : lines) {
    std::ranges::sort(line);
    now[id].line = std::move(line);
  }
  arrivals_ = std::move(now);
}

bool OfferStreams::may_see(const Search& one, const Reader& reader,
                           const std::string& offer) const {
  const auto arrival = arrivals_.find(offer);
  if (arrival == arrivals_.end() || reader.told.contains(offer)) return true;
  // Who sees other offers, or came later, comes after all who waited.
  const auto& line = arrival->second.line;
  auto place = static_cast<std::size_t>(std::ranges::find(line, reader.number) - line.begin());
  // Of three free cards the first three are told at once.
  place -= std::min(place, one.free - 1);
  const auto places = static_cast<std::int64_t>(std::min(place, kMaxPlaces));
  return clock_.steady_ms() >= arrival->second.at_ms + places * kHeadStartMs;
}

void OfferStreams::tell(const Search& one, Reader& reader) const {
  if (reader.page == one.page && reader.told.size() == one.entries.size()) return;
  std::map<std::string, Entry> shown;
  for (const Entry& entry : one.entries) {
    if (may_see(one, reader, entry->offer.id)) shown[entry->offer.id] = entry;
  }
  api::OfferEvent event;
  if (reader.page == 0) {
    event.kind = "snapshot";
    event.count = shown.size();
    send(*reader.stream, reader.next_id, event);
  }
  for (const auto& [id, entry] : reader.told) {
    if (shown.contains(id)) continue;
    event = {};
    event.kind = "gone";
    event.id = id;
    send(*reader.stream, reader.next_id, event);
  }
  for (const Entry& entry : one.entries) {
    if (!shown.contains(entry->offer.id)) continue;
    const auto before = reader.told.find(entry->offer.id);
    if (before != reader.told.end() && looks_alike(*before->second, *entry)) continue;
    event = {};
    event.kind = "offer";
    event.offer = to_api(*entry, one.micro_usd_per_sol);
    send(*reader.stream, reader.next_id, event);
  }
  reader.page = one.page;
  reader.told = std::move(shown);
}

void OfferStreams::open(OfferQuery query, const std::string& remote_address,
                        std::shared_ptr<http::EventStream> stream) {
  const auto price = prices_.sol_usd();
  const auto shelf = offers_.shelf();
  const std::lock_guard lock(mutex_);
  if (price) last_rate_ = price->micro_usd_per_sol;
  // While others follow, everybody looks at what they saw last.
  if (readers() == 0) shelf_ = shelf;
  const std::string key = key_of(query);
  Search& one = searches_[key];
  if (one.readers.empty()) {
    one.asked = std::move(query);
    one.uses_rate = market::search::asks_for(one.asked.query, market::search::Field::sol);
  }
  evaluate(one, last_rate_);
  // What was there before anybody here looked is for everybody.
  for (const Entry& entry : one.entries) {
    arrivals_.try_emplace(entry->offer.id, Arrival{kLongAgo, {}});
  }
  one.readers.push_back({remote_address, std::move(stream), ++opened_, 1, 0, {}});
  tell(one, one.readers.back());
}

void OfferStreams::step() {
  const auto price = prices_.sol_usd();
  const auto shelf = offers_.shelf();
  const std::lock_guard lock(mutex_);
  if (price) last_rate_ = price->micro_usd_per_sol;
  sweep();
  shelf_ = shelf;
  for (auto& [key, one] : searches_) evaluate(one, last_rate_);
  note_arrivals();
  for (auto& [key, one] : searches_) {
    for (Reader& reader : one.readers) tell(one, reader);
  }
}

std::size_t OfferStreams::count() const {
  const std::lock_guard lock(mutex_);
  return readers();
}

}  // namespace obelisk::market_app
