// Backlog: the newest bytes that a terminal's programs wrote, numbered from its first byte on. Who
// saw it up to some byte gets exactly the rest; who did not, or too long ago, gets what brings a
// fresh screen to the same picture (escape_reader.hpp). Pure, never throws; holds 256 KiB and one
// sequence more. Not for several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/terminal/escape_reader.hpp"

namespace obelisk::terminal {

inline constexpr std::size_t kBacklogBytes = 256 << 10;
// Ends whatever sequence is under way at a screen, and leaves its modes and the second screen.
inline constexpr std::string_view kCalm =
    "\x18\x1b[!p\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l"
    "\x1b[?25h\x1b[?7h\x1b[0m";

class Backlog {
 public:
  explicit Backlog(std::size_t max_bytes = kBacklogBytes) : max_bytes_(max_bytes) {}

  void append(std::string_view bytes);
  // The number of the oldest byte that is here, and of the next that will come.
  std::uint64_t begin() const { return end_ - size(); }
  std::uint64_t end() const { return end_; }
  // Whether what follows that byte is here, whole.
  bool has(std::uint64_t offset) const { return offset >= begin() && offset <= end_; }
  // At most so many bytes from that one on, which is here: exactly as they came. The view holds
  // until the next append.
  std::string_view from(std::uint64_t offset, std::size_t most) const;
  // Everything, for a screen in any state: it is cleared first. What follows it is from end().
  std::string for_fresh_screen() const;

 private:
  std::size_t size() const { return bytes_.size() - start_; }

  const std::size_t max_bytes_;
  std::string bytes_;
  std::size_t start_ = 0;  // what is before it is gone, and waits to be cut off
  std::uint64_t end_ = 0;
  EscapeReader before_;  // has read all that is gone
};

}  // namespace obelisk::terminal
