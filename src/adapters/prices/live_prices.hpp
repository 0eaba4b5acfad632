// LivePrices: asks several services what a SOL is worth, each on a thread of its own, and gives the
// median of those that agree (core/market/sol_price.hpp). Any thread may call. It must never make
// anybody wait for a service, nor hand out a price whose sources have fallen silent.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/market/sol_price.hpp"
#include "ports/clock.hpp"
#include "ports/price_source.hpp"

namespace obelisk::prices {

using Log = std::function<void(const std::string& words)>;

// One service, asked again and again from one thread. It must come back within a few seconds.
struct Feed {
  std::string name;
  std::function<base::Result<market::PriceReading>()> read;
};

class LivePrices final : public ports::PriceSource {
 public:
  // `clock` must outlive it. `every_ms` between the questions to one service.
  LivePrices(std::vector<Feed> feeds, ports::Clock& clock, Log log, int every_ms = 4000);
  ~LivePrices() override;

  base::Result<ports::SolPrice> sol_usd() override;

 private:
  void follow(const Feed& feed);
  void note(const std::string& feed, const base::Result<market::PriceReading>& answer);
  base::Result<market::AgreedPrice> agreed();
  // Says once that there is no price any more, and once that there is one again.
  void say_whether_there_is_one();

  const std::vector<Feed> feeds_;
  ports::Clock& clock_;
  const Log log_;
  const int every_ms_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;                                 // guarded by mutex_
  std::map<std::string, market::PriceReading> newest_;  // guarded by mutex_; by feed
  std::map<std::string, std::string> silent_;           // guarded by mutex_; why, by feed
  bool had_one_ = false;                                // guarded by mutex_
  bool is_lost_ = false;                                // guarded by mutex_; and that was said
  std::vector<std::thread> threads_;
};

}  // namespace obelisk::prices
