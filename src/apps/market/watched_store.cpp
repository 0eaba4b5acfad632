#include "apps/market/watched_store.hpp"

namespace obelisk::market_app {

base::Result<void> WatchedStore::insert_quote(const lease::Quote& quote) {
  auto done = real_.insert_quote(quote);
  if (done && events_.quoted) events_.quoted(quote);
  return done;
}

base::Result<std::optional<std::vector<ports::LeaseEventRow>>> WatchedStore::apply(
    const ports::LeaseWrite& write) {
  auto done = real_.apply(write);
  if (done && *done && events_.stepped) events_.stepped(write.lease, write.life);
  return done;
}

}  // namespace obelisk::market_app
