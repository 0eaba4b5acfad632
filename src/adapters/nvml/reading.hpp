// Reading: what one card does now, figure by figure. A figure that the card does not give, or that
// no card can have, is left out. It must never fail because a figure does.
#pragma once

#include "adapters/nvml/library.hpp"
#include "ports/card_monitor.hpp"

namespace obelisk::nvml {

// `own`: whose memory it is; of an instance of a cut card another than `card`, which is the whole.
ports::CardReading reading_of(const Library& library, Device* card, Device* own);

// Whether this answer to the search for a card means that it is gone.
bool means_lost(Return code);

}  // namespace obelisk::nvml
