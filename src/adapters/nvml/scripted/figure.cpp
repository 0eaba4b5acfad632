#include "adapters/nvml/scripted/figure.hpp"

#include <algorithm>
#include <charconv>

namespace obelisk::nvml::scripted {

namespace {

std::optional<Figure> read_ramp(std::string_view text, std::size_t dots) {
  const std::size_t slash = text.find('/', dots);
  if (slash == std::string_view::npos) return std::nullopt;
  const auto from = read_number(text.substr(0, dots));
  const auto to = read_number(text.substr(dots + 2, slash - dots - 2));
  const auto seconds = read_number(text.substr(slash + 1));
  if (!from || !to || seconds.value_or(0) == 0) return std::nullopt;
  return Figure{{*from, *to}, *seconds * 1000};
}

}  // namespace

std::uint64_t Figure::at(std::uint64_t looks, std::uint64_t age_ms) const {
  if (steps.empty()) return 0;
  if (ramp_ms == 0) {
    const std::uint64_t place = looks == 0 ? 0 : looks - 1;
    return steps[std::min<std::uint64_t>(place, steps.size() - 1)];
  }
  const double share = std::min(1.0, static_cast<double>(age_ms) / static_cast<double>(ramp_ms));
  const auto from = static_cast<double>(steps.front());
  const auto to = static_cast<double>(steps.back());
  return static_cast<std::uint64_t>(from + (to - from) * share);
}

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Figure> read_figure(std::string_view text) {
  if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
    return read_ramp(text, dots);
  }
  Figure out;
  while (true) {
    const std::size_t comma = text.find(',');
    const auto value = read_number(text.substr(0, comma));
    if (!value) return std::nullopt;
    out.steps.push_back(*value);
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace obelisk::nvml::scripted
