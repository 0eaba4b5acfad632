// Errors of our own program in words: the chain carries a number alone.
#pragma once

#include "base/error.hpp"

namespace obelisk::market_app {

// The same error with the program's words where it carries one of the program's numbers.
base::Error in_words(const base::Error& error);

}  // namespace obelisk::market_app
