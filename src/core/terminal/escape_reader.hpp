// EscapeReader: reads what a program writes to a terminal, byte by byte and cut anywhere, as a
// terminal in UTF-8 does (ECMA-48, xterm), and says again what of it only draws. A sequence that
// makes a terminal answer, reach for the clipboard, print or ring up the desktop is left out: said
// again to another screen, its answer would be typed into the shell. What is not known to be
// harmless is left out too. Only whole sequences and characters are said again, so that what is
// left out cannot join what stands beside it. Pure, never throws; memory is bounded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace obelisk::terminal {

// Of one sequence; a longer one is left out.
inline constexpr std::size_t kMaxSequence = 256 << 10;

class EscapeReader {
 public:
  // Appends to `out` what may be said again of what is finished by now; null: only reads.
  void read(std::string_view bytes, std::string* out);
  // The beginning of a sequence or character whose rest has not come.
  std::string unfinished() const;
  // Sequences that bring a fresh screen into the modes that what was read left behind.
  std::string modes() const;

 private:
  enum class State { ground, escape, csi, osc, dcs, other_string };

  void byte(std::uint8_t value);
  void character(char32_t value, std::string_view bytes);
  void ground(char32_t value, std::string_view bytes);
  bool is_beside(char32_t value, std::string_view bytes);
  void in_escape(char32_t value, std::string_view bytes);
  void in_csi(char32_t value, std::string_view bytes);
  void in_string(char32_t value, std::string_view bytes);
  void control(char32_t value);
  void begin_escape();
  void abandon();
  void collect(std::string_view bytes);
  void finish(bool is_harmless);
  void finish_string();
  void emit(std::string_view bytes);
  void note_escape();
  void note_csi();
  void set_mode(std::uint32_t mode, bool on);
  void reset();

  // One that a program can set by CSI ? N h.
  struct Mode {
    std::uint16_t number;
    bool normal;  // as a fresh screen has it
    bool now;
  };
  static constexpr std::array<Mode, 16> kModes{{{1, false, false},
                                                {6, false, false},
                                                {7, true, true},
                                                {9, false, false},
                                                {25, true, true},
                                                {47, false, false},
                                                {1000, false, false},
                                                {1002, false, false},
                                                {1003, false, false},
                                                {1004, false, false},
                                                {1006, false, false},
                                                {1007, false, false},
                                                {1015, false, false},
                                                {1047, false, false},
                                                {1049, false, false},
                                                {2004, false, false}}};

  std::string* out_ = nullptr;
  State state_ = State::ground;
  std::string text_;            // of the sequence under way, from its ESC on
  bool too_long_ = false;       // and so it is left out
  bool string_escape_ = false;  // an ESC came in a string: perhaps its end
  std::string pending_;         // bytes of a character under way
  std::size_t wanted_ = 0;      // so many it has
  std::array<Mode, 16> modes_ = kModes;
  bool keypad_ = false;
  char line_drawing_ = 'B';  // what ESC ( chose
};

}  // namespace obelisk::terminal
