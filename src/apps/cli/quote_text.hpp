// A quote as a person reads it before they pay: the largest possible debit and its parts, what
// comes back, what is destroyed, whose word the exchange rate is. It must never show a figure that
// was not checked.
#pragma once

#include <string>
#include <vector>

#include "apps/cli/order.hpp"

namespace obelisk::cli {

std::vector<std::string> quote_lines(const OrderedQuote& quote, base::UnixSeconds now_s);

}  // namespace obelisk::cli
