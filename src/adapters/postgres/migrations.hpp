// The numbered steps that make a database what this version needs, forward only. A step that was
// ever released is never edited: its checksum is kept in the database, and a mismatch is refused.
// A new step needs rows of its version in tests/conformance/migrations/postgres, or the tests fail.
#pragma once

#include <span>

#include "adapters/postgres/database.hpp"

namespace obelisk::postgres {

std::span<const char* const> migrations();

// Applies what is missing, each step whole or not at all. Refuses a database that is newer than
// this program or whose steps were others.
base::Result<void> migrate(Database& database, std::span<const char* const> steps);

}  // namespace obelisk::postgres
