// CardEars: hears what the drivers of this machine's cards report (Xids), on a thread of its own,
// and keeps it for who asks next. It must never keep more than its bounds, nor hold up the end.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/host/trouble.hpp"
#include "ports/card_monitor.hpp"

namespace obelisk::host {

inline constexpr std::size_t kMaxHeard = 64;        // of one card, until somebody asks
inline constexpr std::size_t kMaxHeardCards = 256;  // of this many cards

class CardEars {
 public:
  explicit CardEars(ports::CardMonitor& monitor) : monitor_(monitor) {}
  ~CardEars() = default;
  CardEars(const CardEars&) = delete;
  CardEars& operator=(const CardEars&) = delete;

  void start();
  // What was reported of these cards since they were asked for last.
  std::vector<SeenXid> take(const std::vector<std::string>& cards);

 private:
  void listen(const std::stop_token& stop);

  ports::CardMonitor& monitor_;
  std::mutex mutex_;
  std::map<std::string, std::vector<SeenXid>> heard_;  // by card; guarded by mutex_
  std::jthread thread_;                                // last: it uses the others
};

}  // namespace obelisk::host
