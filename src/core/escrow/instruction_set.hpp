// The tags of the program's instructions, the exact length of their data, and how many accounts
// each takes. Freestanding: the program and the clients that call it read the same numbers.
#pragma once

#include <stdint.h>

namespace obelisk::escrow {

// From program/description.json: tags.
enum class Tag : uint8_t {
  create_market = 0,
  update_market = 1,
  open = 2,
  ready = 3,
  cancel = 4,
  extend = 5,
  claim = 6,
  stop = 7,
  finish = 8,
};
// End of tags.

// Who says what when a lease is stopped.
// From program/description.json: how.
enum class StopHow : uint8_t {
  served = 0,   // the renter: I was served till now
  dispute = 1,  // the renter: I dispute the time since the last proof
  waive = 2,    // the host: I waive it
  dark = 3,     // the attestor: the host is dark
};
// End of how.

// From program/description.json: lengths.
inline constexpr uint64_t kTermsLength = 47;
inline constexpr uint64_t kCreateMarketLength = 49;
inline constexpr uint64_t kUpdateMarketLength = 48;
inline constexpr uint64_t kOpenLength = 74;
inline constexpr uint64_t kReadyLength = 9;
inline constexpr uint64_t kCancelLength = 1;
inline constexpr uint64_t kExtendLength = 5;
inline constexpr uint64_t kClaimLength = 1;
inline constexpr uint64_t kStopLength = 2;
inline constexpr uint64_t kFinishLength = 1;

inline constexpr uint64_t kMaxAccounts = 5;
// End of lengths.

}  // namespace obelisk::escrow
