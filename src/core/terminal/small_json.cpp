#include "core/terminal/small_json.hpp"

#include <charconv>

namespace obelisk::terminal {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

// How many bytes the character at the front of `text` has; 0 where it is no valid UTF-8.
std::size_t character_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (text.empty()) return 0;
  const std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  const bool is_overlong = (first == 0xe0 && at(1) < 0xa0) || (first == 0xf0 && at(1) < 0x90);
  const bool is_surrogate = first == 0xed && at(1) > 0x9f;
  const bool is_beyond = first == 0xf4 && at(1) > 0x8f;
  return is_overlong || is_surrogate || is_beyond ? 0 : length;
}

void append_character(std::string& out, std::uint32_t value) {
  const auto byte = [&](std::uint32_t bits) { out.push_back(static_cast<char>(bits)); };
  if (value < 0x80) return byte(value);
  if (value < 0x800) {
    byte(0xc0 | value >> 6);
  } else {
    if (value < 0x10000) {
      byte(0xe0 | value >> 12);
    } else {
      byte(0xf0 | value >> 18);
      byte(0x80 | (value >> 12 & 0x3f));
    }
    byte(0x80 | (value >> 6 & 0x3f));
  }
  byte(0x80 | (value & 0x3f));
}

// After the first thing that does not fit it stays failed.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return !failed_; }
  bool at_end() {
    skip();
    return !failed_ && rest_.empty();
  }
  // Whether that comes next; then it is read.
  bool takes(char wanted) {
    skip();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!takes(wanted)) failed_ = true;
  }
  std::string text();
  SmallValue value();

 private:
  void skip() {
    const auto end = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(std::min(end, rest_.size()));
  }
  bool word(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }
  void fail() { failed_ = true; }
  void escaped(std::string& out);
  std::uint32_t four_digits();
  std::int64_t number();

  std::string_view rest_;
  bool failed_ = false;
};

std::uint32_t Scanner::four_digits() {
  std::uint32_t out = 0;
  const std::string_view digits = rest_.substr(0, 4);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  if (failed != std::errc{} || end != digits.data() + 4) fail();
  rest_.remove_prefix(digits.size());
  return out;
}

void Scanner::escaped(std::string& out) {
  if (rest_.empty()) return fail();
  const char c = rest_.front();
  rest_.remove_prefix(1);
  constexpr std::string_view kFrom = "\"\\/bfnrt";
  constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
  if (const auto at = kFrom.find(c); at != std::string_view::npos) return out.push_back(kTo[at]);
  if (c != 'u') return fail();
  std::uint32_t value = four_digits();
  if (value >= 0xd800 && value <= 0xdbff) {
    if (!word("\\u")) return fail();
    const std::uint32_t low = four_digits();
    if (low < 0xdc00 || low > 0xdfff) return fail();
    value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
  } else if (value >= 0xdc00 && value <= 0xdfff) {
    return fail();
  }
  append_character(out, value);
}

std::string Scanner::text() {
  std::string out;
  expect('"');
  while (!failed_) {
    const std::size_t length = character_length(rest_);
    if (length == 0 || static_cast<std::uint8_t>(rest_.front()) < 0x20) {
      fail();
      break;
    }
    const std::string_view character = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (character == "\"") break;
    if (character == "\\") {
      escaped(out);
    } else {
      out += character;
    }
  }
  return out;
}

std::int64_t Scanner::number() {
  std::int64_t out = 0;
  const auto [end, failed] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
  const auto length = static_cast<std::size_t>(end - rest_.data());
  const std::string_view digits = rest_.substr(rest_.starts_with('-') ? 1 : 0);
  const bool has_zero_in_front =
      digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
  if (failed != std::errc{} || has_zero_in_front) fail();
  rest_.remove_prefix(length);
  return out;
}

SmallValue Scanner::value() {
  skip();
  if (rest_.starts_with('"')) return text();
  if (word("true")) return true;
  if (word("false")) return false;
  return number();
}

}  // namespace

std::optional<SmallObject> read_object(std::string_view text) {
  Scanner in(text);
  SmallObject out;
  in.expect('{');
  for (bool more = !in.takes('}'); more && in.ok();) {
    std::string name = in.text();
    in.expect(':');
    SmallValue value = in.value();
    if (!in.ok() || !out.emplace(std::move(name), std::move(value)).second) return std::nullopt;
    more = in.takes(',');
    if (!more) in.expect('}');
  }
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::optional<std::vector<std::string>> read_texts(std::string_view text) {
  Scanner in(text);
  std::vector<std::string> out;
  in.expect('[');
  for (bool more = !in.takes(']'); more && in.ok();) {
    out.push_back(in.text());
    more = in.takes(',');
    if (!more) in.expect(']');
  }
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::string write_text(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const auto first = static_cast<std::uint8_t>(text.front());
    if (length == 0) {
      out += '?';
    } else if (first < 0x20) {
      out += std::string("\\u00") + kHex[first >> 4] + kHex[first & 15];
    } else {
      if (first == '"' || first == '\\') out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + '"';
}

std::string write_texts(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? "," : "") + write_text(text);
  return out + "]";
}

}  // namespace obelisk::terminal
