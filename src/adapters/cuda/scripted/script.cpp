#include "adapters/cuda/scripted/script.hpp"

#include <charconv>
#include <limits>
#include <optional>

namespace obelisk::cuda::scripted {

namespace {

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view next_word(std::string_view& rest) {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

bool read_card(Script& script, std::string_view rest) {
  Card card;
  for (auto field = next_word(rest); !field.empty(); field = next_word(rest)) {
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = field.substr(0, equals);
    const auto value = number<std::uint32_t>(field.substr(equals + 1));
    if (key == "uuid") {
      card.uuid = field.substr(equals + 1);
    } else if (!value) {
      return false;
    } else if (key == "memory_mib") {
      card.memory_bytes = std::uint64_t{*value} << 20;
    } else if (key == "used_mib") {
      card.used_bytes = std::uint64_t{*value} << 20;
    } else if (key == "real_mib") {
      card.real_bytes = std::uint64_t{*value} << 20;
    } else if (key == "multiprocessors") {
      card.multiprocessors = static_cast<int>(*value);
    } else {
      return false;
    }
  }
  script.cards.push_back(std::move(card));
  return true;
}

bool read_elapsed(Script& script, std::string_view word) {
  if (word == "nan") {
    script.elapsed_ms = std::numeric_limits<float>::quiet_NaN();
    return true;
  }
  const auto microseconds = number<std::int64_t>(word);
  script.elapsed_ms = static_cast<float>(microseconds.value_or(0)) / 1000;
  return microseconds.has_value();
}

bool read_line(Script& script, std::string_view rest) {
  const std::string_view verb = next_word(rest);
  if (verb.empty() || verb.starts_with('#')) return true;
  if (verb == "card") return read_card(script, rest);
  const std::string first(next_word(rest));
  if (verb == "elapsed") return read_elapsed(script, first);
  if (verb == "lose" || verb == "busy") {
    const auto value = number<std::uint64_t>(first);
    (verb == "lose" ? script.lost_after : script.busy) = value.value_or(0);
    return value.has_value();
  }
  const auto second = number<std::uint64_t>(next_word(rest));
  if (!second) return false;
  if (verb == "flip") {
    script.flips[first] = *second;
    return *second > 0;
  }
  const std::string_view after = next_word(rest);
  const auto times = number<std::uint64_t>(after.empty() ? "0" : after);
  if (verb != "fail" || !times) return false;
  script.failures[first] = {static_cast<int>(*second), *times};
  return true;
}

}  // namespace

Script parse_script(std::string_view text) {
  Script script;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (!read_line(script, text.substr(0, end))) script.valid = false;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return script;
}

}  // namespace obelisk::cuda::scripted
