// What every instruction on a lease logs: 80 bytes, enough to follow the money without reading the
// account, which may be gone. Freestanding.
#pragma once

#include "core/escrow/instruction_set.hpp"
#include "core/escrow/key.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::escrow {

// "OBK1" as a word, as it lies in memory.
inline constexpr uint32_t kEventMagic = 0x314b424f;

struct Event {
  uint32_t magic;
  Tag tag;
  State state;  // after the instruction
  uint16_t zero;
  Key lease;
  uint64_t to_host;
  uint64_t to_treasury;
  uint64_t to_renter;
  int64_t proven_until;
  int64_t stopped_at;
};
static_assert(sizeof(Event) == 80);
static_assert(offsetof(Event, tag) == 4 && offsetof(Event, state) == 5);
static_assert(offsetof(Event, lease) == 8 && offsetof(Event, to_host) == 40);
static_assert(offsetof(Event, to_treasury) == 48 && offsetof(Event, to_renter) == 56);
static_assert(offsetof(Event, proven_until) == 64 && offsetof(Event, stopped_at) == 72);

}  // namespace obelisk::escrow
