// What is said to podman and what it answers, as values: no sockets here.
#include <boost/json.hpp>
#include <limits>

#include "adapters/podman/images/start_command.hpp"
#include "adapters/podman/libpod.hpp"
#include "adapters/podman/network.hpp"

namespace obelisk::podman {

namespace json = boost::json;

namespace {

constexpr int kCpuPeriodUs = 100'000;
constexpr const char* kLabel = "obelisk.lease";
// A renter can write as much as he likes to his first process's output.
constexpr std::int64_t kMaxLogBytes = 1 << 20;

json::object limits(const ports::ContainerSpec& spec) {
  auto memory = static_cast<std::int64_t>(spec.memory_bytes);
  std::int64_t quota = std::int64_t{spec.cpu_milli} * kCpuPeriodUs / 1000;
  return {{"memory", {{"limit", memory}, {"swap", memory}}},
          {"pids", {{"limit", spec.max_processes}}},
          {"cpu", {{"quota", quota}, {"period", kCpuPeriodUs}}}};
}

json::object bound(const std::string& source, const std::string& target,
                   std::initializer_list<json::value> more) {
  json::array options{"nosuid", "nodev"};
  for (const json::value& option : more) options.push_back(option);
  return {{"destination", target}, {"source", source}, {"type", "bind"}, {"options", options}};
}

json::array mounts(const LeasePaths& paths, const Making& making) {
  json::array out{bound(paths.ssh_mount, "/lease", {"ro", "noexec"}),
                  bound(paths.ssh_mount + "/hostname", "/etc/hostname", {"ro", "noexec"}),
                  bound(paths.ssh_mount + "/containerenv", "/run/.containerenv", {"ro", "noexec"}),
                  bound(paths.disk_mount + "/workspace", "/workspace", {})};
  if (making.has_tools) out.push_back(bound(paths.tools, kToolsAt, {"ro"}));
  // Programs may lie there too: virtual environments, tools.
  for (const std::string& name : making.caches) {
    out.push_back(bound(paths.cache(name), "/cache/" + name, {"ro"}));
  }
  return out;
}

json::object environment(const std::map<std::string, std::string>& variables) {
  json::object out;
  for (const auto& [name, value] : variables) out.emplace(name, value);
  return out;
}

json::array devices(const ports::ContainerSpec& spec) {
  json::array out;
  for (const std::string& uuid : spec.gpu_uuids) {
    out.push_back(json::object{{"path", "nvidia.com/gpu=" + uuid}});
  }
  return out;
}

std::int64_t number_or(const json::object& object, const char* key, std::int64_t otherwise) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->as_int64() : otherwise;
}

std::string text_or(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

}  // namespace

std::string container_name(const std::string& lease) { return "obelisk-" + lease; }

std::string PodmanContainer::boot_id() const {
  return id.substr(0, 16) + "-" + std::to_string(started_at) + "-" + std::to_string(pid);
}

std::string create_body(const LeaseRecord& record, const LeasePaths& paths, const Making& making) {
  const ports::ContainerSpec& spec = record.spec;
  json::object range{
      {"container_id", 0}, {"host_id", record.slot.uid_base}, {"size", kUidsPerSlot}};
  json::object body{
      {"name", container_name(spec.lease)},
      {"rootfs", paths.root},
      {"command", json::array(making.command.begin(), making.command.end())},
      {"env", environment(making.environment)},
      {"labels", {{kLabel, spec.lease}}},
      {"hostname", hostname_of(spec.lease)},
      // We wrote these two files onto the lease's own disk before anybody was in.
      {"use_image_hosts", true},
      {"use_image_resolve_conf", true},
      {"mask", json::array(making.masked.begin(), making.masked.end())},
      // No program gives whoever starts it more than he had: sudo does nothing for its callers.
      {"no_new_privileges", true},
      // Else its place in the tree tells this host's name and podman's.
      {"cgroupns", {{"nsmode", "private"}}},
      {"userns", {{"nsmode", "private"}}},
      {"idmappings", {{"UIDMap", json::array{range}}, {"GIDMap", json::array{range}}}},
      {"netns", {{"nsmode", "path"}, {"value", namespace_path(record.slot)}}},
      {"resource_limits", limits(spec)},
      // Shared memory counts as the lease's memory; half of it is what data loaders expect.
      {"shm_size", static_cast<std::int64_t>(spec.memory_bytes / 2)},
      {"mounts", mounts(paths, making)},
      {"log_configuration", {{"driver", "k8s-file"}, {"size", kMaxLogBytes}}},
      {"stop_timeout", 0},
  };
  if (!making.cgroup_parent.empty()) body["cgroup_parent"] = making.cgroup_parent;
  if (!spec.gpu_uuids.empty()) body["devices"] = devices(spec);
  return json::serialize(body);
}

base::Result<std::vector<PodmanContainer>> parse_containers(std::string_view text) {
  boost::system::error_code failed;
  json::value parsed = json::parse(json::string_view(text.data(), text.size()), failed);
  if (failed || !parsed.is_array()) {
    return base::Error{base::Code::internal, "podman's list of containers cannot be read.",
                       "Check that podman is 4.3 or newer."};
  }
  std::vector<PodmanContainer> out;
  for (const json::value& entry : parsed.as_array()) {
    if (!entry.is_object()) continue;
    const json::object& object = entry.as_object();
    const json::value* labels = object.if_contains("Labels");
    if (labels == nullptr || !labels->is_object()) continue;
    PodmanContainer container;
    container.lease = text_or(labels->as_object(), kLabel);
    container.id = text_or(object, "Id");
    container.running = text_or(object, "State") == "running";
    std::int64_t pid = number_or(object, "Pid", 0);
    bool plausible = pid >= 0 && pid <= std::numeric_limits<int>::max();
    container.pid = plausible ? static_cast<int>(pid) : 0;
    container.started_at = number_or(object, "StartedAt", 0);
    if (!container.lease.empty()) out.push_back(std::move(container));
  }
  return out;
}

}  // namespace obelisk::podman
