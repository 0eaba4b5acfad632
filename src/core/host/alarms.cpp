#include "core/host/alarms.hpp"

namespace obelisk::host {
namespace {

std::string killed_words(std::uint64_t count) {
  const std::string what =
      count == 1 ? "One process was" : std::to_string(count) + " processes were";
  return what + " killed: the lease's memory was used up.";
}

}  // namespace

std::vector<Alarm> Alarms::look(const Watched& now) {
  std::vector<Alarm> out;
  if (now.disk_used_bytes && now.disk_bytes && *now.disk_bytes != 0) {
    // Rounded up: 100 % of a disk is never said while something fits.
    const std::uint64_t percent = *now.disk_used_bytes / (*now.disk_bytes / 100 + 1);
    if (!disk_full_ && percent >= kDiskFullPercent) {
      disk_full_ = true;
      out.push_back(
          {"disk_full", "", "Its disk is " + std::to_string(percent) + " % full.", false});
    } else if (disk_full_ && percent < kDiskRoomPercent) {
      disk_full_ = false;
      out.push_back({"disk_full", "", "Its disk has room again.", true});
    }
  }
  if (now.oom_kills) {
    // What was before this host's process began to look was told by the one before, or not at all.
    const std::uint64_t before = oom_kills_.value_or(*now.oom_kills);
    if (*now.oom_kills > before) {
      out.push_back({"out_of_memory", "", killed_words(*now.oom_kills - before), false});
    }
    oom_kills_ = now.oom_kills;
  }
  if (!idle_ && now.idle_s.value_or(0) >= kIdleAfterS) {
    idle_ = true;
    out.push_back({"idle", "", "It has done nothing for ten minutes.", false});
  } else if (idle_ && now.idle_s && *now.idle_s < kIdleAfterS) {
    idle_ = false;
    out.push_back({"idle", "", "It is at work again.", true});
  }
  return out;
}

}  // namespace obelisk::host
