#include "settings.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <string>

namespace obelisk::link {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr double kMostMs = 60'000;
constexpr double kMostMbit = 1'000'000;
constexpr double kMostPackets = 1'000'000;

std::string_view next_word(std::string_view& words) {
  const auto from = words.find_first_not_of(' ');
  if (from == std::string_view::npos) return words = {};
  words.remove_prefix(from);
  const std::string_view word = words.substr(0, words.find(' '));
  words.remove_prefix(word.size());
  return word;
}

Error unreadable(std::string_view word) {
  return {Code::usage, "There is no '" + std::string(word) + "'.",
          "delay MS, jitter MS, loss PERCENT, reorder PERCENT, hold MS, rate MBIT, queue PACKETS, "
          "cut, mend or clear."};
}

// What the word behind `name` says, times `factor`, as a whole number.
template <class T>
std::optional<Error> read(std::string_view& words, std::string_view name, double most,
                          double factor, T& out) {
  const std::string_view word = next_word(words);
  double value = -1;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole_word = failed == std::errc() && end == word.data() + word.size();
  if (!whole_word || !(value >= 0 && value <= most)) {
    return Error{Code::usage,
                 std::string(name) + " takes a number from 0 to " +
                     std::to_string(static_cast<std::int64_t>(most)) + ", not '" +
                     std::string(word) + "'.",
                 ""};
  }
  out = static_cast<T>(std::llround(value * factor));
  return std::nullopt;
}

std::optional<Error> apply(std::string_view name, std::string_view& words, Settings& to) {
  if (name == "delay") return read(words, name, kMostMs, 1e3, to.delay_us);
  if (name == "jitter") return read(words, name, kMostMs, 1e3, to.jitter_us);
  if (name == "hold") return read(words, name, kMostMs, 1e3, to.hold_us);
  if (name == "loss") return read(words, name, 100, 1e4, to.loss_ppm);
  if (name == "reorder") return read(words, name, 100, 1e4, to.reorder_ppm);
  if (name == "rate") return read(words, name, kMostMbit, 1e6, to.rate_bits_per_s);
  if (name == "queue") return read(words, name, kMostPackets, 1, to.queue_packets);
  if (name == "cut" || name == "mend") {
    to.cut = name == "cut";
    return std::nullopt;
  }
  if (name == "clear") {
    to = Settings{};
    return std::nullopt;
  }
  return unreadable(name);
}

}  // namespace

Result<Settings> changed(Settings settings, std::string_view words) {
  std::string_view name = next_word(words);
  if (name.empty()) return unreadable("");
  while (!name.empty()) {
    if (const auto wrong = apply(name, words, settings)) return *wrong;
    name = next_word(words);
  }
  return settings;
}

}  // namespace obelisk::link
