#include "adapters/podman/slot.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace obelisk::podman {

namespace {

constexpr std::uint32_t kPoolBits = 20;  // kSlots subnets of four addresses
static_assert(kSlots * 4 == 1U << (32 - kPoolBits));
static_assert(std::uint64_t{kFirstUid} + std::uint64_t{kSlots} * kUidsPerSlot <= 2147352576);

// Private ranges that homes and data centres rarely use; the last one is kept for measuring
// equipment (RFC 2544) and is on nobody's LAN.
constexpr std::array<std::uint32_t, 4> kPools = {
    (10U << 24) | (213U << 16) | (64U << 8),    // 10.213.64.0/20
    (172U << 24) | (29U << 16) | (208U << 8),   // 172.29.208.0/20
    (192U << 24) | (168U << 16) | (208U << 8),  // 192.168.208.0/20
    (198U << 24) | (18U << 16) | (64U << 8),    // 198.18.64.0/20
};

}  // namespace

Slot recorded_slot(std::uint32_t number, std::uint32_t host_address) {
  CHECK(number < kSlots);
  return {number, kFirstUid + number * kUidsPerSlot, "obelisk" + std::to_string(number),
          host_address, host_address + 1};
}

std::optional<Slot> slot_of(std::uint32_t number, const std::vector<Network>& taken) {
  CHECK(number < kSlots);
  for (std::uint32_t pool : kPools) {
    Network subnet{pool + number * 4, 30};
    bool used = std::any_of(taken.begin(), taken.end(),
                            [&](const Network& other) { return overlap(subnet, other); });
    if (!used) return recorded_slot(number, subnet.address + 1);
  }
  return std::nullopt;
}

}  // namespace obelisk::podman
