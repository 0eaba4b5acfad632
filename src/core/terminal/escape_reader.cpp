#include "core/terminal/escape_reader.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace obelisk::terminal {
namespace {

constexpr char32_t kEscape = 0x1b;
constexpr char32_t kBell = 0x07;
constexpr char32_t kCancel = 0x18;
constexpr char32_t kSubstitute = 0x1a;
constexpr char32_t kDelete = 0x7f;
constexpr char32_t kEnquiry = 0x05;
constexpr std::string_view kStringEnd = "\x1b\\";

// A CSI sequence taken apart: prefix (one of <=>?), parameters, intermediates, final.
struct Csi {
  char prefix = 0;
  std::string_view parameters;
  std::string_view between;
  char final = 0;
};

bool is_between(char c) { return c >= 0x20 && c <= 0x2f; }

// `text` is whole, from its ESC [ on.
Csi take_apart(std::string_view text) {
  Csi out;
  out.final = text.back();
  text = text.substr(2, text.size() - 3);
  if (!text.empty() && text.front() >= '<' && text.front() <= '?') {
    out.prefix = text.front();
    text.remove_prefix(1);
  }
  const auto split = std::ranges::find_if(text, is_between);
  const auto length = static_cast<std::size_t>(split - text.begin());
  out.parameters = text.substr(0, length);
  out.between = text.substr(length);
  return out;
}

// The next number of "1;2:3"; 0 for one that is left out. Nothing once none is left.
std::optional<std::uint32_t> next_number(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  std::uint32_t out = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), out);
  const auto end = std::min(rest.find_first_of(";:"), rest.size());
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

bool has_number(std::string_view parameters, std::uint32_t wanted) {
  while (const auto number = next_number(parameters)) {
    if (*number == wanted) return true;
  }
  return false;
}

// Setting these makes some terminals report at once.
bool reports_at_once(std::string_view parameters) {
  return has_number(parameters, 2031) || has_number(parameters, 2048);
}

bool is_harmless_plain(const Csi& csi) {
  constexpr std::string_view kDrawing = "@ABCDEFGHIJKLMPSTXZ`abdefghlmrsu";
  if (kDrawing.find(csi.final) != std::string_view::npos) return true;
  if (csi.final != 't') return false;  // the others move or ask for the window
  std::string_view rest = csi.parameters;
  const auto what = next_number(rest);
  return what && (*what == 22 || *what == 23);
}

bool is_harmless_between(const Csi& csi) {
  constexpr std::array<std::string_view, 19> kDrawing{"!p", " q", "\"q", "\"p", " @", " A", "$r",
                                                      "$t", "$v", "$x",  "$z",  "${", "'}", "'~",
                                                      "*x", "$}", "$~",  "#{",  "#}"};
  const std::string what = std::string(csi.between) + csi.final;
  return csi.prefix == 0 && std::ranges::find(kDrawing, what) != kDrawing.end();
}

bool is_harmless_csi(std::string_view text) {
  const Csi csi = take_apart(text);
  if (!csi.between.empty()) return is_harmless_between(csi);
  constexpr std::string_view kPrivate = "hlJKsr";
  switch (csi.prefix) {
    case 0: return is_harmless_plain(csi);
    case '?':
      return kPrivate.find(csi.final) != std::string_view::npos && !reports_at_once(csi.parameters);
    case '>': return csi.final == 'm' || csi.final == 'u';
    case '<':
    case '=': return csi.final == 'u';
  }
  return false;
}

// Titles, links, marks, and colours where they are set and not asked for.
bool is_harmless_osc(std::string_view text) {
  std::string_view body = text.substr(2);
  std::uint32_t number = 0;
  const auto [end, failed] = std::from_chars(body.data(), body.data() + body.size(), number);
  if (failed != std::errc{}) return false;
  body.remove_prefix(static_cast<std::size_t>(end - body.data()));
  if (!body.empty() && body.front() != ';') return false;
  switch (number) {
    case 0:
    case 1:
    case 2:
    case 7:
    case 8:
    case 104:
    case 133: return true;
    default: break;
  }
  const bool is_reset = number >= 110 && number <= 119;
  const bool is_colour = number == 4 || (number >= 10 && number <= 19);
  return is_reset || (is_colour && body.find('?') == std::string_view::npos);
}

