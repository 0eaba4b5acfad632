// Lets hosts measure their way to this market: one at a time, by a ticket, within bounds by host,
// by address and in all. Any thread may call. It must never hold what is sent, nor let more through
// than it promised: whoever asks is a stranger.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "ports/clock.hpp"

namespace obelisk::market_app {

inline constexpr std::size_t kMostTestBytes = 16 << 20;  // of one transfer
inline constexpr int kTransfersEachWay = 2;              // a short one, then a long one
inline constexpr std::int64_t kTestMs = 20'000;          // then the next host may begin
// Within an hour.
inline constexpr std::size_t kTestsPerHost = 4;
inline constexpr std::size_t kTestsPerAddress = 16;
inline constexpr std::size_t kTestsOfAll = 600;

class BandwidthDesk {
 public:
  explicit BandwidthDesk(ports::Clock& clock) : clock_(clock) {}

  // A ticket for one test. rate_limited where another is being made, or this host, its address or
  // everybody had as many as there are in an hour.
  base::Result<std::string> begin(const base::PublicKey& host, const std::string& address);
  // Takes one transfer down of so many bytes. not_found where that ticket is not at work,
  // rate_limited where its transfers are used up, invalid_input for a number out of bounds.
  base::Result<void> down(std::string_view ticket, std::uint64_t bytes);
  // How much may come up on it now, and one transfer less after it; 0: nothing. It is asked before
  // anything of a body is read, and is quick.
  std::size_t begin_up(std::string_view ticket);
  // That transfer came. Without `more`, or after the last there may be, the test is over.
  base::Result<void> up(std::string_view ticket, bool more);

 private:
  struct Test {
    std::string ticket;
    std::int64_t until_ms = 0;
    int downs = 0;
    int ups = 0;
  };
  struct Begun {
    std::int64_t at_ms = 0;
    base::PublicKey host;
    std::string address;
  };
  bool is_at_work(std::string_view ticket) const;  // mutex_ is held

  ports::Clock& clock_;
  mutable std::mutex mutex_;
  std::optional<Test> now_;  // guarded by mutex_
  std::deque<Begun> begun_;  // guarded by mutex_; within the hour, the oldest first
};

// The ticket in "/v1/bandwidth/TICKET/up"; empty for another path.
std::string_view ticket_in(std::string_view target);

}  // namespace obelisk::market_app
