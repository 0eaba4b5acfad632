#include "tun.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace obelisk::link {
namespace {

using base::Code;
using base::Error;
using base::Result;

// Packets that wait for us to read them. Where it overflows the kernel drops what no counter of
// ours sees, so it is longer than any burst that two cores can make.
constexpr int kUnreadPackets = 20'000;

Error failed(const std::string& what) {
  return {Code::missing_dependency, what + ": " + std::strerror(errno) + ".",
          "It takes root, /dev/net/tun and a namespace that is there."};
}

std::string file_of(const std::string& space) {
  if (space == "here") return "/proc/self/ns/net";
  if (space.starts_with("pid:")) return "/proc/" + space.substr(4) + "/ns/net";
  return "/run/netns/" + space;
}

// In the namespace where the device shall be.
Result<Fd> open_here(const std::string& device, bool whole_segments) {
  Fd tun(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!tun) return failed("open /dev/net/tun");
  ifreq wish{};
  wish.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
  device.copy(wish.ifr_name, sizeof(wish.ifr_name) - 1);
  if (::ioctl(tun.get(), TUNSETIFF, &wish) != 0) return failed("make the device " + device);
  int header_bytes = kTunHeaderBytes;
  if (::ioctl(tun.get(), TUNSETVNETHDRSZ, &header_bytes) != 0) return failed("set the header");
  const unsigned long offloads = whole_segments ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 : 0;
  if (::ioctl(tun.get(), TUNSETOFFLOAD, offloads) != 0) return failed("set the offloads");
  const Fd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  wish.ifr_qlen = kUnreadPackets;
  if (!any || ::ioctl(any.get(), SIOCSIFTXQLEN, &wish) != 0) return failed("set the queue");
  return tun;
}

}  // namespace

Result<TunPlace> parse_place(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || text.size() - colon - 1 >= IFNAMSIZ ||
      colon + 1 == text.size() || text.find('/') != std::string::npos) {
    return Error{Code::usage, "'" + text + "' is no SPACE:DEVICE.",
                 "SPACE is a name of `ip netns`, pid:N or `here`; DEVICE has up to 15 letters."};
  }
  return TunPlace{text.substr(0, colon), text.substr(colon + 1)};
}

Result<Fd> open_tun(const TunPlace& place, bool whole_segments) {
  const Fd home(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  const Fd there(::open(file_of(place.space).c_str(), O_RDONLY | O_CLOEXEC));
  if (!home || !there) return failed("open the namespace " + place.space);
  if (::setns(there.get(), CLONE_NEWNET) != 0) return failed("enter " + place.space);
  auto tun = open_here(place.device, whole_segments);
  CHECK(::setns(home.get(), CLONE_NEWNET) == 0);
  return tun;
}

}  // namespace obelisk::link
