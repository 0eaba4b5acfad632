#include "adapters/podman/network.hpp"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>

#include "adapters/podman/files.hpp"
#include "adapters/podman/process.hpp"

namespace obelisk::podman {

namespace {

constexpr auto kGoneWithin = std::chrono::seconds(3);

base::Result<void> ip(std::vector<std::string> arguments, std::string input = "") {
  Command command{.argv = {"ip"}, .input = std::move(input)};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  auto done = run_checked(command);
  if (!done) return std::move(done).error();
  return {};
}

std::string interface_path(const Slot& slot) { return "/sys/class/net/" + slot.interface; }

// Settings of the namespace. The namespace belongs to the host's user namespace, so the lease's own
// root could not bind port 22 there: the first setting opens all ports to everyone inside. The
// second lets everyone inside ping.
base::Result<void> settings_inside() {
  TRY_VOID(write_in_place("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"));
  TRY_VOID(write_in_place("/proc/sys/net/ipv4/ping_group_range", "0 2147483647"));
  std::string ipv6 = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
  return exists(ipv6) ? write_in_place(ipv6, "1") : base::Result<void>{};
}

// /proc/sys/net shows the namespace of the thread that opens it; a thread of its own enters the
// lease's, so that nothing else of this program ever does.
base::Result<void> apply_settings_inside(const Slot& slot) {
  UniqueFd space(::open(namespace_path(slot).c_str(), O_RDONLY | O_CLOEXEC));
  if (!space.valid()) return system_error("cannot open " + namespace_path(slot), errno);
  base::Result<void> result;
  std::thread([&] {
    result = ::setns(space.get(), CLONE_NEWNET) == 0
                 ? settings_inside()
                 : system_error("cannot enter " + namespace_path(slot), errno);
  }).join();
  return result;
}

base::Result<void> settings_outside(const Slot& slot) {
  std::string ipv4 = "/proc/sys/net/ipv4/conf/" + slot.interface;
  TRY_VOID(write_in_place(ipv4 + "/rp_filter", "1"));
  std::string ipv6 = "/proc/sys/net/ipv6/conf/" + slot.interface + "/disable_ipv6";
  return exists(ipv6) ? write_in_place(ipv6, "1") : base::Result<void>{};
}

}  // namespace

std::string namespace_path(const Slot& slot) { return "/run/netns/" + slot.interface; }

std::string host_side_commands(const Slot& slot) {
  return "netns add " + slot.interface + "\nlink add " + slot.interface +
         " type veth peer name eth0 netns " + slot.interface + "\n";
}

std::string lease_side_commands(const Slot& slot) {
  return "link set lo up\naddr add " + address_text(slot.lease_address) +
         "/30 dev eth0\nlink set eth0 up\nroute add default via " +
         address_text(slot.host_address) + "\n";
}

base::Result<void> make_network(const Slot& slot) {
  TRY_VOID(remove_network(slot));
  TRY_VOID(ip({"-batch", "-"}, host_side_commands(slot)));
  // Before it is up: no packet may leave with settings that are not ours.
  TRY_VOID(settings_outside(slot));
  TRY_VOID(apply_settings_inside(slot));
  TRY_VOID(ip({"-batch", "-"}, "addr add " + address_text(slot.host_address) + "/30 dev " +
                                   slot.interface + "\nlink set " + slot.interface + " up\n"));
  return ip({"-n", slot.interface, "-batch", "-"}, lease_side_commands(slot));
}

bool network_is_there(const Slot& slot) { return exists(interface_path(slot)); }

base::Result<void> remove_network(const Slot& slot) {
  if (exists(interface_path(slot))) {
    auto removed = ip({"link", "del", slot.interface});
    if (!removed && exists(interface_path(slot))) return removed;
  }
  if (exists(namespace_path(slot))) {
    auto removed = ip({"netns", "del", slot.interface});
    if (!removed && exists(namespace_path(slot))) return removed;
  }
  auto deadline = std::chrono::steady_clock::now() + kGoneWithin;
  while (exists(interface_path(slot))) {
    if (std::chrono::steady_clock::now() > deadline) {
      return system_error("cannot remove the interface " + slot.interface, EBUSY);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return {};
}

base::Result<void> enable_forwarding() {
  const std::string path = "/proc/sys/net/ipv4/ip_forward";
  TRY(std::string now, read_file(path, 64));
  if (now.starts_with("1")) return {};
  return write_in_place(path, "1");
}

base::Result<std::string> routes_json() {
  return run_checked({.argv = {"ip", "-j", "-4", "route", "show", "table", "all"}, .input = ""});
}

}  // namespace obelisk::podman
