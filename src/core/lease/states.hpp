// Which state may follow which: the table behind the diagram in record.hpp. It must never be
// widened to make a test pass: an arrow is a promise about money.
#pragma once

#include <array>

#include "core/lease/record.hpp"

namespace obelisk::lease {

inline constexpr std::array<State, 8> kStates{State::quoted,    State::preparing, State::checking,
                                              State::starting,  State::active,    State::stopping,
                                              State::contested, State::ended};

// Staying where one is is always allowed.
bool allowed(State from, State to);

}  // namespace obelisk::lease
