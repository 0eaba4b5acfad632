// What was measured of this host's cards, kept over restarts: a card is measured once for each
// driver, before the first lease, because it takes all of the card's memory for some seconds. Each
// measurement is a process of its own: a dead card can hang inside its driver.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "api/types.hpp"
#include "apps/host/measure/card_row.hpp"
#include "ports/gpus.hpp"

namespace obelisk::host {

// One card measured: the line that the process printed.
using MeasureCard = std::function<base::Result<std::string>(const std::string& uuid)>;

// Rows of the cards that could be measured, now or before; without `measure` those of before. What
// fails is said by `log`, and with that driver not tried again: delete the file to. A card that
// something uses is left alone.
std::vector<CardRow> measured_rows(const std::filesystem::path& state_dir,
                                   const std::vector<ports::Gpu>& cards, const MeasureCard& measure,
                                   const std::function<void(const std::string&)>& log);

// Into the listing: the least of its cards, where every one of them was measured.
void add_measured(api::Listing& listing, const std::vector<CardRow>& rows);

}  // namespace obelisk::host
