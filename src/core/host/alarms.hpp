// Alarms: what of a lease's figures its renter should be told, once when it begins and once when it
// is over: a disk that is nearly full, processes killed for want of memory, a lease that does
// nothing. Pure. It must never say the same again and again while it lasts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace obelisk::host {

inline constexpr std::uint64_t kDiskFullPercent = 95;
inline constexpr std::uint64_t kDiskRoomPercent = 90;  // below it there is room again
inline constexpr std::int64_t kIdleAfterS = 600;

struct Alarm {
  std::string kind;  // disk_full, out_of_memory, idle
  std::string card = {};
  std::string text;
  bool over = false;

  bool operator==(const Alarm&) const = default;
};

struct Watched {
  std::optional<std::uint64_t> disk_used_bytes = {};
  std::optional<std::uint64_t> disk_bytes = {};
  std::optional<std::uint64_t> oom_kills = {};  // a counter
  std::optional<std::int64_t> idle_s = {};
};

// Of one lease.
class Alarms {
 public:
  std::vector<Alarm> look(const Watched& now);

 private:
  bool disk_full_ = false;
  bool idle_ = false;
  std::optional<std::uint64_t> oom_kills_;
};

}  // namespace obelisk::host
