#include "core/solana/fee.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace obelisk::solana {
namespace {

constexpr std::uint64_t kMicro = 1'000'000;

bool read_number(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

base::Result<FeeLimits> fee_limits_from(std::string_view prices, std::string_view most_lamports) {
  FeeLimits out;
  const std::size_t dots = prices.find("..");
  if (!prices.empty() &&
      (dots == std::string_view::npos || !read_number(prices.substr(0, dots), out.least_price) ||
       !read_number(prices.substr(dots + 2), out.most_price) || out.least_price > out.most_price)) {
    return base::Error{base::Code::usage,
                       "'" + std::string(prices.substr(0, 80)) + "' is no range of prices.",
                       "Write it like 0..1000000: micro-lamports for a compute unit."};
  }
  if (!most_lamports.empty() && !read_number(most_lamports, out.most_lamports)) {
    return base::Error{base::Code::usage,
                       "'" + std::string(most_lamports.substr(0, 80)) + "' is no fee.",
                       "Write a whole number of lamports, like 50000."};
  }
  return out;
}

std::uint32_t unit_limit_for(std::uint64_t simulated_units) {
  if (simulated_units >= kMostUnits) return kMostUnits;
  const std::uint64_t more = (simulated_units * 11 + 9) / 10;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(more, kMostUnits));
}

std::uint64_t unit_price_for(std::vector<std::uint64_t> recent, std::uint32_t units,
                             const FeeLimits& limits) {
  std::erase(recent, 0u);
  std::uint64_t price = 0;
  if (!recent.empty()) {
    // The smallest that three quarters of them do not exceed.
    const std::size_t rank = (recent.size() * 3 + 3) / 4 - 1;
    std::nth_element(recent.begin(), recent.begin() + static_cast<std::ptrdiff_t>(rank),
                     recent.end());
    price = recent[rank];
  }
  price = std::max(price, limits.least_price);
  price = std::min(price, limits.most_price);
  if (units == 0) return price;
  // price x units / 10^6 rounded up may not exceed the cap; so the price is rounded down.
  const std::uint64_t most_lamports = std::min(limits.most_lamports, UINT64_MAX / kMicro);
  return std::min(price, most_lamports * kMicro / units);
}

}  // namespace obelisk::solana
