#include "adapters/podman/slots.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace obelisk::podman {

base::Result<MachineLock> MachineLock::take(const std::string& run_dir) {
  std::string path = run_dir + "/slots.lock";
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return system_error("cannot open " + path, errno);
  while (::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return system_error("cannot lock " + path, errno);
  }
  return MachineLock(std::move(fd));
}

std::string Slots::path_of(std::uint32_t number) const {
  return dir_ + "/" + std::to_string(number);
}

std::string Slots::holder_of(std::uint32_t number) const {
  auto text = read_file(path_of(number), 8192);
  if (!text || text->empty() || text->back() != '\n') return "";
  text->pop_back();
  return exists(*text + "/record.json") ? *text : "";
}

base::Result<Slot> Slots::take(const MachineLock&, const std::string& lease_dir,
                               const std::vector<Network>& networks_in_use,
                               const std::vector<std::string>& interfaces_in_use) const {
  TRY_VOID(make_directory(dir_, 0700));
  for (std::uint32_t number = 0; number < kSlots; ++number) {
    if (!holder_of(number).empty()) continue;
    auto slot = slot_of(number, networks_in_use);
    // What somebody else (or a deleted state) left under our names is not ours to take over.
    if (!slot || exists(machine_ + "/sys/class/net/" + slot->interface) ||
        exists(machine_ + "/run/netns/" + slot->interface) ||
        std::ranges::binary_search(interfaces_in_use, slot->interface)) {
      continue;
    }
    TRY_VOID(write_file(path_of(number), lease_dir + "\n", 0600));
    return *slot;
  }
  return base::Error{base::Code::missing_dependency,
                     "No free subnet for another lease: all " + std::to_string(kSlots) +
                         " are in use, overlap this machine's networks or stand in rules that a "
                         "host left behind.",
                     "End leases, or free one of 10.213.64.0/20, 172.29.208.0/20, "
                     "192.168.208.0/20, 198.18.64.0/20."};
}

base::Result<void> Slots::hold(const MachineLock&, std::uint32_t number,
                               const std::string& lease_dir) const {
  TRY_VOID(make_directory(dir_, 0700));
  std::string holder = holder_of(number);
  if (holder == lease_dir) return {};
  if (!holder.empty()) {
    return base::Error{base::Code::conflict,
                       "Slot " + std::to_string(number) + " belongs to another lease, " + holder +
                           ", since the machine was started.",
                       "End that lease first, or end this one."};
  }
  return write_file(path_of(number), lease_dir + "\n", 0600);
}

base::Result<void> Slots::release(const MachineLock&, std::uint32_t number,
                                  const std::string& lease_dir) const {
  auto text = read_file(path_of(number), 8192);
  if (!text || *text != lease_dir + "\n") return {};
  return remove_file(path_of(number));
}

base::Result<std::vector<std::uint32_t>> Slots::numbers() const {
  TRY(std::vector<std::string> names, names_in(dir_));
  std::vector<std::uint32_t> out;
  for (const std::string& name : names) {
    std::uint32_t number = 0;
    auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    bool good = failed == std::errc{} && end == name.data() + name.size() && number < kSlots;
    if (good) out.push_back(number);
  }
  return out;
}

base::Result<std::optional<std::uint32_t>> Slots::named_for(const MachineLock&,
                                                            const std::string& lease_dir) const {
  TRY(std::vector<std::uint32_t> all, numbers());
  for (std::uint32_t number : all) {
    auto text = read_file(path_of(number), 8192);
    if (text && *text == lease_dir + "\n") return std::optional<std::uint32_t>(number);
  }
  return std::optional<std::uint32_t>{};
}

base::Result<std::vector<std::string>> Slots::holders(const MachineLock&) const {
  TRY(std::vector<std::uint32_t> all, numbers());
  std::vector<std::string> out;
  for (std::uint32_t number : all) {
    std::string holder = holder_of(number);
    if (!holder.empty()) out.push_back(std::move(holder));
  }
  return out;
}

}  // namespace obelisk::podman
