// TerminalSeat: a person at a terminal of a lease: what he types goes there, what is written there
// comes to his screen, through as many connections as it takes. What the connection loses is asked
// for again by its number, so that nothing is missing on the screen and nothing comes twice. It
// must never leave his own terminal other than it was.
#pragma once

#include <functional>
#include <string>

#include "apps/cli/terminal/escape_keys.hpp"
#include "apps/cli/terminal/wire.hpp"
#include "core/terminal/backlog.hpp"
#include "core/terminal/opening.hpp"

namespace obelisk::cli {

struct SeatParts {
  int in = 0;  // a terminal
  int out = 1;
  int signals = -1;  // a signalfd(2); -1: none
  Wire::Address address;
  terminal::Opening opening;  // its size is asked of `in`
};

struct SeatEnd {
  int exit_code = 0;      // of what ran
  bool has_left = false;  // the person went; it runs on
  std::string session;    // its id
};

class TerminalSeat {
 public:
  explicit TerminalSeat(SeatParts parts);

  // Until it is over. The errors of base::Error where it was never there, or was ended by somebody
  // else; the terminal is as it was before by then.
  base::Result<SeatEnd> sit();

 private:
  enum class State { first, there, lost };
  using Done = std::optional<base::Result<SeatEnd>>;

  Done turn();
  Done hear_signals();
  Done type();
  Done hear(const WireNews& news);
  Done hear_text(const std::string& text);
  Done lose(const std::optional<base::Error>& error);
  void show(const std::string& bytes);
  void write_out(std::string_view bytes);
  void connect();
  void say_lost();
  void begin(const terminal::Begin& begin);
  void resize();
  void nudge();
  int until_next() const;

  const SeatParts parts_;
  Wire wire_;
  EscapeKeys keys_;
  State state_ = State::first;
  terminal::Opening opening_;
  terminal::Size size_;
  terminal::EscapeReader screen_;    // for the modes that are left behind
  std::uint64_t offset_ = 0;         // the number of the next byte
  std::uint64_t replay_left_ = 0;    // that are not counted
  int losses_ = 0;                   // one after the other
  std::int64_t connect_at_ms_ = -1;  // -1: not wanted
  std::int64_t nudge_at_ms_ = -1;
  bool has_line_ = false;  // of ours stands on the screen
};

}  // namespace obelisk::cli