// A picture in sixels, and nothing else.
bool is_harmless_dcs(std::string_view text) {
  const auto end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'q';
}

// How many bytes a character has, from its first; 0: none begins so.
std::size_t length_of(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

char32_t decode(std::string_view bytes) {
  if (bytes.size() == 1) return static_cast<std::uint8_t>(bytes.front());
  char32_t out = static_cast<std::uint8_t>(bytes.front()) & (0xffU >> (bytes.size() + 1));
  for (const char c : bytes.substr(1)) out = out << 6 | (static_cast<std::uint8_t>(c) & 0x3fU);
  return out;
}

bool is_valid(char32_t value, std::size_t length) {
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  return value >= kLeast[length] && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

}  // namespace

void EscapeReader::read(std::string_view bytes, std::string* out) {
  out_ = out;
  while (!bytes.empty()) {
    // Most of it is plain text.
    if (state_ == State::ground && pending_.empty()) {
      const auto odd = std::ranges::find_if(bytes, [](char c) { return c < 0x20 || c > 0x7e; });
      const auto plain = static_cast<std::size_t>(odd - bytes.begin());
      emit(bytes.substr(0, plain));
      bytes.remove_prefix(plain);
      if (bytes.empty()) break;
    }
    byte(static_cast<std::uint8_t>(bytes.front()));
    bytes.remove_prefix(1);
  }
  out_ = nullptr;
}

// A byte that fits nowhere is left out: what follows is read as if it had not been.
void EscapeReader::byte(std::uint8_t value) {
  const bool continues = (value & 0xc0) == 0x80;
  if (!pending_.empty() && !continues) pending_.clear();
  if (pending_.empty()) {
    wanted_ = length_of(value);
    if (wanted_ == 0) return;
  }
  pending_.push_back(static_cast<char>(value));
  if (pending_.size() < wanted_) return;
  const std::string bytes = std::exchange(pending_, {});
  const char32_t read = decode(bytes);
  if (!is_valid(read, bytes.size())) return;
  if (read >= 0x80 && read <= 0x9f) {
    // A control of eight bits is ESC and a letter.
    character(kEscape, "\x1b");
    const char letter = static_cast<char>(read - 0x40);
    character(static_cast<char32_t>(letter), {&letter, 1});
    return;
  }
  character(read, bytes);
}

void EscapeReader::character(char32_t value, std::string_view bytes) {
  switch (state_) {
    case State::ground: return ground(value, bytes);
    case State::escape: return in_escape(value, bytes);
    case State::csi: return in_csi(value, bytes);
    case State::osc:
    case State::dcs:
    case State::other_string: return in_string(value, bytes);
  }
}

void EscapeReader::ground(char32_t value, std::string_view bytes) {
  if (value == kEscape) return begin_escape();
  if (value < 0x20) return control(value);
  emit(bytes);
}

// Controls are obeyed at once, also amid a sequence.
void EscapeReader::control(char32_t value) {
  if (value == kCancel || value == kSubstitute) return abandon();
  if (value == kEnquiry) return;  // asks the terminal who it is
  const char c = static_cast<char>(value);
  emit({&c, 1});
}

void EscapeReader::begin_escape() {
  state_ = State::escape;
  text_ = "\x1b";
  too_long_ = false;
  string_escape_ = false;
}

void EscapeReader::abandon() {
  state_ = State::ground;
  text_.clear();
  too_long_ = false;
  string_escape_ = false;
}

void EscapeReader::collect(std::string_view bytes) {
  if (text_.size() + bytes.size() > kMaxSequence) too_long_ = true;
  if (!too_long_) text_ += bytes;
}

// What a sequence is no part of, wherever it stands in one; true where that is all there was.
bool EscapeReader::is_beside(char32_t value, std::string_view bytes) {
  if (value == kEscape) {
    begin_escape();
  } else if (value < 0x20) {
    control(value);
  } else if (value > kDelete) {
    abandon();
    ground(value, bytes);
  } else if (value != kDelete) {
    return false;
  }
  return true;
}

void EscapeReader::in_escape(char32_t value, std::string_view bytes) {
  if (is_beside(value, bytes)) return;
  collect(bytes);
  if (value < 0x30) return;
  if (text_.size() == 2) {
    switch (value) {
      case U'[': state_ = State::csi; return;
      case U']': state_ = State::osc; return;
      case U'P': state_ = State::dcs; return;
      case U'X':
      case U'^':
      case U'_': state_ = State::other_string; return;
      default: break;
    }
  }
  note_escape();
  finish(value != U'Z' || text_.size() > 2);  // ESC Z asks the terminal who it is
}

void EscapeReader::in_csi(char32_t value, std::string_view bytes) {
  if (is_beside(value, bytes)) return;
  collect(bytes);
  if (value < 0x40) return;
  const bool is_harmless = !too_long_ && is_harmless_csi(text_);
  if (is_harmless) note_csi();
  finish(is_harmless);
}

void EscapeReader::in_string(char32_t value, std::string_view bytes) {
  if (string_escape_) {
    // Whatever follows an ESC, the string is over.
    finish_string();
    if (value == U'\\') return;
    begin_escape();
    return in_escape(value, bytes);
  }
  if (value == kEscape) {
    string_escape_ = true;
    return;
  }
  if (value == kCancel || value == kSubstitute) return abandon();
  if (value == kBell && state_ == State::osc) return finish_string();
  if (value < 0x20 && state_ != State::dcs) return;
  if (value == kEnquiry) return;
  collect(bytes);
}

void EscapeReader::finish_string() {
  bool is_harmless = !too_long_;
  switch (state_) {
    case State::osc: is_harmless = is_harmless && is_harmless_osc(text_); break;
    case State::dcs: is_harmless = is_harmless && is_harmless_dcs(text_); break;
    case State::ground:
    case State::escape:
    case State::csi:
    case State::other_string: is_harmless = false; break;
  }
  if (is_harmless) text_ += kStringEnd;
  finish(is_harmless);
}

void EscapeReader::finish(bool is_harmless) {
  if (is_harmless && !too_long_) emit(text_);
  abandon();
}

void EscapeReader::emit(std::string_view bytes) {
  if (out_ != nullptr) *out_ += bytes;
}

void EscapeReader::note_escape() {
  if (text_ ==
      "\x1b"
      "c")
    return reset();
  if (text_ == "\x1b=") keypad_ = true;
  if (text_ == "\x1b>") keypad_ = false;
  if (text_.size() == 3 && text_[1] == '(') line_drawing_ = text_[2];
}

void EscapeReader::note_csi() {
  const Csi csi = take_apart(text_);
  if (csi.between == "!" && csi.final == 'p') {
    set_mode(1, false);
    set_mode(6, false);
    set_mode(25, true);
    keypad_ = false;
    line_drawing_ = 'B';
  }
  if (csi.prefix != '?' || !csi.between.empty() || (csi.final != 'h' && csi.final != 'l')) return;
  std::string_view rest = csi.parameters;
  while (const auto number = next_number(rest)) set_mode(*number, csi.final == 'h');
}

void EscapeReader::set_mode(std::uint32_t mode, bool on) {
  for (Mode& one : modes_) {
    if (one.number == mode) one.now = on;
  }
}

void EscapeReader::reset() {
  modes_ = kModes;
  keypad_ = false;
  line_drawing_ = 'B';
}

std::string EscapeReader::unfinished() const {
  std::string out = too_long_ ? text_.substr(0, 2) : text_;
  if (string_escape_) out += '\x1b';
  return out + pending_;
}

std::string EscapeReader::modes() const {
  std::string out;
  for (const Mode& one : modes_) {
    if (one.now == one.normal) continue;
    out += "\x1b[?" + std::to_string(one.number) + (one.now ? 'h' : 'l');
  }
  if (keypad_) out += "\x1b=";
  if (line_drawing_ != 'B') out += std::string("\x1b(") + line_drawing_;
  return out;
}

}  // namespace obelisk::terminal
