#include "core/host/log_text.hpp"

#include <cstdint>

namespace obelisk::host {
namespace {

// The length of the UTF-8 sequence that `text` begins with; 0: it begins with none.
std::size_t sequence(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                             : first >= 0xe0 && first <= 0xef ? 3
                             : first >= 0xf0 && first <= 0xf4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  // Too long for what it says, a surrogate, or beyond the last code point.
  const bool wrong = (first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) > 0x9f) ||
                     (first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) > 0x8f);
  return wrong ? 0 : length;
}

std::string cleaned(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t length = sequence(bytes);
    const auto first = static_cast<std::uint8_t>(bytes[0]);
    const bool is_control = (first < 0x20 && first != '\n' && first != '\t') || first == 0x7f ||
                            (first == 0xc2 && length == 2 && (bytes[1] & 0xff) < 0xa0);
    if (length == 0) {
      out += '?';
    } else if (!is_control) {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::size_t json_bytes(char c) {
  if (c == '\n' || c == '\t') return 6;
  return c == '"' || c == '\\' ? 2 : 1;
}

}  // namespace

LogText log_text(std::string_view bytes) {
  const std::string all = cleaned(bytes);
  std::size_t from = all.size();
  std::size_t cost = 0;
  while (from > 0 && all.size() - from < kMaxLogBytes) {
    cost += json_bytes(all[from - 1]);
    if (cost > kMaxLogJsonBytes) break;
    --from;
  }
  if (from == 0) return {all, false};
  // At the next line; within one that is too long, at the next character.
  const auto line = all.find('\n', from - 1);
  if (line != std::string::npos && line + 1 < all.size()) return {all.substr(line + 1), true};
  while (from < all.size() && (all[from] & 0xc0) == 0x80) ++from;
  return {all.substr(from), true};
}

}  // namespace obelisk::host
