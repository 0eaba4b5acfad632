// Shelf: every live offer as it is now, for searching. A shelf never changes: what changes makes a
// new one, which shares nearly all of the old one's memory, so that a query takes a pointer and no
// lock. It must never show two states of one host.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "core/market/search/index.hpp"

namespace obelisk::market::search {

// So many entries may have changed before everything is put into one index again, whoever waits:
// somebody should call settled() long before, where nobody does.
inline constexpr std::size_t kMaxFresh = 4'000;

// What a host has now; empty: nothing any more.
using Changes = std::map<base::PublicKey, std::vector<EntryPointer>>;

class Shelf {
 public:
  Shelf();

  // This shelf with all that the named hosts had replaced.
  Shelf with(const Changes& changes, std::size_t max_fresh = kMaxFresh) const;

  // The same in one index: dear, and then every change is cheap again.
  Shelf settled() const;
  // How many entries are not in it yet.
  std::size_t fresh() const { return fresh_->size(); }

  Found find(const Asked& asked) const;
  std::size_t size() const { return size_; }

  template <class F>
  void each(F f) const {
    const auto& old = settled_->entries();
    for (std::size_t i = 0; i < old.size(); ++i) {
      if ((*shown_)[i] != 0) f(*old[i]);
    }
    for (const EntryPointer& entry : fresh_->entries()) f(*entry);
  }

 private:
  std::shared_ptr<const Index> settled_;
  std::shared_ptr<const std::vector<std::uint8_t>> shown_;  // 0: replaced, or gone
  std::shared_ptr<const Index> fresh_;
  std::size_t size_ = 0;
};

}  // namespace obelisk::market::search
