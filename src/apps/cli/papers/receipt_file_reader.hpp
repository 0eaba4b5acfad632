// Reading a receipt file. It comes from somebody else, so every name has to be known and every
// value within its bounds; what is read is still only a claim (receipt_check.hpp).
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "core/papers/receipt_file.hpp"

namespace obelisk::cli {

// invalid_input names the first thing that is wrong: unknown, missing, doubled or out of bounds.
base::Result<papers::ReceiptFile> parse_receipt_file(std::string_view text);

}  // namespace obelisk::cli
