#include "core/solana/key_order.hpp"

#include <algorithm>

namespace obelisk::solana {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char folded(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool base58_before(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (folded(a[i]) != folded(b[i])) return folded(a[i]) < folded(b[i]);
  }
  if (a.size() != b.size()) return a.size() < b.size();
  for (std::size_t i = 0; i < common; ++i) {
    if (is_upper(a[i]) != is_upper(b[i])) return is_upper(b[i]);
  }
  return false;
}

}  // namespace obelisk::solana
