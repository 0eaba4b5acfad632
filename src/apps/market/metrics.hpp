// What the market counts about itself while it runs, and whom it asks when somebody looks. Any
// thread may call. It must never let a stranger make a series: every label is of our own tables.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "apps/market/samples.hpp"

namespace obelisk::market_app {

// The index of the chain; nothing is shown of one that is not kept.
struct IndexGauges {
  std::uint64_t slot = 0;
  std::uint64_t final_slot = 0;
  std::uint64_t lag_slots = 0;
  bool behind = true;
};

class Metrics {
 public:
  Metrics();

  // `route` must outlive this object: it is one of the description's, or a literal.
  void count_request(std::string_view route, int status, std::uint64_t us);
  // One that was answered out of memory at once: it is counted and not timed.
  void count_request(std::string_view route, int status);
  void count(Metric metric, std::string_view first = {}, std::string_view second = {});
  void took(Metric metric, std::uint64_t us);

  void set_index(const IndexGauges& index);

  // Asked for what is true at the moment of each look. Before the first look.
  void ask(std::function<void(Samples&)> part) { parts_.push_back(std::move(part)); }
  // All of it; `more` is asked as well.
  std::string text(const std::function<void(Samples&)>& more = {}) const;

 private:
  struct OfRoute {
    std::map<int, std::uint64_t> by_status;
    base::Histogram times;
  };
  using Key = std::tuple<Metric, std::string, std::string>;

  void start_at_zero();
  void add_counted(Samples& samples) const;

  std::vector<std::function<void(Samples&)>> parts_;
  mutable std::mutex mutex_;
  std::map<std::string_view, OfRoute> routes_;  // guarded by mutex_
  std::map<Key, std::uint64_t> counts_;         // guarded by mutex_
  std::map<Metric, base::Histogram> times_;     // guarded by mutex_
  std::optional<IndexGauges> index_;            // guarded by mutex_
};

}  // namespace obelisk::market_app
