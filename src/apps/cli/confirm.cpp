#include "apps/cli/confirm.hpp"

#include <unistd.h>

#include <cstdio>

namespace obelisk::cli {

using base::Code;
using base::Error;

base::Result<void> confirm(Session& session, bool yes, const std::string& question) {
  if (yes) return {};
  if (::isatty(STDIN_FILENO) == 0) {
    return Error{Code::declined, "Nobody can be asked, so nothing was signed.",
                 "Repeat with --yes if you agree."};
  }
  session.out().prompt(question + " [y/N]");
  char answer[16] = {};
  const bool got = std::fgets(answer, sizeof answer, stdin) != nullptr;
  const std::string text = got ? answer : "";
  if (text == "y\n" || text == "Y\n" || text == "yes\n") return {};
  return Error{Code::declined, "You said no, so nothing was signed.", ""};
}

}  // namespace obelisk::cli
