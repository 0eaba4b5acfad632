// HistoryStore: the samples of the market's history, and the first logins that they count. Every
// write is all or nothing and on disk when the call returns. It must never replace a sample:
// several markets on one database write each moment once. Calls block and may come from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/market/history/sample.hpp"

namespace obelisk::ports {

// Samples of one kind, in from_ms <= slot < to_ms, oldest first.
struct HistoryRange {
  market::CardKind kind;
  base::UnixMillis from_ms = 0;
  base::UnixMillis to_ms = 0;
  std::size_t limit = 0;
};

class HistoryStore {
 public:
  virtual ~HistoryStore() = default;

  // Writes those whose moment and kind are not there yet; how many that were.
  virtual base::Result<std::uint64_t> add(const std::vector<market::history::Sample>& samples) = 0;
  virtual base::Result<std::vector<market::history::Sample>> read(const HistoryRange& range) = 0;
  // Of all kinds.
  virtual base::Result<std::optional<base::UnixMillis>> newest() = 0;
  // Every kind that has a sample.
  virtual base::Result<std::set<market::CardKind>> kinds() = 0;
  // Those before that moment are gone; how many that were.
  virtual base::Result<std::uint64_t> forget(base::UnixMillis before_ms) = 0;

  // First logins of leases in after_ms < time <= until_ms.
  virtual base::Result<std::vector<market::history::Login>> logins(base::UnixMillis after_ms,
                                                                   base::UnixMillis until_ms) = 0;
};

}  // namespace obelisk::ports
