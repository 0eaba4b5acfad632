// The Stores on one SQLite file: the default of a market that is one process. Calls from several
// threads wait for each other; another process that writes the same file is waited for a while.
#pragma once

#include <string>

#include "ports/stores.hpp"

namespace obelisk::sqlite {

// Opens or creates the file and brings it to this version's form.
base::Result<ports::Stores> open_stores(const std::string& path);

}  // namespace obelisk::sqlite
