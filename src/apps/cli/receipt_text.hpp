// A receipt as a person reads it and as a script does. It must never round what --json says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/cli/lease_file.hpp"
#include "core/papers/receipt.hpp"

namespace obelisk::cli {

// `notes`: what this machine remembers (card, quoted price, where the dial stopped), if anything.
std::vector<std::string> receipt_lines(const papers::Receipt& receipt,
                                       const std::optional<LeaseFile>& notes);
// `saved`: the file it was also written into.
std::string receipt_json(const papers::Receipt& receipt, const std::optional<LeaseFile>& notes,
                         const std::optional<std::string>& saved = std::nullopt);

// "opened", "ready", "stopped": what a step is called in a timeline.
std::string step_text(const papers::ReceiptStep& step);

}  // namespace obelisk::cli
