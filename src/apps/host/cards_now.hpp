// CardsNow: what this machine's cards do, from the driver into the words of the core: for people
// (health) and for leases (trouble). It must never take a figure that is missing for a good one.
#pragma once

#include <vector>

#include "core/host/health.hpp"
#include "core/host/trouble.hpp"
#include "ports/card_monitor.hpp"
#include "ports/gpus.hpp"

namespace obelisk::host {

// Every card that computes: whole ones, and the instances of cut ones. One that cannot be read is
// there without figures.
std::vector<CardNow> look_at_cards(const std::vector<ports::Gpu>& cards,
                                   ports::CardMonitor& monitor);

// For TroubleWatch::look().
SeenCard seen_card(const std::string& uuid, const ports::CardReading& reading);
// Uncorrected errors are left to the counter, which the reading has.
std::vector<SeenXid> seen_xids(const std::vector<ports::CardEvent>& events);

}  // namespace obelisk::host
