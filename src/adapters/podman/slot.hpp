// Slot: the numbers one lease has for itself on this machine. One small integer gives a uid range,
// an interface, a network namespace and a subnet, so that no two leases of any program here ever
// share one. Pure arithmetic; who holds which slot is slots.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/podman/ipv4.hpp"

namespace obelisk::podman {

inline constexpr std::uint32_t kSlots = 1024;
inline constexpr std::uint32_t kUidsPerSlot = 65536;
// The first uid of slot 0. systemd's list of uid ranges leaves 1879048192 to 2147352575 to nobody,
// so users, containers and virtual machines of others do not live there.
inline constexpr std::uint32_t kFirstUid = 1879048192;

struct Slot {
  std::uint32_t number = 0;
  std::uint32_t uid_base = 0;
  std::string interface;  // on the host; also the name of the network namespace
  std::uint32_t host_address = 0;
  std::uint32_t lease_address = 0;  // both in one /30
};

// Slot `number` with the first of our address pools whose subnet touches none of `taken`; nothing
// if the machine uses them all.
std::optional<Slot> slot_of(std::uint32_t number, const std::vector<Network>& taken);
// The same slot again, as it was recorded.
Slot recorded_slot(std::uint32_t number, std::uint32_t host_address);

}  // namespace obelisk::podman
