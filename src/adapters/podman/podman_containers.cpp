#include "adapters/podman/podman_containers.hpp"

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "adapters/podman/authorized_keys.hpp"
#include "adapters/podman/banner.hpp"
#include "adapters/podman/checks.hpp"
#include "adapters/podman/disk.hpp"
#include "adapters/podman/gpu_nodes.hpp"
#include "adapters/podman/host_key.hpp"
#include "adapters/podman/images/image_store.hpp"
#include "adapters/podman/images/start_command.hpp"
#include "adapters/podman/instance.hpp"
#include "adapters/podman/lease_files.hpp"
#include "adapters/podman/living.hpp"
#include "adapters/podman/network.hpp"
#include "adapters/podman/seclusion.hpp"
#include "adapters/podman/sshd_config.hpp"
#include "adapters/podman/terminals.hpp"

namespace obelisk::podman {

namespace {

constexpr std::uint16_t kSshPort = 22;
constexpr std::uint64_t kMinMemoryBytes = 64ULL << 20;
constexpr std::uint32_t kMinCpuMilli = 10;
constexpr std::uint32_t kMaxCpuMilli = 1'000'000;
constexpr std::uint32_t kMinProcesses = 16;
constexpr std::size_t kLocks = 64;

base::Error bad_spec(std::string message) {
  return {base::Code::invalid_input, std::move(message), "Ask for more, as an offer lists it."};
}

base::Result<void> check_limits(const ports::ContainerSpec& spec) {
  if (spec.disk_bytes < kMinDiskBytes || spec.disk_bytes > (1ULL << 50)) {
    return bad_spec("A lease's disk is between 64 MiB and 1 PiB.");
  }
  if (spec.memory_bytes < kMinMemoryBytes || spec.memory_bytes > (1ULL << 50)) {
    return bad_spec("A lease's memory is between 64 MiB and 1 PiB.");
  }
  if (spec.cpu_milli < kMinCpuMilli || spec.cpu_milli > kMaxCpuMilli) {
    return bad_spec("A lease has between 0.01 and 1000 cores.");
  }
  if (spec.max_processes < kMinProcesses || spec.max_processes > 4'000'000) {
    return bad_spec("A lease may have between 16 and 4,000,000 processes.");
  }
  return {};
}

ports::Container describe(const LeaseRecord& record, const PodmanContainer* container) {
  bool running = container != nullptr && container->running;
  return {.lease = record.spec.lease,
          .state = running ? ports::ContainerState::running : ports::ContainerState::exited,
          .ssh_address = address_text(record.slot.lease_address),
          .ssh_port = kSshPort,
          .network = namespace_path(record.slot),
          .host_key = record.host_key,
          .boot_id = container != nullptr ? container->boot_id() : ""};
}

// The record of a lease that runs.
base::Result<LeaseRecord> started(Instance& at, const std::string& lease) {
  TRY(std::optional<LeaseRecord> record, at.find(lease));
  if (record && record->stage == Stage::started) return *std::move(record);
  return base::Error{base::Code::not_found, "This host has no such lease.",
                     "Look at the list of leases."};
}

}  // namespace

class PodmanContainers::Impl {
 public:
  explicit Impl(PodmanOptions options) : options_(std::move(options)) {}

  base::Result<void> check();
  base::Result<ports::Container> start(const ports::ContainerSpec& spec);
  base::Result<void> authorize(const std::string& lease, const ports::LoginKeys& keys);
  base::Result<void> tell(const std::string& lease, const std::string& line);
  base::Result<void> set_end(const std::string& lease, const std::string& text);
  base::Result<std::vector<ports::Container>> list();
  base::Result<void> wipe(const std::string& lease);
  base::Result<Instance*> instance();
  const PodmanOptions& options() const { return options_; }
  Living& living() { return living_; }

