#include "apps/market/history_keeper.hpp"

namespace obelisk::market_app {

namespace history = market::history;

base::Result<void> HistoryKeeper::look_back() {
  TRY(known_, store_.kinds());
  TRY(newest_ms_, store_.newest());
  looked_back_ = true;
  return {};
}

base::Result<void> HistoryKeeper::sample(base::UnixMillis slot_ms) {
  // Another market on this database may have sampled since: its logins are counted there.
  TRY(const auto newest_ms, store_.newest());
  const base::UnixMillis since_ms =
      newest_ms && *newest_ms < slot_ms ? *newest_ms : slot_ms - history::kSlotMs;
  TRY(const auto logins, store_.logins(since_ms, slot_ms));
  const auto price = prices_.sol_usd();
  const auto samples = history::samples_of(slot_ms, offers_.tally(), known_, logins,
                                           price ? price->micro_usd_per_sol : 0);
  TRY_VOID(store_.add(samples));
  for (const history::Sample& one : samples) known_.insert(one.kind);
  return {};
}

base::Result<void> HistoryKeeper::step() {
  const auto slot_ms = history::due(clock_.now_ms(), started_ms_, newest_ms_);
  if (!slot_ms) return {};
  if (!looked_back_) {
    TRY_VOID(look_back());
    return step();
  }
  TRY_VOID(sample(*slot_ms));
  newest_ms_ = slot_ms;
  TRY_VOID(store_.forget(*slot_ms - history::kKeptMs));
  return {};
}

}  // namespace obelisk::market_app
