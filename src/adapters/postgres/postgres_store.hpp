// The Stores on a PostgreSQL server: for a market that is backed up and looked at while it runs, or
// that writes more than one file can take. Calls from several threads run side by side.
#pragma once

#include <string>

#include "ports/stores.hpp"

namespace obelisk::postgres {

// Connects and brings the database to this version's form; processes that start at once wait for
// each other. `conninfo` is libpq's, without a password: that is in a password file (0600) or not
// needed. Every commit is on disk before it returns, unless the server itself was told otherwise.
base::Result<ports::Stores> open_stores(const std::string& conninfo);

// Whether a setting names such a server: postgresql://..., postgres://...
bool is_conninfo(std::string_view setting);

}  // namespace obelisk::postgres
