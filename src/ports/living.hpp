// What a lease that runs uses, and a command that runs in it: values of the port Containers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace obelisk::ports {

// Measured from outside the lease, so that nothing in it can change a figure. What this machine
// cannot tell is absent; counters begin anew where the lease was started again.
struct Usage {
  std::optional<std::uint64_t> cpu_us = {};        // processor time used, a counter
  std::optional<std::uint64_t> memory_bytes = {};  // without what can be dropped at once
  std::optional<std::uint64_t> memory_limit_bytes = {};
  std::optional<std::uint64_t> oom_kills = {};  // a counter
  std::optional<std::uint64_t> processes = {};  // threads count as well
  std::optional<std::uint64_t> disk_used_bytes = {};
  std::optional<std::uint64_t> disk_bytes = {};      // the size of its own disk
  std::optional<std::uint64_t> received_bytes = {};  // by the lease, a counter
  std::optional<std::uint64_t> sent_bytes = {};
};

struct Command {
  std::vector<std::string> words;  // a program and its arguments; no shell reads them
  std::string input = {};
  std::chrono::milliseconds timeout{30'000};
  std::size_t max_output_bytes = 44 << 10;  // of both together; what is over is dropped
};

struct CommandEnd {
  int exit_code = 0;  // 128 and the number of the signal that ended it; 124 where it was too slow
  std::string output = {};
  std::string errors = {};
  bool truncated = false;
  bool timed_out = false;
};

// Of one lease at a time.
inline constexpr std::size_t kMaxCommandsAtOnce = 4;

}  // namespace obelisk::ports
