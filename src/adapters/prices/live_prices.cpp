#include "adapters/prices/live_prices.hpp"

#include <chrono>

namespace obelisk::prices {

LivePrices::LivePrices(std::vector<Feed> feeds, ports::Clock& clock, Log log, int every_ms)
    : feeds_(std::move(feeds)), clock_(clock), log_(std::move(log)), every_ms_(every_ms) {
  for (const Feed& feed : feeds_) threads_.emplace_back([this, &feed] { follow(feed); });
}

LivePrices::~LivePrices() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void LivePrices::follow(const Feed& feed) {
  for (;;) {
    note(feed.name, feed.read());
    say_whether_there_is_one();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(every_ms_), [this] { return ending_; });
    if (ending_) return;
  }
}

// A service that fails is named once, and once more when it is back.
void LivePrices::note(const std::string& feed, const base::Result<market::PriceReading>& answer) {
  std::string words;
  {
    const std::lock_guard lock(mutex_);
    const auto silent = silent_.find(feed);
    if (answer) {
      newest_[feed] = *answer;
      if (silent != silent_.end()) {
        words = "The price of " + feed + " is back.";
        silent_.erase(silent);
      }
    } else if (silent == silent_.end()) {
      silent_.emplace(feed, answer.error().message);
      words = "No price from " + feed + ": " + answer.error().message;
    }
  }
  if (!words.empty()) log_(words);
}

base::Result<market::AgreedPrice> LivePrices::agreed() {
  std::vector<market::PriceReading> readings;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [feed, reading] : newest_) readings.push_back(reading);
  }
  return market::agree_on_price(readings, clock_.now_ms());
}

// Whoever is asked next says it: services may contradict each other, or fall silent one by one,
// without any of them failing now.
void LivePrices::say_whether_there_is_one() {
  const auto price = agreed();
  std::string words;
  {
    const std::lock_guard lock(mutex_);
    if (price && is_lost_) {
      words = "There is a price of SOL again: the " + price->sources + ".";
    } else if (!price && had_one_ && !is_lost_) {
      words = "There is no price of SOL any more. " + price.error().message;
    }
    is_lost_ = !price && had_one_;
    had_one_ = had_one_ || price.ok();
  }
  if (!words.empty()) log_(words);
}

base::Result<ports::SolPrice> LivePrices::sol_usd() {
  TRY(const market::AgreedPrice price, agreed());
  return ports::SolPrice{price.micro_usd_per_sol, price.at_ms, price.sources};
}

}  // namespace obelisk::prices
