// Asking the person, once, before anything is signed. It must never take silence for a yes.
#pragma once

#include <string>

#include "apps/cli/session.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

// Done where `yes` was given or the person types y or yes. Code::declined otherwise, also where
// nobody can be asked.
base::Result<void> confirm(Session& session, bool yes, const std::string& question);

}  // namespace obelisk::cli
