// Sample: what one kind of card cost and how much of it was free at one moment, every five minutes
// of the wall clock. Pure. It must never make a sample of a moment that was not seen: a gap in the
// history is a gap.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "core/market/book.hpp"

namespace obelisk::market::history {

inline constexpr base::UnixMillis kSlotMs = 5 * 60'000;
// A moment that is longer ago cannot be sampled any more.
inline constexpr base::UnixMillis kLateMs = 30'000;
// After a start the hosts come back one by one: what is seen before is less than there is.
inline constexpr base::UnixMillis kSettlingMs = 60'000;
inline constexpr base::UnixMillis kKeptMs = base::UnixMillis{365} * 24 * 3'600'000;

// Simulated cards are apart from real ones everywhere: no figure is of both.
using Kind = CardKind;

struct Sample {
  base::UnixMillis slot_ms = 0;  // the moment; a multiple of kSlotMs
  Kind kind;
  // The cheapest free offer; nothing free: neither. No SOL price then: no lamports.
  std::optional<std::uint64_t> from_micro_usd_per_hour;
  std::optional<std::uint64_t> from_lamports_per_hour;
  std::uint64_t free = 0;
  std::uint64_t used = 0;    // listed ones that a lease or an open quote holds
  std::uint64_t listed = 0;  // by hosts that could be reached
  // First logins since the sample before, and how long they took; none: neither.
  std::uint64_t logins = 0;
  std::optional<std::uint64_t> login_p50_ms;
  std::optional<std::uint64_t> login_p95_ms;

  bool operator==(const Sample&) const = default;
};

// A first login of the watch.
struct Login {
  Kind kind;
  std::uint64_t wait_ms = 0;  // since the confirmed payment
  bool operator==(const Login&) const = default;
};

// The moment to sample now; nothing while none is due. `newest_ms`: the newest that is done.
std::optional<base::UnixMillis> due(base::UnixMillis now_ms, base::UnixMillis started_ms,
                                    std::optional<base::UnixMillis> newest_ms);

// One sample of each kind that is listed, or was before (`known`). `micro_usd_per_sol` 0: no rate.
std::vector<Sample> samples_of(base::UnixMillis slot_ms, const std::map<Kind, Tally>& now,
                               const std::set<Kind>& known, const std::vector<Login>& logins,
                               std::uint64_t micro_usd_per_sol);

}  // namespace obelisk::market::history
