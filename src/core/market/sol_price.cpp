#include "core/market/sol_price.hpp"

#include <algorithm>
#include <charconv>

namespace obelisk::market {
namespace {

constexpr std::uint64_t kMicro = 1'000'000;
constexpr std::uint64_t kLeastMicroUsd = kMicro / 100;
constexpr std::uint64_t kMostMicroUsd = 1'000'000 * kMicro;
constexpr std::uint64_t kBps = 10'000;

struct Word {
  const PriceReading* reading;
  std::uint64_t mid;
};

std::uint64_t middle(std::uint64_t a, std::uint64_t b) { return a + (b - a) / 2; }

// Sorted words; of an even number, halfway between the two in the middle.
std::uint64_t median(const std::vector<Word>& words) {
  const std::size_t half = words.size() / 2;
  return words.size() % 2 == 1 ? words[half].mid : middle(words[half - 1].mid, words[half].mid);
}

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

// Why this one cannot count by itself; empty where it can.
std::string fault_of(const PriceReading& reading, base::UnixMillis now_ms,
                     const PriceLimits& limits) {
  if (reading.bid < kLeastMicroUsd || reading.ask > kMostMicroUsd || reading.bid > reading.ask) {
    return "its bid and ask make no sense";
  }
  const std::int64_t age_ms = now_ms - reading.at_ms;
  if (age_ms > limits.max_age_ms) return std::to_string(age_ms / 1000) + " s old";
  if (age_ms < -limits.max_ahead_ms) return "its time is in the future";
  if ((reading.ask - reading.bid) * kBps > reading.bid * limits.max_spread_bps) {
    return "its bid and ask are too far apart";
  }
  return "";
}

// How far each is from the median of the others, and whether that is too far.
struct Apart {
  std::uint64_t by = 0;
  bool is_too_far = false;
};

std::vector<Apart> apart_of(const std::vector<Word>& words, const PriceLimits& limits) {
  std::vector<Apart> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::vector<Word> others = words;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const std::uint64_t centre = median(others);
    const std::uint64_t by = distance(words[i].mid, centre);
    out.push_back({by, by * kBps > centre * limits.max_apart_bps});
  }
  return out;
}

// Takes out the one furthest from the median of the others until none is too far. Where two are
// equally far there is no telling who is right, and both go.
void drop_outliers(std::vector<Word>& words, std::vector<std::string>& left_out,
                   const PriceLimits& limits) {
  while (words.size() > 1) {
    const std::vector<Apart> apart = apart_of(words, limits);
    if (std::ranges::none_of(apart, &Apart::is_too_far)) return;
    const std::uint64_t furthest = std::ranges::max(apart, {}, &Apart::by).by;
    std::vector<Word> kept;
    for (std::size_t i = 0; i < words.size(); ++i) {
      // Halfway points are rounded down: a micro-dollar is no difference.
      if (apart[i].by + 1 < furthest) {
        kept.push_back(words[i]);
      } else {
        left_out.push_back(words[i].reading->source + ": too far from the others");
      }
    }
    words = std::move(kept);
  }
}

// A source that was asked in two ways is one source: Pyth's web service and its account say the
// same.
void keep_freshest_of_each(std::vector<Word>& words) {
  std::ranges::sort(words, [](const Word& a, const Word& b) {
    if (a.reading->source != b.reading->source) return a.reading->source < b.reading->source;
    return a.reading->at_ms > b.reading->at_ms;
  });
  const auto same = [](const Word& a, const Word& b) {
    return a.reading->source == b.reading->source;
  };
  const auto rest = std::ranges::unique(words, same);
  words.erase(rest.begin(), rest.end());
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

base::Result<AgreedPrice> agree_on_price(const std::vector<PriceReading>& readings,
                                         base::UnixMillis now_ms, const PriceLimits& limits) {
  AgreedPrice out;
  std::vector<Word> words;
  for (const PriceReading& reading : readings) {
    const std::string fault = fault_of(reading, now_ms, limits);
    if (fault.empty()) {
      words.push_back({&reading, middle(reading.bid, reading.ask)});
    } else {
      out.left_out.push_back(reading.source + ": " + fault);
    }
  }
  keep_freshest_of_each(words);
  std::ranges::sort(words, {}, &Word::mid);
  drop_outliers(words, out.left_out, limits);
  std::erase_if(words, [](const Word& word) { return !word.reading->in_dollars; });
  if (words.size() < limits.least_sources) {
    const std::string why = out.left_out.empty() ? "" : " (" + joined(out.left_out) + ")";
    return base::Error{
        base::Code::unreachable,
        "Nobody knows well enough what a SOL is worth: " + std::to_string(words.size()) +
            " of the sources in dollars can be used, " + std::to_string(limits.least_sources) +
            " are needed" + why + ".",
        "Quotes come back by themselves. What runs is paid in SOL and goes on."};
  }
  std::vector<std::string> names;
  out.at_ms = words.front().reading->at_ms;
  for (const Word& word : words) {
    names.push_back(word.reading->source);
    out.at_ms = std::min(out.at_ms, word.reading->at_ms);
  }
  std::ranges::sort(names);
  out.sources = "median of " + joined(names);
  out.micro_usd_per_sol = median(words);
  return out;
}

std::optional<std::uint64_t> micro_usd_from_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  const auto digits = [](std::string_view part) {
    return std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  const bool dangling = point != std::string_view::npos && fraction.empty();
  if (whole.empty() || whole.size() > 7 || fraction.size() > 20 || dangling || !digits(whole) ||
      !digits(fraction)) {
    return std::nullopt;
  }
  std::string kept(fraction.substr(0, 6));
  kept.resize(6, '0');
  std::uint64_t dollars = 0;
  std::uint64_t parts = 0;
  std::from_chars(whole.data(), whole.data() + whole.size(), dollars);
  std::from_chars(kept.data(), kept.data() + kept.size(), parts);
  const std::uint64_t micro = dollars * kMicro + parts;
  if (micro < kLeastMicroUsd || micro > kMostMicroUsd) return std::nullopt;
  return micro;
}

std::optional<std::uint64_t> micro_usd_from_scaled(std::int64_t mantissa, std::int32_t exponent) {
  if (mantissa <= 0 || exponent < -12 || exponent > 0) return std::nullopt;
  auto micro = static_cast<std::uint64_t>(mantissa);
  for (std::int32_t shift = exponent + 6; shift < 0; ++shift) micro /= 10;
  for (std::int32_t shift = exponent + 6; shift > 0; --shift) {
    if (micro > kMostMicroUsd) return std::nullopt;
    micro *= 10;
  }
  if (micro < kLeastMicroUsd || micro > kMostMicroUsd) return std::nullopt;
  return micro;
}

}  // namespace obelisk::market
