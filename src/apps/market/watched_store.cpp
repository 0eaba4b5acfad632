#include "apps/market/watched_store.hpp"

namespace obelisk::market_app {

base::Result<void> WatchedStore::insert_quote(const lease::Quote& quote) {
  auto done = real_.insert_quote(quote);
  if (done && events_.quoted) events_.quoted(quote);
  if (!done && done.error().code != base::Code::conflict) {
    const std::lock_guard lock(mutex_);
    doubts_[quote.lease].quote = true;
  }
  return done;
}

base::Result<std::optional<std::vector<ports::LeaseEventRow>>> WatchedStore::apply(
    const ports::LeaseWrite& write) {
  auto done = real_.apply(write);
  if (done && *done && events_.stepped) events_.stepped(write.lease, write.life);
  if (done && *done && events_.wrote) events_.wrote(write);
  if (!done) {
    const std::lock_guard lock(mutex_);
    doubts_.try_emplace(write.lease);
  }
  return done;
}

base::Result<std::optional<lease::Record>> WatchedStore::by_lease(const base::PublicKey& lease) {
  auto found = real_.by_lease(lease);
  if (!found) return found;
  std::optional<Doubt> doubt;
  {
    const std::lock_guard lock(mutex_);
    const auto at = doubts_.find(lease);
    if (at == doubts_.end()) return found;
    doubt = at->second;
    doubts_.erase(at);
  }
  if (!*found) return found;
  if (doubt->quote && events_.quoted) events_.quoted((*found)->quote);
  if (events_.stepped) events_.stepped(lease, (*found)->life);
  return found;
}

}  // namespace obelisk::market_app
