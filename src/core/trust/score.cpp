#include "core/trust/score.hpp"

#include <algorithm>
#include <vector>

namespace obelisk::trust {
namespace {

// Nearest rank. The list is sorted and not empty.
std::uint64_t rank(const std::vector<std::uint64_t>& sorted, std::uint64_t percent) {
  const std::size_t at = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(at, 1) - 1];
}

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
    if (!one.started_at_s) continue;
    waits.push_back(
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, *one.started_at_s - one.opened_at_s)));
  }
  out.leases = out.kept + out.left + out.dark + out.disputed;
  std::ranges::sort(waits);
  if (!waits.empty()) {
    out.ready_p50_s = rank(waits, 50);
    out.ready_p95_s = rank(waits, 95);
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
