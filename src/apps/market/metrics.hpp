// What the market counts about itself, as Prometheus reads it. Labels come from our own tables
// only, so that nobody outside can make a series. Any thread may call.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
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
  // Of the latest ended leases, from the confirmed payment to the watch's first login.
  std::vector<std::uint64_t> login_ms;
};

class Metrics {
 public:
  // `route` must outlive this object: it is one of the description's, or a literal.
  void count_request(std::string_view route, int status);
  std::string text(Gauges gauges) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string_view, int>, std::uint64_t> requests_;  // guarded by mutex_
};

}  // namespace obelisk::market_app