 private:
  std::mutex& lock_of(const std::string& lease) {
    return locks_[std::hash<std::string>{}(lease) % kLocks];
  }
  base::Result<LeaseRecord> begin(Instance& at, const ports::ContainerSpec& spec,
                                  const Image& image, const std::string& keys);
  std::map<std::string, std::string> environment_of(const Image& image);
  base::Result<void> bring_up(Instance& at, const LeaseRecord& record, bool fresh);
  base::Result<ports::Container> start_new(Instance& at, const ports::ContainerSpec& spec,
                                           const Image& image, const std::string& keys);
  base::Result<ports::Container> start_again(Instance& at, const LeaseRecord& record);
  base::Result<PodmanContainer> container_of(Instance& at, const std::string& lease);
  base::Result<ports::Container> wait_until_ready(Instance& at, const LeaseRecord& record);

  PodmanOptions options_;
  std::mutex opening_;
  std::unique_ptr<Instance> instance_;
  std::array<std::mutex, kLocks> locks_;
  Living living_;
};

base::Result<Instance*> PodmanContainers::Impl::instance() {
  std::lock_guard guard(opening_);
  if (!instance_) {
    TRY_VOID(check_environment(options_.environment));
    TRY_VOID(check_caches(options_.caches));
    TRY(instance_, Instance::open(options_));
  }
  return instance_.get();
}

base::Result<void> PodmanContainers::Impl::check() {
  TRY_VOID(check_machine(options_));
  TRY(Instance * at, instance());
  TRY(const std::vector<Resident> images, resident_images(options_.images_dir));
  for (const Resident& resident : images) TRY_VOID(try_image(at->layout(), resident.image));
  for (const auto& [name, folder] : options_.caches) TRY_VOID(try_cache(at->layout(), folder));
  auto listed = at->libpod().list();
  if (!listed) return std::move(listed).error();
  return {};
}

base::Result<LeaseRecord> PodmanContainers::Impl::begin(Instance& at,
                                                        const ports::ContainerSpec& spec,
                                                        const Image& image,
                                                        const std::string& keys) {
  base::Keypair host_key = base::Keypair::random();
  at.before("machine.reserve");
  TRY(LeaseRecord record, at.reserve(spec, public_line(host_key.public_key())));
  LeasePaths paths = at.layout().lease(spec.lease);
  at.before("machine.write_files");
  auto written = write_ssh_files(paths, record.slot.uid_base,
                                 {.authorized_keys = keys,
                                  .config = sshd_config_text(environment_of(image)),
                                  .hostname = hostname_of(spec.lease),
                                  .host_key = &host_key});
  if (written) written = create_disk(paths.disk, spec.disk_bytes);
  if (written) return record;
  if (auto undone = at.destroy(record); !undone) at.log(undone.error().message);
  return std::move(written).error();
}

base::Result<void> PodmanContainers::Impl::bring_up(Instance& at, const LeaseRecord& record,
                                                    bool fresh) {
  LeasePaths paths = at.layout().lease(record.spec.lease);
  TRY(const Image image, image_of(options_.images_dir, record.spec.image_digest));
  Ground ground{image.root, "", options_.caches, at.resolvers()};
  if (image.login == Login::mounted) {
    TRY(ground.tools, login_tools(options_.images_dir));
  }
  at.before("machine.mount");
  TRY_VOID(mount_lease(paths, record, ground, fresh));
  TRY_VOID(enable_forwarding());
  at.before("machine.admit");
  TRY_VOID(at.admit(record.slot));
  at.before("machine.make_network");
  TRY_VOID(make_network(record.slot));
  at.before("machine.create");
  Making making{at.cgroup_parent(),    masked_paths(),        start_command(image),
                environment_of(image), !ground.tools.empty(), {}};
  for (const auto& [name, folder] : options_.caches) making.caches.push_back(name);
  return at.libpod().create_and_start(record.spec.lease, create_body(record, paths, making));
}

// What the image says counts: it was built around it.
std::map<std::string, std::string> PodmanContainers::Impl::environment_of(const Image& image) {
  std::map<std::string, std::string> out = image.environment;
  out.insert(options_.environment.begin(), options_.environment.end());
  return out;
}

base::Result<PodmanContainer> PodmanContainers::Impl::container_of(Instance& at,
                                                                   const std::string& lease) {
  TRY(std::vector<PodmanContainer> all, at.libpod().list());
  for (PodmanContainer& container : all) {
    if (container.lease == lease) return std::move(container);
  }
  return base::Error{base::Code::not_found, "podman has no container for this lease.", ""};
}

base::Result<ports::Container> PodmanContainers::Impl::wait_until_ready(Instance& at,
                                                                        const LeaseRecord& record) {
  const std::string& lease = record.spec.lease;
  auto still_alive = [&]() -> base::Result<void> {
    auto container = container_of(at, lease);
    if (container && container->running) return {};
    return base::Error{base::Code::internal,
                       "The container ended at once. It said: " + at.libpod().last_words(lease),
                       "Make the image again; `obelisk-host check` tries it."};
  };
  TRY_VOID(wait_for_banner(record.slot.lease_address, kSshPort,
                           std::chrono::milliseconds(options_.sshd_timeout_ms), still_alive));
  TRY(PodmanContainer container, container_of(at, lease));
  if (!container.running) TRY_VOID(still_alive());
  TRY_VOID(forbid_user_namespaces(container.pid));
  if (!record.spec.gpu_uuids.empty()) {
    TRY_VOID(verify_gpus(container.pid, record.spec.gpu_uuids));
  }
  living_.know(at, lease, container);
  return describe(record, &container);
}

base::Result<ports::Container> PodmanContainers::Impl::start_new(Instance& at,
                                                                 const ports::ContainerSpec& spec,
                                                                 const Image& image,
                                                                 const std::string& keys) {
  TRY(LeaseRecord record, begin(at, spec, image, keys));
  auto up = bring_up(at, record, true);
  auto ready =
      up ? wait_until_ready(at, record) : base::Result<ports::Container>(std::move(up).error());
  if (ready) {
    record.stage = Stage::started;
    at.before("machine.save_started");
    if (auto saved = at.save(record); !saved) ready = std::move(saved).error();
  }
  if (!ready) {
    // Whoever asked was told nothing of it yet, so nothing of it may stay.
    if (auto undone = at.destroy(record); !undone) at.log(undone.error().message);
  }
  return ready;
}

// Its processes ended, or the machine was restarted: the disk is kept, the rest is made anew.
base::Result<ports::Container> PodmanContainers::Impl::start_again(Instance& at,
                                                                   const LeaseRecord& record) {
  auto container = container_of(at, record.spec.lease);
  if (container && container->running) {
    living_.know(at, record.spec.lease, *container);
    return describe(record, &*container);
  }
  TRY_VOID(at.hold(record));
  TRY_VOID(at.libpod().remove(record.spec.lease));
  TRY_VOID(unmount_lease(at.layout().lease(record.spec.lease)));
  TRY_VOID(bring_up(at, record, false));
  return wait_until_ready(at, record);
}

base::Result<ports::Container> PodmanContainers::Impl::start(const ports::ContainerSpec& spec) {
  TRY_VOID(check_lease_name(spec.lease));
  TRY_VOID(check_limits(spec));
  TRY_VOID(check_gpu_uuids(spec.gpu_uuids));
  TRY(std::string keys, authorized_keys_text(spec.keys));
  TRY(const Image image, image_of(options_.images_dir, spec.image_digest));
  note_use(image);
  TRY(Instance * at, instance());
  std::lock_guard guard(lock_of(spec.lease));
  TRY(std::optional<LeaseRecord> record, at->find(spec.lease));
  if (record && record->stage == Stage::started) return start_again(*at, *record);
  if (record) TRY_VOID(at->destroy(*std::move(record)));
  return start_new(*at, spec, image, keys);
}

base::Result<void> PodmanContainers::Impl::authorize(const std::string& lease,
                                                     const ports::LoginKeys& keys) {
  TRY_VOID(check_lease_name(lease));
  TRY(std::string text, authorized_keys_text(keys));
  TRY(Instance * at, instance());
  std::lock_guard guard(lock_of(lease));
  TRY(const LeaseRecord record, started(*at, lease));
  return write_authorized_keys(at->layout().lease(lease), record.slot.uid_base, text);
}

base::Result<void> PodmanContainers::Impl::tell(const std::string& lease, const std::string& line) {
  TRY_VOID(check_lease_name(lease));
  TRY(Instance * at, instance());
  std::lock_guard guard(lock_of(lease));
  TRY_VOID(started(*at, lease));  // one that is being made or ended has nobody to be told
  TRY(const PodmanContainer container, container_of(*at, lease));
  TRY_VOID(write_to_terminals(container.pid, line));
  return {};
}

base::Result<void> PodmanContainers::Impl::set_end(const std::string& lease,
                                                   const std::string& text) {
  TRY_VOID(check_lease_name(lease));
  TRY(Instance * at, instance());
  std::lock_guard guard(lock_of(lease));
  TRY(const LeaseRecord record, started(*at, lease));
  return write_end(at->layout().lease(lease), record.slot.uid_base, text);
}

base::Result<std::vector<ports::Container>> PodmanContainers::Impl::list() {
  TRY(Instance * at, instance());
  TRY(std::vector<std::string> names, at->leases());
  std::vector<ports::Container> out;
  if (names.empty()) return out;
  TRY(std::vector<PodmanContainer> containers, at->libpod().list());
  std::map<std::string, const PodmanContainer*> by_lease;
  for (const PodmanContainer& container : containers) by_lease[container.lease] = &container;
  for (const std::string& lease : names) {
    auto record = at->find(lease);
    if (!record) {
      // Nobody can be let into it any more, but it is there and has to be wiped.
      at->log(lease + ": " + record.error().message);
      ports::Container damaged;
      damaged.lease = lease;
      out.push_back(std::move(damaged));
      continue;
    }
    // What is still being made or already being ended belongs to the call that does it.
    if (!*record || (*record)->stage != Stage::started) continue;
    auto found = by_lease.find(lease);
    out.push_back(describe(**record, found == by_lease.end() ? nullptr : found->second));
  }
  return out;
}

base::Result<void> PodmanContainers::Impl::wipe(const std::string& lease) {
  TRY_VOID(check_lease_name(lease));
  TRY(Instance * at, instance());
  std::lock_guard guard(lock_of(lease));
  auto record = at->find(lease);
  if (!record) return at->destroy_remains(lease);
  if (*record) return at->destroy(**std::move(record));
  return delete_lease_files(at->layout().lease(lease));
}

PodmanContainers::PodmanContainers(PodmanOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
PodmanContainers::~PodmanContainers() = default;

base::Result<void> PodmanContainers::check() { return impl_->check(); }
base::Result<ports::Container> PodmanContainers::start(const ports::ContainerSpec& spec) {
  return impl_->start(spec);
}
base::Result<void> PodmanContainers::tell(const std::string& lease, const std::string& line) {
  return impl_->tell(lease, line);
}
base::Result<void> PodmanContainers::set_end(const std::string& lease, const std::string& text) {
  return impl_->set_end(lease, text);
}
base::Result<void> PodmanContainers::authorize(const std::string& lease,
                                               const ports::LoginKeys& keys) {
  return impl_->authorize(lease, keys);
}
base::Result<ports::Usage> PodmanContainers::usage(const std::string& lease) {
  TRY(Instance * at, impl_->instance());
  return impl_->living().usage(*at, lease);
}
base::Result<std::string> PodmanContainers::last_output(const std::string& lease,
                                                        std::size_t lines) {
  TRY(Instance * at, impl_->instance());
  return impl_->living().last_output(*at, lease, lines);
}
base::Result<ports::CommandEnd> PodmanContainers::execute(const std::string& lease,
                                                          const ports::Command& command,
                                                          const std::stop_token& stop) {
  TRY(Instance * at, impl_->instance());
  return impl_->living().execute(*at, lease, impl_->options().environment, command, stop);
}
base::Result<std::unique_ptr<ports::Terminal>> PodmanContainers::open_terminal(
    const std::string& lease, const ports::TerminalWish& wish) {
  TRY(Instance * at, impl_->instance());
  return impl_->living().open_terminal(*at, lease, impl_->options().environment, wish);
}
base::Result<std::vector<ports::Container>> PodmanContainers::list() { return impl_->list(); }
base::Result<void> PodmanContainers::wipe(const std::string& lease) { return impl_->wipe(lease); }

}  // namespace obelisk::podman
