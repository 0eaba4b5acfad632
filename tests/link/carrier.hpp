// Carrier: moves packets between two TUN devices as its two shapers say, and obeys the lines on its
// standard input; each is answered by one line. It ends when standard input or a device does, so
// that nothing of it outlives whoever started it. It must never decide about a packet.
//
//   a-to-b WORDS, b-to-a WORDS, both WORDS   changes a direction (settings.hpp)   ok
//   counters                                 what was carried and what was not    a line of JSON
//   anything else                            changes nothing                      error: ...
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "fd.hpp"
#include "shaper.hpp"

namespace obelisk::link {

class Carrier {
 public:
  // Each direction has chances of its own, out of one seed.
  Carrier(Fd a, Fd b, std::uint64_t seed);

  // One line, and its answer without the end of line.
  std::string obey(std::string_view line);
  // Until standard input ends, or one of its devices is deleted.
  void run();

 private:
  // From one device to the other.
  struct Way {
    Fd* from;
    Fd* to;
    Shaper shaper;
    std::uint64_t refused = 0;  // by the kernel: the device is down, or the packet made no sense
  };

  bool wait();
  bool read_lines();
  void read_packets(Way& way);
  void write_due(Way& way);
  void write_packet(Way& way, std::span<const std::byte> packet);
  std::string counters() const;

  Fd a_;
  Fd b_;
  std::array<Way, 2> ways_;
  std::string unread_line_;
  bool has_words_ = false;  // standard input has something to read
};

}  // namespace obelisk::link
