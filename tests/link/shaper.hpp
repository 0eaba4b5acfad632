// Shaper: one direction of a link. It says which packet leaves when and which never, by settings
// and a seed; time is handed in. It must never look at a clock, touch a device, or let a packet go
// without counting it.
//
//   in --> cut? --> lost? --> queue --> line (rate) --> delay, jitter --> held back? --> out
//
// Chance is a function of the seed and of how many packets came in before, so that the same packets
// are lost again with the same seed, whatever else is set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include "settings.hpp"

namespace obelisk::link {

using Packet = std::vector<std::byte>;

class Shaper {
 public:
  // More than 300 ms of 5 Gbit/s.
  static constexpr std::size_t kMostWaitingBytes = 256 << 20;

  // So many bytes in front of each packet are not the packet's: they take no time on the line.
  explicit Shaper(std::uint64_t seed, std::size_t header_bytes = 0,
                  std::size_t most_waiting_bytes = kMostWaitingBytes)
      : seed_(seed), header_bytes_(header_bytes), most_waiting_bytes_(most_waiting_bytes) {}

  const Settings& settings() const { return settings_; }
  // For packets that come from now on; those on their way keep their times, unless it is cut.
  void set(const Settings& settings);

  // True: the packet leaves now, is counted, and is the caller's to carry. False: it was kept for
  // later or dropped. Times never go back.
  bool offer(std::span<const std::byte> packet, std::int64_t now_ns);

  // When there will be something to take.
  std::optional<std::int64_t> next_ns() const;
  // What is due; nothing where nothing is.
  std::optional<Packet> take(std::int64_t now_ns);

  Counters counters() const;

 private:
  struct Waiting {
    std::int64_t leaves_ns;
    std::uint64_t number;
    // A priority queue shows its top only as const, and a packet is moved out of it.
    mutable Packet packet;
    bool operator>(const Waiting& other) const {
      return leaves_ns != other.leaves_ns ? leaves_ns > other.leaves_ns : number > other.number;
    }
  };

  std::uint64_t chance(std::uint64_t which) const;
  bool enter_line(std::size_t bytes, std::int64_t now_ns);
  std::int64_t leaves_at();
  void count_carried(std::uint64_t number, std::size_t bytes);

  const std::uint64_t seed_;
  const std::size_t header_bytes_;
  const std::size_t most_waiting_bytes_;
  Settings settings_;
  Counters counters_;
  std::uint64_t offered_ = 0;
  std::uint64_t newest_out_ = 0;      // the highest number that came out, from 1
  std::int64_t line_free_ns_ = 0;     // when the line has sent all that it took
  std::int64_t in_order_ns_ = 0;      // when the last packet leaves that was not held back
  std::deque<std::int64_t> on_line_;  // when the line begins with each packet that waits for it
  std::size_t waiting_bytes_ = 0;
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
};

}  // namespace obelisk::link
