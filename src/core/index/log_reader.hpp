// What a transaction's log says about the calls of our program: which there were, from where, and
// the event of each, by following which program is running. It must never believe a line that
// another program wrote.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/public_key.hpp"
#include "core/escrow/event.hpp"
#include "core/index/rows.hpp"

namespace obelisk::index {

struct Invocation {
  std::uint32_t depth = 1;
  // The top-level instruction it belongs to: the n-th (from 0) of those that call `outer`.
  // Programs that the runtime runs without a line, as Ed25519's, cannot be counted by place.
  base::PublicKey outer;
  std::size_t outer_nth = 0;
  std::optional<escrow::Event> event;
};

struct LogReading {
  std::vector<Invocation> invocations;  // in the order in which they began
  LogState state = LogState::whole;
};

LogReading read_log(const std::vector<std::string>& logs, const base::PublicKey& program);

// The events alone, in order. Logs that were cut give what is before the cut.
std::vector<escrow::Event> events_in(const std::vector<std::string>& logs,
                                     const base::PublicKey& program);

}  // namespace obelisk::index
