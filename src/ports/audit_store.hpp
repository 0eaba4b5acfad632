// AuditStore: what was done by whoever runs the market, and what was reported to them, in the order
// it happened. It only grows: nothing in it is ever changed or taken out. Calls block and may come
// from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::ports {

struct AuditRow {
  std::uint64_t seq = 0;  // given by the store; grows and is never reused
  base::UnixMillis at_ms = 0;
  std::string who;      // an address, or a user of the machine
  std::string what;     // "refuse", "terms", ...
  std::string subject;  // whom or what it was done to
  std::string words;

  bool operator==(const AuditRow&) const = default;
};

class AuditStore {
 public:
  virtual ~AuditStore() = default;

  // Its seq is ignored; the one it was given.
  virtual base::Result<std::uint64_t> add(const AuditRow& row) = 0;
  // Those with a seq under `before_seq` (0: all), newest first.
  virtual base::Result<std::vector<AuditRow>> newest(std::uint64_t before_seq,
                                                     std::size_t limit) = 0;
};

}  // namespace obelisk::ports
