// key_order: the order in which @solana/kit puts the keys of one class: by their base58 text, as
// the English collation compares it (digits, then letters whatever their case; of two texts that
// differ in case only, the one with the small letter first). Nothing on chain needs this order;
// equal bytes from two programs do.
#pragma once

#include <string_view>

namespace obelisk::solana {

// Whether `a` comes before `b`; both base58.
bool base58_before(std::string_view a, std::string_view b);

}  // namespace obelisk::solana
