// A TUN device in a network namespace: what a process there sends to it is read here, what is
// written here arrives there. It is gone when its descriptor is closed. It must never leave the
// process in another namespace than it was.
#pragma once

#include <string>

#include "base/result.hpp"
#include "fd.hpp"

namespace obelisk::link {

// In front of each packet: what the kernel says of its checksum and of its segments.
constexpr std::size_t kTunHeaderBytes = 10;
// The largest that one read gives: a segment of 64 KiB, and room for what counts beside it.
constexpr std::size_t kTunMostBytes = 66 << 10;

struct TunPlace {
  std::string space;   // a name below /run/netns, pid:N, or `here`
  std::string device;  // to be made
};
// `SPACE:DEVICE`; nothing of it can be empty.
base::Result<TunPlace> parse_place(const std::string& text);

// With `whole_segments` the kernel hands over up to 64 KiB at once and leaves cutting them to the
// one that receives; without, each packet is one that fits the device's MTU.
base::Result<Fd> open_tun(const TunPlace& place, bool whole_segments);

}  // namespace obelisk::link
