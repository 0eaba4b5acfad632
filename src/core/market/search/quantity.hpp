// Quantities as a query writes them, "24GB", "1.50", "8h", "550.54": read exactly into the base of
// their kind, and written back so that the same is read again. It must never round what somebody
// wrote: a figure finer than the base is an error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/market/search/fields.hpp"

namespace obelisk::market::search {

// All the numbers that a written one stands for, ends included: one number but for versions, where
// 550 is every 550.x.y.
struct Span {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  auto operator<=>(const Span&) const = default;
};

// No kind has a number above this, so that counting one further never overflows.
inline constexpr std::uint64_t kMaxNumber = std::uint64_t{1} << 62;

// The number, or why it is none: the end of a sentence that begins with what was written.
std::variant<Span, std::string> read_quantity(const FieldInfo& field, std::string_view text);
// What read_quantity reads as just that span.
std::string quantity_text(const FieldInfo& field, Span span);

// "550.54.15" as one number; kUnknown for a text that is no version.
std::uint64_t version_number(std::string_view text);
constexpr std::uint64_t version_number(std::uint64_t major, std::uint64_t minor) {
  return major << 40 | minor << 20;
}

}  // namespace obelisk::market::search
