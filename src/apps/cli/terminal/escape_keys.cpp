#include "apps/cli/terminal/escape_keys.hpp"

namespace obelisk::cli {

std::string EscapeKeys::take(std::string_view typed) {
  std::string out;
  for (const char c : typed) {
    switch (state_) {
      case State::left: return out;
      case State::tilde:
        if (c == '.') {
          state_ = State::left;
          return out;
        }
        state_ = State::in_line;
        out += '~';
        if (c == '~') continue;
        break;
      case State::line_begins:
        if (c == '~') {
          state_ = State::tilde;
          continue;
        }
        break;
      case State::in_line: break;
    }
    out += c;
    state_ = c == '\r' || c == '\n' ? State::line_begins : State::in_line;
  }
  return out;
}

}  // namespace obelisk::cli
