#include "core/market/history/sample.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/nearest_rank.hpp"
#include "core/market/price.hpp"

namespace obelisk::market::history {

std::optional<base::UnixMillis> due(base::UnixMillis now_ms, base::UnixMillis started_ms,
                                    std::optional<base::UnixMillis> newest_ms) {
  if (now_ms < 0) return std::nullopt;
  const base::UnixMillis slot_ms = now_ms / kSlotMs * kSlotMs;
  if (now_ms - slot_ms > kLateMs || slot_ms - started_ms < kSettlingMs) return std::nullopt;
  // A clock that was set back must not sample the same time twice.
  if (newest_ms && *newest_ms >= slot_ms) return std::nullopt;
  return slot_ms;
}

namespace {

void add_logins(Sample& sample, std::vector<std::uint64_t> waits_ms) {
  if (waits_ms.empty()) return;
  std::ranges::sort(waits_ms);
  sample.logins = waits_ms.size();
  sample.login_p50_ms = base::nearest_rank(waits_ms, 50);
  sample.login_p95_ms = base::nearest_rank(waits_ms, 95);
}

}  // namespace

std::vector<Sample> samples_of(base::UnixMillis slot_ms, const std::map<Kind, Tally>& now,
                               const std::set<Kind>& known, const std::vector<Login>& logins,
                               std::uint64_t micro_usd_per_sol) {
  std::map<Kind, Tally> kinds = now;
  for (const Kind& kind : known) kinds.try_emplace(kind);
  std::map<Kind, std::vector<std::uint64_t>> waits_ms;
  for (const Login& login : logins) {
    kinds.try_emplace(login.kind);
    waits_ms[login.kind].push_back(login.wait_ms);
  }
  std::vector<Sample> out;
  for (const auto& [kind, tally] : kinds) {
    Sample& sample = out.emplace_back();
    sample.slot_ms = slot_ms;
    sample.kind = kind;
    sample.free = tally.free;
    sample.used = tally.listed - tally.free;
    sample.listed = tally.listed;
    sample.from_micro_usd_per_hour = tally.from_micro_usd_per_hour;
    if (tally.from_micro_usd_per_hour && micro_usd_per_sol != 0) {
      const auto lamports = lamports_for(*tally.from_micro_usd_per_hour, micro_usd_per_sol);
      if (lamports) sample.from_lamports_per_hour = lamports->count;
    }
    add_logins(sample, waits_ms[kind]);
  }
  return out;
}

}  // namespace obelisk::market::history
