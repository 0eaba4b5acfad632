// EndNotice: when a lease's terminals are told that its end comes, and in which words. Each notice
// once for each end: an extend moves the end and begins anew. Pure; time is the chain's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace obelisk::host {

// What was said last, and of which end.
struct EndTold {
  base::UnixSeconds ends_at_s = 0;
  base::UnixSeconds before_s = 0;
  bool operator==(const EndTold&) const = default;
};

// The notice that is due: ten minutes, two minutes or thirty seconds before the end. Only those
// that fit into what was bought; of several that were missed the last alone.
std::optional<EndTold> end_notice(base::UnixSeconds started_at_s, base::UnixSeconds ends_at_s,
                                  base::UnixSeconds now_s, const EndTold& told);

// One line, with the end's time and how to move it.
std::string end_words(std::string_view lease, base::UnixSeconds ends_at_s, base::UnixSeconds now_s);

}  // namespace obelisk::host
