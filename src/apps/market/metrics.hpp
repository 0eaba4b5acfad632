// What the market counts about itself, as Prometheus reads it. Labels come from our own tables
// only, so that nobody outside can make a series. Any thread may call.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace obelisk::market_app {

// What is true at the moment of the question.
struct Gauges {
  std::map<std::string, std::uint64_t> leases_by_state;
  std::uint64_t hosts_connected = 0;
  std::uint64_t event_streams = 0;
  bool chain_answers = false;
  std::uint64_t micro_usd_per_sol = 0;  // 0: there is no price now
  // Of the latest ended leases, from the confirmed payment to the watch's first login.
  std::vector<std::uint64_t> login_ms;
};

// The index of the chain; nothing is shown of one that is not kept.
struct IndexGauges {
  std::uint64_t slot = 0;
  std::uint64_t final_slot = 0;
  std::uint64_t lag_slots = 0;
  bool behind = true;
};

class Metrics {
 public:
  // `route` must outlive this object: it is one of the description's, or a literal.
  void count_request(std::string_view route, int status);
  void set_index(const IndexGauges& index);
  std::string text(Gauges gauges) const;

 private:
  std::optional<IndexGauges> index() const;

  mutable std::mutex mutex_;
  std::map<std::pair<std::string_view, int>, std::uint64_t> requests_;  // guarded by mutex_
  std::optional<IndexGauges> index_;                                    // guarded by mutex_
};

}  // namespace obelisk::market_app
