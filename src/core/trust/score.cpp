#include "core/trust/score.hpp"

#include <algorithm>
#include <vector>

#include "base/nearest_rank.hpp"

namespace obelisk::trust {
namespace {

void count(const Outcome& one, Score& out) {
  switch (one.ending) {
    case Ending::kept: ++out.kept; break;
    case Ending::left: ++out.left; break;
    case Ending::dark: ++out.dark; break;
    case Ending::disputed: ++out.disputed; break;
    case Ending::missed: ++out.missed; break;
    case Ending::withdrawn: ++out.withdrawn; break;
  }
}

std::uint32_t bps(std::uint64_t part, std::uint64_t whole) {
  return static_cast<std::uint32_t>(std::min(part, whole) * 10'000 / whole);
}

}  // namespace

Score score_of(std::span<const Outcome> outcomes) {
  Score out;
  std::vector<std::uint64_t> waits;
  for (const Outcome& one : outcomes) {
    count(one, out);
    out.due_s += one.due_s;
    out.served_s += one.served_s;
    out.paid = base::checked_add(out.paid, one.paid).value_or(out.paid);
    out.refunded = base::checked_add(out.refunded, one.refunded).value_or(out.refunded);
    if (const auto wait_s = one.wait_s()) waits.push_back(*wait_s);
  }
  out.leases = out.kept + out.left + out.dark + out.disputed;
  std::ranges::sort(waits);
  if (!waits.empty()) {
    out.ready_p50_s = base::nearest_rank(waits, 50);
    out.ready_p95_s = base::nearest_rank(waits, 95);
  }
  if (out.leases != 0) out.kept_bps = bps(out.kept, out.leases);
  if (out.due_s != 0) out.uptime_bps = bps(out.served_s, out.due_s);
  // Where every lease ended in its first second nothing was due, and uptime says nothing.
  if (out.kept_bps) {
    out.score_bps = static_cast<std::uint32_t>(std::uint64_t{*out.kept_bps} *
                                               out.uptime_bps.value_or(10'000) / 10'000);
  }
  return out;
}

}  // namespace obelisk::trust
