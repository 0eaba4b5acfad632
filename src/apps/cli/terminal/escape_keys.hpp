// EscapeKeys: what a person types to the terminal's own program and not to the lease: Enter, ~ and
// a dot leave, as with ssh; ~~ types one ~. Pure; typed bytes may come in pieces.
#pragma once

#include <string>
#include <string_view>

namespace obelisk::cli {

class EscapeKeys {
 public:
  // What of it is for the lease. After one that left nothing more is.
  std::string take(std::string_view typed);
  bool leaves() const { return state_ == State::left; }

 private:
  enum class State { line_begins, in_line, tilde, left };
  State state_ = State::line_begins;
};

}  // namespace obelisk::cli
