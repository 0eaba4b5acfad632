#include "adapters/prices/price_source.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace obelisk::prices {
namespace {

constexpr std::string_view kFixed = "fixed:";
constexpr std::uint64_t kMicro = 1'000'000;

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "140" or "142.37" in millionths; nothing for any other form.
std::optional<std::uint64_t> micro_from(std::string_view text) {
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string fraction(point == std::string_view::npos ? "" : text.substr(point + 1));
  const bool dangling = point != std::string_view::npos && fraction.empty();
  if (whole.empty() || whole.size() > 7 || fraction.size() > 6 || dangling || !all_digits(whole) ||
      !all_digits(fraction)) {
    return std::nullopt;
  }
  fraction.resize(6, '0');
  std::uint64_t units = 0;
  std::uint64_t parts = 0;
  std::from_chars(whole.data(), whole.data() + whole.size(), units);
  std::from_chars(fraction.data(), fraction.data() + fraction.size(), parts);
  return units * kMicro + parts;
}

}  // namespace

base::Result<std::unique_ptr<ports::PriceSource>> make_price_source(std::string_view text,
                                                                    ports::Clock& clock) {
  const base::Error unknown{
      base::Code::usage, "'" + std::string(text.substr(0, 40)) + "' is no source of a SOL price.",
      "Use fixed:<dollars a SOL>, for example fixed:140 or fixed:142.37."};
  if (!text.starts_with(kFixed)) return unknown;
  const auto micro = micro_from(text.substr(kFixed.size()));
  if (!micro || *micro < kMicro / 100 || *micro > 1'000'000 * kMicro) return unknown;
  return std::unique_ptr<ports::PriceSource>(std::make_unique<FixedPrice>(*micro, clock));
}

}  // namespace obelisk::prices
