// The settings as a new host's owner gets them: every line with what it is for, and what is not
// known as a comment that shows how to write it. Pure. It must never hold a key.
#pragma once

#include <string>

#include "apps/host/config.hpp"

namespace obelisk::host {

// `price_from`: where the price is from, in words; without a price it says why there is none.
// read_config() reads the text back as `config`.
std::string settings_text(const Config& config, const std::string& price_from);

}  // namespace obelisk::host
