#include "adapters/podman/instance.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <set>

#include "adapters/podman/cgroups.hpp"
#include "adapters/podman/disk.hpp"
#include "adapters/podman/firewall.hpp"
#include "adapters/podman/lease_files.hpp"
#include "adapters/podman/mounts.hpp"
#include "adapters/podman/network.hpp"
#include "adapters/podman/processes.hpp"

namespace obelisk::podman {

namespace {

std::string gibibytes(std::uint64_t bytes) {
  return std::to_string(bytes / (1ULL << 30)) + "." +
         std::to_string(bytes % (1ULL << 30) * 10 / (1ULL << 30)) + " GiB";
}

// The state directory by its one true name: the instance's id comes from it.
base::Result<std::string> make_state_dir(const std::string& wanted) {
  if (!wanted.starts_with('/')) {
    return base::Error{base::Code::invalid_input, "The state directory must be an absolute path.",
                       "Give it from the root, for example /var/lib/obelisk-host."};
  }
  std::error_code failed;
  std::filesystem::create_directories(wanted, failed);
  auto canonical = std::filesystem::canonical(wanted, failed);
  if (failed) return system_error("cannot make " + wanted, failed.value());
  return canonical.string();
}

}  // namespace

Instance::Instance(const PodmanOptions& options, Layout layout)
    : layout_(std::move(layout)),
      reserve_bytes_(options.reserve_bytes),
      resolver_texts_(options.resolvers),
      log_(options.log),
      before_(options.before),
      slots_(layout_.run_dir) {}

base::Result<std::unique_ptr<Instance>> Instance::open(const PodmanOptions& options) {
  if (::geteuid() != 0) {
    return base::Error{base::Code::missing_dependency, "Containers need root.",
                       "Start obelisk-host as root."};
  }
  TRY(std::string state_dir, make_state_dir(options.state_dir));
  std::unique_ptr<Instance> out(new Instance(options, make_layout(state_dir, options.run_dir)));
  TRY_VOID(out->prepare());
  return out;
}

Instance::~Instance() {
  if (!state_lock_.valid()) return;
  libpod_.reset();
  if (service_) service_->stop();
  auto left = leases();
  if (!left || !left->empty()) return;
  if (auto done = leave_nothing(); !done) log("left behind: " + done.error().message);
}

base::Result<void> Instance::prepare() {
  for (const std::string& text : resolver_texts_) {
    auto address = parse_address(text);
    if (!address) {
      return base::Error{base::Code::invalid_input, "A resolver is not an IPv4 address.",
                         "Give addresses such as 1.1.1.1."};
    }
    resolvers_.push_back(*address);
  }
  TRY_VOID(take_state_lock());
  TRY_VOID(make_directory(layout_.leases(), 0700));
  TRY_VOID(make_directory(layout_.run_dir, 0711));
  TRY_VOID(make_directory(layout_.instance, 0711));
  TRY_VOID(make_directory(layout_.mounts(), 0711));
  service_ = std::make_unique<Service>(layout_);
  libpod_ = std::make_unique<Libpod>(layout_, *service_);
  sweep();
  return load_firewall();
}

base::Result<void> Instance::take_state_lock() {
  std::string path = layout_.state_dir + "/containers.lock";
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return system_error("cannot open " + path, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return base::Error{base::Code::conflict,
                       "Another process already uses " + layout_.state_dir + ".",
                       "End it, or give this one another state directory."};
  }
  state_lock_ = std::move(fd);
  return {};
}

// A lease that cannot be swept is only logged: it must not keep the others from being served.
void Instance::sweep() {
  auto names = leases();
  if (!names) return log("cannot read the leases: " + names.error().message);
  for (const std::string& lease : *names) {
    if (auto done = sweep_lease(lease); !done) log(lease + ": " + done.error().message);
  }
  sweep_strangers();
}

// What start() never finished and what wipe() began is ended; what runs gets its slot confirmed.
base::Result<void> Instance::sweep_lease(const std::string& lease) {
  TRY(std::optional<LeaseRecord> record, find(lease));
  if (!record) return destroy_remains(lease);
  if (record->stage != Stage::started) return destroy(*std::move(record));
  return hold(*record);
}

base::Result<void> Instance::hold(const LeaseRecord& record) const {
  TRY(MachineLock lock, MachineLock::take(layout_.run_dir));
  return slots_.hold(lock, record.slot.number, layout_.lease(record.spec.lease).dir);
}

// What runs for a lease whose directory somebody deleted: it is found by its mount points.
void Instance::sweep_strangers() {
  auto mounted = names_in(layout_.mounts());
  for (const std::string& lease : mounted ? *mounted : std::vector<std::string>{}) {
    if (!check_lease_name(lease) || exists(layout_.lease(lease).record)) continue;
    if (auto done = destroy_remains(lease); !done) log(lease + ": " + done.error().message);
  }
}

base::Result<void> Instance::check_room(const MachineLock& lock,
                                        const ports::ContainerSpec& spec) const {
  TRY(std::vector<std::string> holders, slots_.holders(lock));
  TRY(std::uint64_t free, free_bytes(layout_.state_dir));
  std::uint64_t promised = reserve_bytes_;
  std::set<std::string> cards(spec.gpu_uuids.begin(), spec.gpu_uuids.end());
  for (const std::string& dir : holders) {
    auto text = read_file(dir + "/record.json");
    if (!text) continue;
    auto record = parse_record(*text);
    if (!record) continue;
    for (const std::string& uuid : record->spec.gpu_uuids) {
      if (!cards.contains(uuid)) continue;
      return base::Error{base::Code::conflict, "The card " + uuid + " is in another lease.",
                         "Take another card, or wait until that lease ends."};
    }
    // What the disks of other leases may still grow counts as taken: a promise is kept to all.
    std::uint64_t used = allocated_bytes(dir + "/disk.img");
    if (same_file_system(dir, layout_.state_dir) && record->spec.disk_bytes > used) {
      promised += record->spec.disk_bytes - used;
    }
  }
  std::uint64_t room = free > promised ? free - promised : 0;
  if (room >= spec.disk_bytes) return {};
  return base::Error{base::Code::missing_dependency,
                     gibibytes(spec.disk_bytes) + " of disk asked for, " + gibibytes(room) +
                         " left in " + layout_.state_dir + ".",
                     "Free some space there, or offer a smaller disk."};
}

base::Result<LeaseRecord> Instance::reserve(const ports::ContainerSpec& spec,
                                            const std::string& host_key_line) {
  TRY(std::string routes, routes_json());
  TRY(std::vector<Network> networks, networks_in_routes(routes));
  TRY(std::vector<std::string> interfaces, interfaces_of_others(layout_.table()));
  LeasePaths paths = layout_.lease(spec.lease);
  LeaseRecord record{
      .stage = Stage::preparing, .spec = spec, .slot = {}, .host_key = host_key_line};
  record.spec.keys = {};
  TRY(MachineLock lock, MachineLock::take(layout_.run_dir));
  TRY_VOID(check_room(lock, spec));
  TRY(record.slot, slots_.take(lock, paths.dir, networks, interfaces));
  TRY_VOID(make_directory(paths.dir, 0700));
  TRY_VOID(save(record));
  return record;
}

base::Result<std::optional<LeaseRecord>> Instance::find(const std::string& lease) const {
  auto text = read_file(layout_.lease(lease).record);
  if (!text && text.error().code == base::Code::not_found) return std::optional<LeaseRecord>{};
  if (!text) return std::move(text).error();
  TRY(LeaseRecord record, parse_record(*text));
  if (record.spec.lease != lease) {
    return base::Error{base::Code::internal,
                       "The record in " + layout_.lease(lease).dir + " is another lease's.",
                       "Move it back to where it was."};
  }
  if (exists(layout_.lease(lease).wiping())) record.stage = Stage::wiping;
  return std::optional<LeaseRecord>(std::move(record));
}

base::Result<void> Instance::save(const LeaseRecord& record) const {
  return write_file(layout_.lease(record.spec.lease).record, record_text(record), 0600);
}

base::Result<std::vector<std::string>> Instance::leases() const {
  TRY(std::vector<std::string> names, names_in(layout_.leases()));
  std::erase_if(names, [](const std::string& name) { return !check_lease_name(name); });
  return names;
}

base::Result<std::optional<Slot>> Instance::slot_in_rules(const std::string& lease) const {
  const auto record = find(lease);
  if (record && *record && (*record)->stage != Stage::wiping) return std::optional((*record)->slot);
  Slot slot;
  if (record && *record) {
    slot = (*record)->slot;
  } else {
    // A lease whose record is damaged runs on. Its slot is known, its address is not: with none
    // that it could send from, all is closed to it.
    TRY(MachineLock lock, MachineLock::take(layout_.run_dir));
    TRY(const auto number, slots_.named_for(lock, layout_.lease(lease).dir));
    if (!number) return std::optional<Slot>{};
    slot = recorded_slot(*number, 0);
  }
  // One that is being ended and has no network any more was dismissed, or soon is: its slot may be
  // another's before the next load, and these rules would hold for it.
  return network_is_there(slot) ? std::optional(slot) : std::nullopt;
}

base::Result<void> Instance::load_firewall(const std::string& without) {
  TRY(std::vector<std::string> names, leases());
  FirewallPlan plan{
      .table = layout_.table(), .leases = {}, .neighbours = {}, .resolvers = resolvers_};
  for (const std::string& lease : names) {
    if (lease == without) continue;
    TRY(const std::optional<Slot> slot, slot_in_rules(lease));
    if (slot) plan.leases.push_back(*slot);
  }
  TRY(std::string routes, routes_json());
  TRY(plan.neighbours, neighbours_in_routes(routes));
  return apply_rules(firewall_text(plan));
}

base::Result<void> Instance::admit(const Slot& slot) {
  std::lock_guard guard(firewall_mutex_);
  if (apply_rules(admit_text(layout_.table(), slot))) return {};
  // Somebody flushed the rules. The record is written by now, so the whole table has it.
  return load_firewall();
}

base::Result<void> Instance::dismiss(const LeaseRecord& record) {
  std::lock_guard guard(firewall_mutex_);
  if (apply_rules(dismiss_text(layout_.table(), record.slot))) return {};
  return load_firewall(record.spec.lease);
}

base::Result<void> Instance::destroy_remains(const std::string& lease) {
  LeaseRecord record;
  record.spec.lease = lease;
  TRY_VOID(make_directory(layout_.lease(lease).dir, 0700));
  std::optional<std::uint32_t> slot;
  {
    TRY(MachineLock lock, MachineLock::take(layout_.run_dir));
    TRY(slot, slots_.named_for(lock, layout_.lease(lease).dir));
  }
  // Its addresses are lost, but its interface is named after the slot, and the firewall's table is
  // loaded from the records of the others.
  if (slot) record.slot = recorded_slot(*slot, 0);
  return destroy(std::move(record));
}

base::Result<void> Instance::destroy(LeaseRecord record) {
  LeasePaths paths = layout_.lease(record.spec.lease);
  record.stage = Stage::wiping;
  before("machine.save_wiping");
  // Without a slot there is no record: it would claim slot 0, and what is left is found as remains.
  const bool has_slot = !record.slot.interface.empty();
  if (auto saved = has_slot ? save(record) : base::Result<void>{}; !saved) {
    // A full disk has no room for a record, and this is how it gets some: an empty file says it.
    if (!write_empty(paths.wiping())) return saved;
  }
  before("machine.remove");
  TRY_VOID(libpod_->remove(record.spec.lease));
  before("machine.unmount");
  TRY_VOID(unmount_lease(paths));
  before("machine.remove_network");
  if (has_slot) TRY_VOID(remove_network(record.slot));
  before("machine.dismiss");
  TRY_VOID(dismiss(record));
  before("machine.delete_files");
  TRY_VOID(delete_lease_files(paths));
  before("machine.release");
  TRY(MachineLock lock, MachineLock::take(layout_.run_dir));
  return slots_.release(lock, record.slot.number, paths.dir);
}

std::string Instance::cgroup_parent() const {
  return systemd_cgroups() ? "" : "/obelisk-" + layout_.id;
}

base::Result<void> Instance::leave_nothing() {
  TRY_VOID(remove_table(layout_.table()));
  await_processes_naming(layout_.instance + "/", std::chrono::seconds(10));
  TRY_VOID(unmount_below(layout_.instance, std::chrono::seconds(5)));
  remove_cgroups("obelisk-" + layout_.id);
  return remove_tree(layout_.instance);
}

void Instance::log(const std::string& line) const {
  if (log_) log_("containers: " + line);
}

void Instance::before(std::string_view what) const {
  if (before_) before_(what);
}

}  // namespace obelisk::podman
