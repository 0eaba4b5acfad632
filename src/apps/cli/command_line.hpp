// The command line: which verb, with which options, or what is wrong with it. It must never run
// anything, nor read a file: that is for the verb, once everything typed makes sense.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "apps/cli/session.hpp"
#include "apps/cli/settings.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

using Verb = std::function<base::Result<void>(Session&)>;

struct CommandLine {
  CommonFlags flags;
  Verb verb;         // empty: `text` is all there is to say
  std::string text;  // help or the version
};

// Without the program's own name. Code::usage with one sentence otherwise.
base::Result<CommandLine> read_command_line(const std::vector<std::string>& arguments);

// Whether --json is among them, also on a line that makes no sense: its error is JSON then.
bool wants_json(const std::vector<std::string>& arguments);

}  // namespace obelisk::cli
