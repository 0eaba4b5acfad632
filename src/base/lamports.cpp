#include "base/lamports.hpp"

#include <charconv>

namespace obelisk::base {

std::string to_decimal(Lamports amount) { return std::to_string(amount.count); }

std::optional<Lamports> lamports_from_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool canonical = !text.empty() && (text.size() == 1 || text.front() != '0');
  if (error != std::errc{} || end != text.data() + text.size() || !canonical) return std::nullopt;
  return Lamports{value};
}

std::string to_sol_exact(Lamports amount) {
  std::string fraction = std::to_string(amount.count % kLamportsPerSol);
  fraction.insert(0, 9 - fraction.size(), '0');
  return std::to_string(amount.count / kLamportsPerSol) + "." + fraction;
}

std::string to_sol_text(Lamports amount) {
  if (amount.count == 0) return "0 SOL";
  // Round to four significant digits in integers: find the unit of the fourth digit.
  std::uint64_t unit = 1;
  for (std::uint64_t rest = amount.count; rest >= 10'000; rest /= 10) unit *= 10;
  const std::uint64_t part = amount.count % unit;
  std::uint64_t rounded = amount.count - part;
  const bool up = part != 0 && part >= unit - part;
  std::uint64_t higher = 0;
  if (up && !__builtin_add_overflow(rounded, unit, &higher)) rounded = higher;
  std::string text = to_sol_exact(Lamports{rounded});
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " SOL";
}

}  // namespace obelisk::base
