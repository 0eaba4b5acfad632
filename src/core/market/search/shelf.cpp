#include "core/market/search/shelf.hpp"

#include <algorithm>
#include <utility>

namespace obelisk::market::search {

Shelf::Shelf()
    : settled_(std::make_shared<const Index>(std::vector<EntryPointer>{})),
      shown_(std::make_shared<const std::vector<std::uint8_t>>()),
      fresh_(settled_) {}

Shelf Shelf::with(const Changes& changes, std::size_t max_fresh) const {
  if (changes.empty()) return *this;
  std::vector<EntryPointer> fresh;
  for (const EntryPointer& entry : fresh_->entries()) {
    if (!changes.contains(entry->offer.host)) fresh.push_back(entry);
  }
  auto shown = std::make_shared<std::vector<std::uint8_t>>(*shown_);
  for (const auto& [host, entries] : changes) {
    const auto [begin, end] = settled_->of_host(host);
    std::fill(shown->begin() + static_cast<std::ptrdiff_t>(begin),
              shown->begin() + static_cast<std::ptrdiff_t>(end), std::uint8_t{0});
    fresh.insert(fresh.end(), entries.begin(), entries.end());
  }
  Shelf out;
  const auto kept = static_cast<std::size_t>(std::ranges::count(*shown, 1));
  out.size_ = kept + fresh.size();
  out.settled_ = settled_;
  out.shown_ = std::move(shown);
  out.fresh_ = std::make_shared<const Index>(std::move(fresh));
  return out.fresh() <= max_fresh ? out : out.settled();
}

Shelf Shelf::settled() const {
  std::vector<EntryPointer> all = fresh_->entries();
  const std::vector<EntryPointer>& old = settled_->entries();
  for (std::size_t i = 0; i < old.size(); ++i) {
    if ((*shown_)[i] != 0) all.push_back(old[i]);
  }
  Shelf out;
  out.size_ = all.size();
  out.shown_ = std::make_shared<const std::vector<std::uint8_t>>(all.size(), std::uint8_t{1});
  out.settled_ = std::make_shared<const Index>(std::move(all));
  return out;
}

Found Shelf::find(const Asked& asked) const {
  Found out = settled_->find(asked, *shown_);
  const Found more = fresh_->find(asked);
  out.matched += more.matched;
  out.more = out.more || more.more || out.entries.size() + more.entries.size() > asked.limit;
  std::vector<std::pair<Place, EntryPointer>> placed;
  for (const auto* found : {&std::as_const(out.entries), &more.entries}) {
    for (const EntryPointer& entry : *found)
      placed.emplace_back(place_of(*entry, asked.sort), entry);
  }
  std::ranges::sort(
      placed, [&](const auto& a, const auto& b) { return before(a.first, b.first, asked.sort); });
  placed.resize(std::min(placed.size(), asked.limit));
  out.entries.clear();
  for (auto& [place, entry] : placed) out.entries.push_back(std::move(entry));
  return out;
}

}  // namespace obelisk::market::search
