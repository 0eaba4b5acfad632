// What of an error a stranger is told. It must never hide words that were written for people.
#pragma once

#include "base/error.hpp"

namespace obelisk::market_app {

// Words of a database, with its addresses and its tables, are for the operator's log alone.
bool is_inside(const base::Error& error);
// Other words in the place of those; any other error as it is.
base::Error outside(const base::Error& error);

}  // namespace obelisk::market_app
