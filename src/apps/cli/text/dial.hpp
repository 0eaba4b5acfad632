// The dial: the one picture, as one line of text. From "paid" to "ready" it sweeps over the
// promise, and stops where the machine answered. While a lease runs the same line shows the bought
// time.
#pragma once

#include <cstdint>
#include <string>

namespace obelisk::cli {

// "[=====>              ] 12 s of 60". Past the limit the dial is full and the number goes on.
std::string dial(std::int64_t elapsed_ms, std::int64_t limit_ms);
// "[=====>              ] 12 min of 1 h 00 min"
std::string time_dial(std::int64_t elapsed_s, std::int64_t limit_s);

}  // namespace obelisk::cli
