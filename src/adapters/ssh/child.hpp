// Runs one program to its end: argv without a shell, nothing on stdin, bounded output, a deadline
// after which its whole process group is killed. It must never leave a process behind.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::ssh {

struct ChildRequest {
  std::vector<std::string> argv;  // argv[0] is an absolute path
  std::vector<std::string> environment;
  int timeout_ms = 10'000;
  std::size_t max_output = 16'384;  // of each stream; more is read and dropped
};

struct ChildResult {
  bool timed_out = false;
  int exit_code = -1;  // 128 + signal where a signal ended it
  std::string output;
  std::string errors;
};

// An error only where the program could not be started at all.
base::Result<ChildResult> run_child(const ChildRequest& request);

}  // namespace obelisk::ssh
