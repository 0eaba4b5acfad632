// HistoryKeeper: writes the market's history, one sample of each kind of card every five minutes.
// Called every second or so by one thread; core/market/history decides when and what. It must never
// write what it did not see itself.
#pragma once

#include <optional>
#include <set>

#include "apps/market/offer_desk.hpp"
#include "ports/clock.hpp"
#include "ports/history_store.hpp"
#include "ports/price_source.hpp"

namespace obelisk::market_app {

class HistoryKeeper {
 public:
  // All of them must outlive it.
  HistoryKeeper(ports::HistoryStore& store, OfferDesk& offers, ports::PriceSource& prices,
                ports::Clock& clock)
      : store_(store),
        offers_(offers),
        prices_(prices),
        clock_(clock),
        started_ms_(clock.now_ms()) {}

  // Samples where one is due, and forgets what is older than a year. An error: nothing was written;
  // the next call tries again as long as the moment is not over.
  base::Result<void> step();

 private:
  base::Result<void> sample(base::UnixMillis slot_ms);
  base::Result<void> look_back();

  ports::HistoryStore& store_;
  OfferDesk& offers_;
  ports::PriceSource& prices_;
  ports::Clock& clock_;
  const base::UnixMillis started_ms_;
  bool looked_back_ = false;
  std::optional<base::UnixMillis> newest_ms_;
  std::set<market::CardKind> known_;
};

}  // namespace obelisk::market_app
