// Lamports: money. A strong u64 with checked arithmetic; 1 SOL = 1,000,000,000. It must never
// become a float, wrap around, or be mixed with another number by accident.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace obelisk::base {

inline constexpr std::uint64_t kLamportsPerSol = 1'000'000'000;

struct Lamports {
  std::uint64_t count = 0;
  auto operator<=>(const Lamports&) const = default;
};

// Nothing where the sum or difference does not fit.
constexpr std::optional<Lamports> checked_add(Lamports a, Lamports b) {
  std::uint64_t sum = 0;
  if (__builtin_add_overflow(a.count, b.count, &sum)) return std::nullopt;
  return Lamports{sum};
}
constexpr std::optional<Lamports> checked_sub(Lamports a, Lamports b) {
  if (b.count > a.count) return std::nullopt;
  return Lamports{a.count - b.count};
}

// The decimal string that JSON carries, for example "2951040".
std::string to_decimal(Lamports amount);
std::optional<Lamports> lamports_from_decimal(std::string_view text);

// For people: SOL to four significant figures, "0.0061 SOL", "12.34 SOL", "0 SOL". Rounded half up,
// except that an amount above zero never reads as zero.
std::string to_sol_text(Lamports amount);
// Every digit: "0.002951040".
std::string to_sol_exact(Lamports amount);

}  // namespace obelisk::base
