// Terminal: a program of a lease on a pty of the lease's, seen from its other end. What it writes
// and reads are bytes; nothing here knows what they mean. One thread reads; any may do the rest.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obelisk::ports {

struct TerminalWish {
  std::vector<std::string> words = {};  // a program and its arguments; empty: the login shell
  std::string term = "xterm-256color";
  std::uint16_t columns = 80;
  std::uint16_t rows = 24;
};

struct TerminalOutput {
  std::string bytes = {};  // empty: none came in that time
  bool is_over = false;    // and none will come any more
};

// With its destructor everything is ended that was started on it.
class Terminal {
 public:
  virtual ~Terminal() = default;
  // Waits at most so long for what is written there; some 64 KiB at once. After the program's end
  // what it wrote last still comes, and what it left in the background is ended.
  virtual TerminalOutput read(std::chrono::milliseconds timeout) = 0;
  // Hands over as much as it takes at once, from the front, and says how much that was; never
  // waits for a program that does not read.
  virtual std::size_t write(std::string_view bytes) = 0;
  // The programs on it are told where that is another size than before.
  virtual void resize(std::uint16_t columns, std::uint16_t rows) = 0;
  // Ends all that runs on it, at once.
  virtual void end() = 0;
  // Once it is over: 128 and the number of the signal that ended it. Nothing where that is unknown.
  virtual std::optional<int> exit_code() const = 0;
};

}  // namespace obelisk::ports
