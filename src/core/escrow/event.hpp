// What every instruction on a lease logs: 80 bytes, enough to follow the money without reading the
// account, which may be gone. Freestanding.
#pragma once

#include "core/escrow/instruction_set.hpp"
#include "core/escrow/key.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::escrow {

// From program/description.json: event.
// "OBK1" as a word, as it lies in memory.
inline constexpr uint32_t kEventMagic = 0x314b424f;

struct Event {
  uint32_t magic;
  Tag tag;
  State state;
  uint16_t zero;
  Key lease;
  uint64_t to_host;
  uint64_t to_treasury;
  uint64_t to_renter;
  int64_t proven_until;
  int64_t stopped_at;
};
static_assert(sizeof(Event) == 80 && alignof(Event) == 8);
static_assert(offsetof(Event, magic) == 0);
static_assert(offsetof(Event, tag) == 4);
static_assert(offsetof(Event, state) == 5);
static_assert(offsetof(Event, zero) == 6);
static_assert(offsetof(Event, lease) == 8);
static_assert(offsetof(Event, to_host) == 40);
static_assert(offsetof(Event, to_treasury) == 48);
static_assert(offsetof(Event, to_renter) == 56);
static_assert(offsetof(Event, proven_until) == 64);
static_assert(offsetof(Event, stopped_at) == 72);
// End of event.

}  // namespace obelisk::escrow
