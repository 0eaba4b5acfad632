// CrashPoint: counts what a program does to its outside and, right before one chosen operation,
// ends the process as a power cut would: nothing is flushed, no destructor runs. Test builds alone
// link it (docs/contract.md, "Crash points"); it must never be part of what people run.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::crash {

// Which operation does not happen any more: the at-th of all, or, with a name, of that name.
struct CrashAt {
  std::uint64_t at = 0;  // 0: none, everything is only counted
  std::string name;

  bool operator==(const CrashAt&) const = default;
};

// "17", or "store.apply:3"; empty: none.
base::Result<CrashAt> parse_crash_at(std::string_view text);

class CrashPoint {
 public:
  // A line "NUMBER NAME" for every operation is appended to `log`, where it is not empty.
  static base::Result<std::unique_ptr<CrashPoint>> open(CrashAt where, const std::string& log);
  ~CrashPoint();
  CrashPoint(const CrashPoint&) = delete;
  CrashPoint& operator=(const CrashPoint&) = delete;

  // Call it right before the operation. Any thread; who comes after the chosen one never returns
  // either.
  void hit(std::string_view name);
  std::uint64_t count() const;

 private:
  CrashPoint(CrashAt where, int log) : where_(std::move(where)), log_(log) {}
  bool is_chosen(std::string_view name, std::uint64_t of_this_name) const;

  const CrashAt where_;
  const int log_;  // a file descriptor, or -1
  mutable std::mutex mutex_;
  std::uint64_t count_ = 0;                                    // guarded by mutex_
  std::map<std::string, std::uint64_t, std::less<>> by_name_;  // guarded by mutex_
};

// As OBELISK_CRASH_AT and OBELISK_CRASH_LOG say.
base::Result<std::unique_ptr<CrashPoint>> from_environment();

}  // namespace obelisk::crash
