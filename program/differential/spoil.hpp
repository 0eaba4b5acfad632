// Bends a good instruction: another account, other flags, other data, more or fewer of them. It
// stays what a transaction on the chain can be: nobody signs without having a key.
#pragma once

#include "program/differential/cast.hpp"

namespace obelisk::differential {

// Returns what was done, for people.
const char* spoil(Random& random, const Cast& cast, Act& act);

}  // namespace obelisk::differential
