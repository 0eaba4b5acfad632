#include "apps/host/drain_verb.hpp"

#include <cstdio>

#include "adapters/clock/system_clock.hpp"
#include "adapters/files/files.hpp"
#include "apps/host/drain.hpp"

namespace obelisk::host {

base::Result<void> drain(const Asked& asked) {
  const auto& state_dir = asked.config.state_dir;
  if (asked.drain_cancel) {
    TRY(const bool was_there, cancel_drain(state_dir));
    std::printf(was_there ? "The drain is cancelled: the cards are offered again.\n"
                          : "There was no drain.\n");
    return {};
  }
  clock::SystemClock clock;
  TRY(const base::UnixSeconds from_s, drain_from(asked.drain_from, clock.now_ms()));
  TRY_VOID(files::make_private_directory(state_dir));
  TRY_VOID(write_drain(state_dir, from_s));
  std::printf(
      "From %s on this host serves nothing new; until then only what ends before.\n"
      "Running leases are not touched. Undo: obelisk-host drain --cancel\n",
      base::to_rfc3339_seconds(from_s).c_str());
  return {};
}

}  // namespace obelisk::host
