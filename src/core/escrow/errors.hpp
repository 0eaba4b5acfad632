// The error codes of the program. Freestanding. The order is the protocol: of all that is wrong
// with an instruction, the lowest number is returned. What each means for a person is in
// error_text.hpp.
#pragma once

#include <stdint.h>

namespace obelisk::escrow {

// 64 bits, as the program returns it: a narrower one would be widened after every call.
// From program/description.json: errors.
enum class Error : uint64_t {
  none = 0,
  bad_data = 100,
  bad_count = 101,
  duplicate_account = 102,
  not_writable = 103,
  not_signer = 104,
  wrong_program = 105,
  wrong_owner = 106,
  wrong_kind = 107,
  wrong_key = 108,
  stale_lease = 109,
  wrong_state = 110,
  paused = 111,
  market_changed = 112,
  quote_expired = 113,
  out_of_range = 114,
  same_party = 115,
  empty_wallet = 116,
  already_open = 117,
  too_early = 118,
  too_late = 119,
  no_ed25519 = 120,
  bad_ed25519 = 121,
  wrong_message = 122,
  wrong_attestor = 123,
  overflow = 124,
};
// End of errors.

}  // namespace obelisk::escrow
