#include "core/market/search/quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

namespace obelisk::market::search {
namespace {

__extension__ typedef unsigned __int128 Wide;

struct Unit {
  std::string_view name;
  std::uint64_t scale;
};

constexpr std::uint64_t kKilo = 1000;
constexpr std::uint64_t kMega = kKilo * kKilo;
constexpr std::uint64_t kGiga = kMega * kKilo;
constexpr std::uint64_t kTera = kGiga * kKilo;
constexpr int kVersionBits = 20;
constexpr std::uint64_t kVersionMax = (std::uint64_t{1} << kVersionBits) - 1;

// Each from large to small. Values of a kind whose own unit is no power of ten are written in the
// first unit that they are a multiple of; so such a kind ends with a scale of 1.
constexpr std::array<Unit, 8> kMemory{{{"TB", std::uint64_t{1} << 40},
                                       {"GB", std::uint64_t{1} << 30},
                                       {"MB", std::uint64_t{1} << 20},
                                       {"TiB", std::uint64_t{1} << 40},
                                       {"GiB", std::uint64_t{1} << 30},
                                       {"MiB", std::uint64_t{1} << 20},
                                       {"kB", std::uint64_t{1} << 10},
                                       {"B", 1}}};
constexpr std::array<Unit, 8> kDisk{{{"TB", kTera},
                                     {"GB", kGiga},
                                     {"MB", kMega},
                                     {"kB", kKilo},
                                     {"TiB", std::uint64_t{1} << 40},
                                     {"GiB", std::uint64_t{1} << 30},
                                     {"MiB", std::uint64_t{1} << 20},
                                     {"B", 1}}};
constexpr std::array<Unit, 4> kSpeed{
    {{"TB/s", kTera}, {"GB/s", kGiga}, {"MB/s", kMega}, {"B/s", 1}}};
constexpr std::array<Unit, 4> kNetwork{
    {{"Gbps", kGiga}, {"Mbps", kMega}, {"kbps", kKilo}, {"bps", 1}}};
constexpr std::array<Unit, 3> kRate{{{"PFLOPS", kMega}, {"TFLOPS", kKilo}, {"GFLOPS", 1}}};
constexpr std::array<Unit, 1> kUsd{{{"USD", kMega}}};
constexpr std::array<Unit, 2> kSol{{{"SOL", kGiga}, {"lamports", 1}}};
constexpr std::array<Unit, 2> kCores{{{"", kKilo}, {"m", 1}}};
constexpr std::array<Unit, 8> kTime{{{"d", 86'400'000},
                                     {"h", 3'600'000},
                                     {"min", 60'000},
                                     {"m", 60'000},
                                     {"days", 86'400'000},
                                     {"hours", 3'600'000},
                                     {"s", 1000},
                                     {"ms", 1}}};
constexpr std::array<Unit, 3> kWatts{{{"kW", kMega}, {"W", kKilo}, {"mW", 1}}};
constexpr std::array<Unit, 1> kPercent{{{"%", 100}}};
constexpr std::array<Unit, 1> kPlain{{{"", 1}}};

std::span<const Unit> units_of(Kind kind) {
  switch (kind) {
    case Kind::memory: return kMemory;
    case Kind::disk: return kDisk;
    case Kind::speed: return kSpeed;
    case Kind::network: return kNetwork;
    case Kind::rate:
    case Kind::rate_price: return kRate;
    case Kind::usd: return kUsd;
    case Kind::sol: return kSol;
    case Kind::cores: return kCores;
    case Kind::time: return kTime;
    case Kind::watts: return kWatts;
    case Kind::percent: return kPercent;
    case Kind::text:
    case Kind::flag:
    case Kind::count:
    case Kind::version: return kPlain;
  }
  return kPlain;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

const Unit* find_unit(std::span<const Unit> units, std::string_view name) {
  const auto at = std::ranges::find_if(units, [&](const Unit& unit) {
    return std::ranges::equal(unit.name, name, {}, lower, lower);
  });
  return at == units.end() ? nullptr : &*at;
}

// A unit of its own where the number has none.
const Unit& own_unit(const FieldInfo& field) {
  const auto units = units_of(field.kind);
  const Unit* unit = find_unit(units, field.unit);
  return unit == nullptr ? units.front() : *unit;
}

// "12.50" as 1250 over 10^2.
struct Decimal {
  std::uint64_t digits = 0;
  std::uint64_t power = 1;
};

std::optional<Decimal> read_decimal(std::string_view text) {
  constexpr std::size_t kMostDigits = 19;  // 10^19 < 2^64
  Decimal out;
  std::size_t digits = 0;
  bool after_point = false;
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return std::nullopt;
  for (const char c : text) {
    if (c == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (!is_digit(c) || ++digits > kMostDigits) return std::nullopt;
    out.digits = out.digits * 10 + static_cast<std::uint64_t>(c - '0');
    if (after_point) out.power *= 10;
  }
  return out;
}

std::string decimal_text(std::uint64_t number, std::uint64_t scale) {
  std::string out = std::to_string(number / scale);
  std::uint64_t rest = number % scale;
  if (rest == 0) return out;
  out += '.';
  while (rest != 0) {
    scale /= 10;
    out += static_cast<char>('0' + rest / scale);
    rest %= scale;
  }
  return out;
}

bool is_power_of_ten(std::uint64_t scale) {
  while (scale % 10 == 0) scale /= 10;
  return scale == 1;
}

std::optional<Span> read_version(std::string_view text) {
  std::uint64_t number = 0;
  int shift = 3 * kVersionBits;
  while (true) {
    const std::string_view part = text.substr(0, text.find('.'));
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc{} || end != part.data() + part.size() || value > kVersionMax ||
        shift == 0) {
      return std::nullopt;
    }
    shift -= kVersionBits;
    number |= value << shift;
    if (part.size() == text.size()) break;
    text.remove_prefix(part.size() + 1);
  }
  return Span{number, number | ((std::uint64_t{1} << shift) - 1)};
}

std::string version_text(Span span) {
  std::string out = std::to_string(span.low >> (2 * kVersionBits));
  for (int shift = kVersionBits; shift >= 0; shift -= kVersionBits) {
    // Free bits up to here: the rest was not written.
    if ((span.low ^ span.high) >> shift != 0) break;
    out += '.' + std::to_string(span.low >> shift & kVersionMax);
  }
  return out;
}

std::string unit_names(Kind kind) {
  std::string out;
  for (const Unit& unit : units_of(kind)) {
    if (unit.name.empty()) continue;
    out += (out.empty() ? "" : ", ") + std::string(unit.name);
  }
  return out;
}

std::string no_quantity(const FieldInfo& field) {
  const std::string units = unit_names(field.kind);
  return "is no number" + (units.empty() ? std::string() : " of " + units);
}

}  // namespace

std::uint64_t version_number(std::string_view text) {
  const auto span = read_version(text);
  return span ? span->low : kUnknown;
}

std::variant<Span, std::string> read_quantity(const FieldInfo& field, std::string_view text) {
  if (field.kind == Kind::version) {
    if (const auto span = read_version(text)) return *span;
    return std::string("is no version, as 12 or 550.54.15 are");
  }
  if (field.kind == Kind::usd && text.starts_with('$')) text.remove_prefix(1);
  const auto letters = std::ranges::find_if(text, [](char c) { return c != '.' && !is_digit(c); });
  const auto length = static_cast<std::size_t>(letters - text.begin());
  const auto decimal = read_decimal(text.substr(0, length));
  const std::string_view suffix = text.substr(length);
  const Unit* unit = suffix.empty() ? &own_unit(field) : find_unit(units_of(field.kind), suffix);
  if (!decimal || unit == nullptr) return no_quantity(field);
  const Wide product = Wide{decimal->digits} * unit->scale;  // < 2^64 * 2^40
  if (product % decimal->power != 0) return std::string("is finer than is counted here");
  if (product / decimal->power > kMaxNumber) return std::string("is too large");
  const auto number = static_cast<std::uint64_t>(product / decimal->power);
  return Span{number, number};
}

std::string quantity_text(const FieldInfo& field, Span span) {
  if (field.kind == Kind::version) return version_text(span);
  const Unit& own = own_unit(field);
  if (span.low == 0) return "0";
  if (is_power_of_ten(own.scale))
    return decimal_text(span.low, own.scale) + std::string(field.unit);
  for (const Unit& unit : units_of(field.kind)) {
    if (span.low % unit.scale != 0) continue;
    return std::to_string(span.low / unit.scale) + std::string(unit.name);
  }
  return std::to_string(span.low);
}

}  // namespace obelisk::market::search
