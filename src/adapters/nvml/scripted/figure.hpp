// Figure: a number of a script that may change. "70" stays; "40,60,95" gives the next one each time
// the card is looked up by its UUID, and stays at the last; "40..95/60" goes from 40 to 95 within
// the first 60 seconds of the library's life.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace obelisk::nvml::scripted {

struct Figure {
  std::vector<std::uint64_t> steps;  // of a ramp: where it begins and where it ends
  std::uint64_t ramp_ms = 0;         // 0: no ramp

  // `looks`: how often the card was looked up.
  std::uint64_t at(std::uint64_t looks, std::uint64_t age_ms) const;
};

std::optional<std::uint64_t> read_number(std::string_view text);
std::optional<Figure> read_figure(std::string_view text);

}  // namespace obelisk::nvml::scripted
