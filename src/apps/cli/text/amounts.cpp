#include "apps/cli/text/amounts.hpp"

#include <algorithm>
#include <cstdio>

#include "core/market/price.hpp"

namespace obelisk::cli {
namespace {

std::string with_decimals(std::uint64_t whole, std::uint64_t part, int digits) {
  char text[48];
  std::snprintf(text, sizeof text, "%llu.%0*llu", static_cast<unsigned long long>(whole), digits,
                static_cast<unsigned long long>(part));
  return text;
}

std::string in_units(std::uint64_t bytes, std::uint64_t mega, std::uint64_t giga) {
  if (bytes < giga) return std::to_string(bytes / mega) + " MB";
  return std::to_string(bytes / giga + (bytes % giga >= giga / 2 ? 1 : 0)) + " GB";
}

}  // namespace

std::string sol_figure(base::Lamports amount) {
  std::string text = base::to_sol_text(amount);
  return text.substr(0, text.size() - 4);  // " SOL"
}

std::string usd_text(std::uint64_t micro_usd) {
  if (micro_usd == 0) return "$0.00";
  if (micro_usd < 100) return "$0.0001";
  if (micro_usd < 100'000) return "$" + with_decimals(0, (micro_usd + 50) / 100, 4);
  const std::uint64_t cents = micro_usd / 10'000 + (micro_usd % 10'000 >= 5'000 ? 1 : 0);
  return "$" + with_decimals(cents / 100, cents % 100, 2);
}

std::string sol_and_usd(base::Lamports amount, std::uint64_t micro_usd_per_sol) {
  return base::to_sol_text(amount) + " (" +
         usd_text(market::micro_usd_for(amount, micro_usd_per_sol)) + ")";
}

std::string memory_text(std::uint64_t bytes) {
  return bytes == 0 ? "-" : in_units(bytes, 1u << 20, 1u << 30);
}

std::string disk_text(std::uint64_t bytes) { return in_units(bytes, 1'000'000, 1'000'000'000); }

std::string short_key(const base::PublicKey& key) {
  const std::string text = key.to_string();
  if (text.size() <= 12) return text;
  return text.substr(0, 6) + ".." + text.substr(text.size() - 4);
}

std::string key_beginning(const base::PublicKey& key) { return key.to_string().substr(0, 8); }

std::string milliseconds_text(std::int64_t ms) {
  ms = std::max<std::int64_t>(ms, 0);
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms < 10'000) return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
  return std::to_string(ms / 1000) + " s";
}

std::string whole_seconds_text(std::int64_t ms) {
  return std::to_string(std::max<std::int64_t>((ms + 999) / 1000, 1)) + " s";
}

}  // namespace obelisk::cli
