// The Store on one SQLite file: the default of a market that is one process. Calls from several
// threads wait for each other; another process that writes the same file is waited for a while.
#pragma once

#include <memory>
#include <string>

#include "ports/store.hpp"

namespace obelisk::sqlite {

// Opens or creates the file and brings it to this version's form.
base::Result<std::unique_ptr<ports::Store>> open_store(const std::string& path);

}  // namespace obelisk::sqlite
