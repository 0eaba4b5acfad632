#include "adapters/podman/usage.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <charconv>

#include "adapters/podman/files.hpp"

namespace obelisk::podman {
namespace {

using Figure = std::optional<std::uint64_t>;

constexpr std::size_t kMaxFile = 64 << 10;
// Version 1 says "no limit" with a number that no machine has.
constexpr std::uint64_t kNoLimit = 1ULL << 60;

std::string_view take_until(std::string_view& rest, char end) {
  const auto at = std::min(rest.find(end), rest.size());
  const std::string_view out = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return out;
}

Figure number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc{} && end != text.data() ? Figure(value) : std::nullopt;
}

Figure number_of(const std::string& directory, const char* file) {
  if (directory.empty()) return std::nullopt;
  const auto text = read_file(directory + "/" + file, kMaxFile);
  return text ? number_in(*text) : std::nullopt;
}

// Of a file with lines "name value".
Figure field_of(const std::string& directory, const char* file, std::string_view name) {
  if (directory.empty()) return std::nullopt;
  const auto text = read_file(directory + "/" + file, kMaxFile);
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  while (!rest.empty()) {
    std::string_view line = take_until(rest, '\n');
    if (take_until(line, ' ') == name) return number_in(line);
  }
  return std::nullopt;
}

Figure either(Figure first, Figure second) { return first ? first : second; }

void add_memory(const std::string& directory, ports::Usage& out) {
  Figure used =
      either(number_of(directory, "memory.current"), number_of(directory, "memory.usage_in_bytes"));
  const Figure idle = either(field_of(directory, "memory.stat", "total_inactive_file"),
                             field_of(directory, "memory.stat", "inactive_file"));
  if (used) used = *used - std::min(*used, idle.value_or(0));
  out.memory_bytes = used;
  const Figure limit =
      either(number_of(directory, "memory.max"), number_of(directory, "memory.limit_in_bytes"));
  if (limit && *limit < kNoLimit) out.memory_limit_bytes = limit;
  out.oom_kills = either(field_of(directory, "memory.events", "oom_kill"),
                         field_of(directory, "memory.oom_control", "oom_kill"));
}

void add_disk(const std::string& disk, ports::Usage& out) {
  struct statvfs info{};
  if (::statvfs(disk.c_str(), &info) != 0) return;
  out.disk_bytes = std::uint64_t{info.f_blocks} * info.f_frsize;
  out.disk_used_bytes = std::uint64_t{info.f_blocks - info.f_bfree} * info.f_frsize;
}

}  // namespace

ControlGroups parse_control_groups(std::string_view text) {
  ControlGroups out;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view number = take_until(line, ':');
    std::string_view controllers = take_until(line, ':');
    const std::string path(line);
    if (number.empty() || !path.starts_with('/')) continue;
    if (number == "0" && controllers.empty()) out.unified = path;
    while (!controllers.empty()) {
      const std::string_view one = take_until(controllers, ',');
      if (!one.empty()) out.by_controller.emplace(one, path);
    }
  }
  return out;
}

ControlGroups control_groups_of(int pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/cgroup", kMaxFile);
  return text ? parse_control_groups(*text) : ControlGroups();
}

std::string directory_of(const ControlGroups& groups, const std::string& controller,
                         const std::string& top) {
  const auto first = groups.by_controller.find(controller);
  if (first != groups.by_controller.end()) return top + "/" + controller + first->second;
  // With both versions mounted the second has a place of its own, and no controllers of ours.
  const bool is_second = groups.unified && exists(top + "/cgroup.controllers");
  return is_second ? top + *groups.unified : "";
}

ports::Usage usage_of(int pid, const std::string& disk, const std::string& interface) {
  ports::Usage out;
  const ControlGroups groups = control_groups_of(pid);
  const std::string processor = directory_of(groups, "cpuacct");
  out.cpu_us = field_of(processor, "cpu.stat", "usage_usec");
  if (!out.cpu_us) {
    if (const Figure ns = number_of(processor, "cpuacct.usage")) out.cpu_us = *ns / 1000;
  }
  add_memory(directory_of(groups, "memory"), out);
  out.processes = number_of(directory_of(groups, "pids"), "pids.current");
  add_disk(disk, out);
  // What comes in at this end is what the lease sent.
  const std::string counters = "/sys/class/net/" + interface + "/statistics";
  out.sent_bytes = number_of(counters, "rx_bytes");
  out.received_bytes = number_of(counters, "tx_bytes");
  return out;
}

}  // namespace obelisk::podman
