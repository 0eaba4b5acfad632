// What one direction of a link does to packets, what it has done so far, and the words that change
// it. It must never take a part of a change: a line that cannot be read changes nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::link {

struct Settings {
  std::int64_t delay_us = 0;
  std::int64_t jitter_us = 0;           // up to so much more, evenly; it never changes the order
  std::uint32_t loss_ppm = 0;           // of a million packets so many never come out
  std::uint32_t reorder_ppm = 0;        // so many are held back while those behind go on
  std::int64_t hold_us = 5'000;         // for so long
  std::uint64_t rate_bits_per_s = 0;    // of the line; 0 is one without end
  std::uint32_t queue_packets = 1'000;  // that may wait for the line; the next one is dropped
  bool cut = false;                     // nothing comes out, not even what is on its way
  bool operator==(const Settings&) const = default;
};

// Every packet that came in is in exactly one of the first five, or waits.
struct Counters {
  std::uint64_t carried = 0;
  std::uint64_t dropped_loss = 0;
  std::uint64_t dropped_queue = 0;
  std::uint64_t dropped_cut = 0;
  std::uint64_t dropped_full = 0;  // more was on its way than a direction keeps in memory
  std::uint64_t waiting = 0;
  std::uint64_t carried_bytes = 0;
  std::uint64_t reordered = 0;  // of those carried: came out behind one that went in later
  std::int64_t latest_us = 0;   // the most that one came out after its time: the machine's doing
  bool operator==(const Counters&) const = default;
};

// `words` is one or more of: delay MS, jitter MS, loss PERCENT, reorder PERCENT, hold MS, rate
// MBIT, queue PACKETS, cut, mend, clear. Numbers may have decimals; `clear` is a link that does
// nothing.
base::Result<Settings> changed(Settings settings, std::string_view words);

}  // namespace obelisk::link
