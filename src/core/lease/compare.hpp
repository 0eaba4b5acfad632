// Whether the account on chain is the one that was quoted, field by field. It must never let one
// pass that it did not compare.
#pragma once

#include <string_view>

#include "core/escrow/layout.hpp"
#include "core/lease/record.hpp"

namespace obelisk::lease {

// The name of the first field that differs; empty if all are equal. A running lease may have been
// extended up to max_seconds; everything else stands as it was opened.
std::string_view difference(const Quote& quote, const escrow::Lease& account);

}  // namespace obelisk::lease
