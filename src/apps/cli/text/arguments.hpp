// What people type as amounts, read strictly: digits and one point, a range, and an error that says
// which. It must never take "1e9", "nan", "-1" or an empty text for a number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/lamports.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

// A decimal number of units, as parts of one: decimal("1.5", 3600) is 5400, rounded up. Nothing for
// any other text, for more than 18 digits, or where it does not fit.
std::optional<std::uint64_t> decimal(std::string_view text, std::uint64_t parts_per_unit);

// The ways to say how long; exactly one must be there.
struct TimeArguments {
  std::optional<std::string> hours;
  std::optional<std::string> minutes;
  std::optional<std::string> seconds;
  std::optional<std::string> span = {};  // "2h", "90m", "1d"
};
// 60 s to 365 d.
base::Result<std::uint32_t> read_time(const TimeArguments& time);
// The value of one flag, named in the error: read_hours("--max-hours", "12").
base::Result<std::uint32_t> read_hours(std::string_view flag, std::string_view text);

// 1 to 16 cards.
base::Result<std::uint32_t> read_count(std::string_view text);
// "50", "50GB", "1.5TB": GB of 10^9 bytes; 2 GB to 100 TB.
base::Result<std::uint64_t> read_disk(std::string_view text);
// "1.50" or "$1.50": micro-USD, above 0.
base::Result<std::uint64_t> read_usd(std::string_view flag, std::string_view text);
// "1.5" SOL, above 0.
base::Result<base::Lamports> read_sol(std::string_view flag, std::string_view text);

}  // namespace obelisk::cli
