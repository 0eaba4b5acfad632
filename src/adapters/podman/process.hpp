// Process: runs one helper program (ip, nft, mkfs.ext4) to its end: an argument vector, a clean
// environment, no open files of ours, bounded output, bounded time. It must never start a shell.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::podman {

struct Command {
  std::vector<std::string> argv;              // argv[0] is a bare name such as "ip"
  std::string program = {};                   // the file itself, instead of looking argv[0] up
  std::vector<std::string> environment = {};  // "NAME=value", beside clean_environment()
  std::string input;                          // what it reads from stdin
  std::chrono::milliseconds timeout{15'000};
  // Called some five times a second while it runs; on an error it is ended, and that is the answer.
  std::function<base::Result<void>()> watch = {};
};

struct Outcome {
  int status = 0;  // exit code, or 128 + the signal that ended it
  std::string output;
  std::string errors;
};

// Where a program of that name is, among the system's own directories only.
base::Result<std::string> find_program(const std::string& name);
// missing_dependency where the program is not there, timeout when it was ended for being slow.
base::Result<Outcome> run(const Command& command);
// The output, or an error with the last line the program wrote when its status is not 0.
base::Result<std::string> run_checked(const Command& command);
// The environment our helpers get: nothing of ours, a fixed PATH, C locale.
std::vector<std::string> clean_environment();

}  // namespace obelisk::podman
