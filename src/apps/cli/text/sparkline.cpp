#include "apps/cli/text/sparkline.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace obelisk::cli {
namespace {

constexpr std::array<std::string_view, 8> kHeights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

using Figures = std::vector<std::optional<std::uint64_t>>;

Figures grouped(const Figures& figures, std::size_t columns) {
  if (figures.size() <= columns) return figures;
  Figures out;
  for (std::size_t column = 0; column < columns; ++column) {
    std::vector<std::uint64_t> known;
    const std::size_t end = (column + 1) * figures.size() / columns;
    for (std::size_t i = column * figures.size() / columns; i < end; ++i) {
      if (figures[i]) known.push_back(*figures[i]);
    }
    std::ranges::sort(known);
    if (known.empty()) {
      out.emplace_back();
    } else {
      out.emplace_back(known[(known.size() - 1) / 2]);
    }
  }
  return out;
}

}  // namespace

std::string sparkline(const Figures& figures, std::size_t columns) {
  const Figures shown = grouped(figures, columns);
  std::uint64_t least = UINT64_MAX;
  std::uint64_t most = 0;
  for (const auto& figure : shown) {
    if (!figure) continue;
    least = std::min(least, *figure);
    most = std::max(most, *figure);
  }
  std::string out;
  for (const auto& figure : shown) {
    if (!figure) {
      out += ' ';
      continue;
    }
    // Divided first where the product might not fit.
    const std::uint64_t range = most - least;
    const std::uint64_t step = range / (kHeights.size() - 1);
    const std::uint64_t above = *figure - least;
    const std::uint64_t height = range == 0                         ? 0
                                 : range < (std::uint64_t{1} << 56) ? above * 7 / range
                                                                    : above / step;
    out += kHeights[std::min<std::uint64_t>(height, kHeights.size() - 1)];
  }
  return out;
}

}  // namespace obelisk::cli
