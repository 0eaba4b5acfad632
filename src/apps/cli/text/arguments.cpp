#include "apps/cli/text/arguments.hpp"

#include <array>

#include "apps/cli/text/table.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::uint32_t kMinSeconds = 60;
constexpr std::uint32_t kMaxSeconds = 31'536'000;
constexpr std::size_t kMaxDigits = 18;

// What was typed, short enough for a line and harmless on a terminal.
std::string quoted(std::string_view text) { return "\"" + printable(text.substr(0, 40)) + "\""; }

Error out_of_range(std::string_view flag, std::string_view text, std::string_view range) {
  return {Code::invalid_input, std::string(flag) + " cannot be " + quoted(text) + ".",
          "Give " + std::string(range) + ", for example 1.5 or 12."};
}

base::Result<std::uint32_t> read_seconds(std::string_view flag, std::string_view text,
                                         std::uint64_t unit_s) {
  const auto seconds = decimal(text, unit_s);
  if (!seconds || *seconds < kMinSeconds || *seconds > kMaxSeconds) {
    return out_of_range(flag, text, "a plain number that means one minute to 365 days");
  }
  return static_cast<std::uint32_t>(*seconds);
}

// "2h", "90m", "1.5d": the letter is what keeps 90 from being read as hours.
base::Result<std::uint32_t> read_span(std::string_view text) {
  struct Unit {
    char letter;
    std::uint64_t seconds;
  };
  constexpr std::array kUnits{Unit{'s', 1}, Unit{'m', 60}, Unit{'h', 3600}, Unit{'d', 86'400}};
  for (const Unit& unit : kUnits) {
    if (text.empty() || text.back() != unit.letter) continue;
    return read_seconds("--for", text.substr(0, text.size() - 1), unit.seconds);
  }
  return Error{Code::invalid_input, "--for cannot be " + quoted(text) + ".",
               "Give a number and s, m, h or d, for example 2h or 90m."};
}

}  // namespace

std::optional<std::uint64_t> decimal(std::string_view text, std::uint64_t parts_per_unit) {
  std::uint64_t digits = 0;
  std::uint64_t scale = 1;
  std::size_t count = 0;
  bool point = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      // A point stands between digits.
      if (point || i == 0 || i + 1 == text.size()) return std::nullopt;
      point = true;
      continue;
    }
    if (text[i] < '0' || text[i] > '9' || ++count > kMaxDigits) return std::nullopt;
    digits = digits * 10 + static_cast<std::uint64_t>(text[i] - '0');
    if (point) scale *= 10;
  }
  if (count == 0) return std::nullopt;
  // (whole + fraction / scale) x parts, each product checked.
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;
  std::uint64_t sum = 0;
  if (__builtin_mul_overflow(digits / scale, parts_per_unit, &whole)) return std::nullopt;
  if (__builtin_mul_overflow(digits % scale, parts_per_unit, &fraction)) return std::nullopt;
  fraction = fraction / scale + (fraction % scale != 0 ? 1 : 0);
  if (__builtin_add_overflow(whole, fraction, &sum)) return std::nullopt;
  return sum;
}

base::Result<std::uint32_t> read_time(const TimeArguments& time) {
  const int given =
      (time.hours ? 1 : 0) + (time.minutes ? 1 : 0) + (time.seconds ? 1 : 0) + (time.span ? 1 : 0);
  if (given != 1) {
    return Error{Code::usage,
                 given == 0 ? "It is not said for how long." : "The time is said more than once.",
                 "Give one of --hours, --minutes, --seconds, --for."};
  }
  if (time.hours) return read_seconds("--hours", *time.hours, 3600);
  if (time.minutes) return read_seconds("--minutes", *time.minutes, 60);
  if (time.span) return read_span(*time.span);
  return read_seconds("--seconds", *time.seconds, 1);
}

base::Result<std::uint32_t> read_hours(std::string_view flag, std::string_view text) {
  return read_seconds(flag, text, 3600);
}

base::Result<std::uint32_t> read_count(std::string_view text) {
  const auto count = decimal(text, 1);
  if (!count || text.find('.') != text.npos || *count < 1 || *count > 16) {
    return Error{Code::invalid_input, "--count cannot be " + quoted(text) + ".",
                 "Give a whole number of cards from 1 to 16."};
  }
  return static_cast<std::uint32_t>(*count);
}

base::Result<std::uint64_t> read_disk(std::string_view text) {
  constexpr std::uint64_t kGiga = 1'000'000'000;
  struct Unit {
    std::string_view name;
    std::uint64_t bytes;
  };
  constexpr std::array kUnits{Unit{"TB", 1000 * kGiga}, Unit{"T", 1000 * kGiga}, Unit{"GB", kGiga},
                              Unit{"G", kGiga}};
  std::string_view figure = text;
  std::uint64_t unit = kGiga;
  for (const Unit& candidate : kUnits) {
    if (!figure.ends_with(candidate.name)) continue;
    figure.remove_suffix(candidate.name.size());
    unit = candidate.bytes;
    break;
  }
  const auto bytes = decimal(figure, unit);
  if (!bytes || *bytes < 2 * kGiga || *bytes > 100'000 * kGiga) {
    return Error{Code::invalid_input, "--disk cannot be " + quoted(text) + ".",
                 "Give 2GB to 100TB, for example --disk 50GB."};
  }
  return *bytes;
}

base::Result<std::uint64_t> read_usd(std::string_view flag, std::string_view text) {
  constexpr std::uint64_t kMost = 1'000'000'000;  // $1,000, as a listing
  const std::string_view figure = text.starts_with('$') ? text.substr(1) : text;
  const auto micro_usd = decimal(figure, 1'000'000);
  if (!micro_usd || *micro_usd == 0 || *micro_usd > kMost) {
    return Error{Code::invalid_input, std::string(flag) + " cannot be " + quoted(text) + ".",
                 "Give dollars for one card and hour, above 0, for example 1.50."};
  }
  return *micro_usd;
}

base::Result<base::Lamports> read_sol(std::string_view flag, std::string_view text) {
  const auto lamports = decimal(text, base::kLamportsPerSol);
  if (!lamports || *lamports == 0) {
    return Error{Code::invalid_input, std::string(flag) + " cannot be " + quoted(text) + ".",
                 "Give an amount of SOL above 0, for example 1.5."};
  }
  return base::Lamports{*lamports};
}

}  // namespace obelisk::cli
