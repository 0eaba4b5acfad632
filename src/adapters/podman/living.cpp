#include "adapters/podman/living.hpp"

#include "adapters/podman/execute.hpp"
#include "adapters/podman/files.hpp"
#include "adapters/podman/network.hpp"
#include "adapters/podman/open_terminal.hpp"
#include "adapters/podman/usage.hpp"

namespace obelisk::podman {
namespace {

constexpr std::size_t kMaxKnown = 4096;

base::Error no_such_lease() {
  return {base::Code::not_found, "This host has no such lease running.",
          "Look at the list of leases."};
}

base::Result<LeaseRecord> started(Instance& at, const std::string& lease) {
  TRY_VOID(check_lease_name(lease));
  TRY(std::optional<LeaseRecord> record, at.find(lease));
  if (record && record->stage == Stage::started) return *std::move(record);
  return no_such_lease();
}

std::string scratch_of(const Instance& at) { return at.layout().instance + "/podman"; }

// A number may belong to another process by now.
bool is_of(int pid, const std::string& container_id) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/cgroup", 64 << 10);
  return text && text->find(container_id) != std::string::npos;
}

}  // namespace

// One of the commands that may run in a lease at once.
class Living::Turn {
 public:
  Turn(Living& living, const std::string& lease) : living_(living), lease_(lease) {
    const std::lock_guard lock(living_.mutex_);
    std::size_t& count = living_.running_[lease_];
    mine_ = count < ports::kMaxCommandsAtOnce;
    if (mine_) ++count;
  }
  ~Turn() {
    const std::lock_guard lock(living_.mutex_);
    const auto at = living_.running_.find(lease_);
    if (mine_ && --at->second == 0) living_.running_.erase(at);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool mine() const { return mine_; }

 private:
  Living& living_;
  const std::string lease_;
  bool mine_ = false;
};

void Living::know(const Instance& at, const std::string& lease, const PodmanContainer& container) {
  end_left_commands(container.pid, scratch_of(at));
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxKnown) known_.clear();
  known_.insert_or_assign(lease, Process{container.id, container.pid});
}

std::optional<Living::Process> Living::known(const std::string& lease) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(lease);
  if (found == known_.end()) return std::nullopt;
  if (is_of(found->second.pid, found->second.id)) return found->second;
  known_.erase(found);
  return std::nullopt;
}

base::Result<Living::Process> Living::process_of(Instance& at, const std::string& lease) {
  if (const auto process = known(lease)) return *process;
  TRY(const std::vector<PodmanContainer> all, at.libpod().list());
  for (const PodmanContainer& container : all) {
    if (container.lease != lease || !container.running || container.pid <= 1) continue;
    know(at, lease, container);
    return Process{container.id, container.pid};
  }
  return no_such_lease();
}

base::Result<ports::Usage> Living::usage(Instance& at, const std::string& lease) {
  const auto process = known(lease);
  if (!process) return no_such_lease();
  TRY(const LeaseRecord record, started(at, lease));
  return usage_of(process->pid, at.layout().lease(lease).disk_mount, record.slot.interface);
}

base::Result<std::string> Living::last_output(Instance& at, const std::string& lease,
                                              std::size_t lines) {
  TRY_VOID(started(at, lease));
  return at.libpod().last_output(lease, lines);
}

base::Result<ports::CommandEnd> Living::execute(
    Instance& at, const std::string& lease, const std::map<std::string, std::string>& environment,
    const ports::Command& command, const std::stop_token& stop) {
  TRY(const LeaseRecord record, started(at, lease));
  const Turn turn(*this, lease);
  if (!turn.mine()) {
    return base::Error{base::Code::rate_limited, "Four commands run in this lease already.",
                       "Wait until one has ended, or use ssh."};
  }
  TRY(const Process process, process_of(at, lease));
  return podman::execute(
      {process.id, process.pid, namespace_path(record.slot), scratch_of(at), environment}, command,
      stop);
}

base::Result<std::unique_ptr<ports::Terminal>> Living::open_terminal(
    Instance& at, const std::string& lease, const std::map<std::string, std::string>& environment,
    const ports::TerminalWish& wish) {
  TRY(const LeaseRecord record, started(at, lease));
  TRY(const Process process, process_of(at, lease));
  return podman::open_terminal(
      {process.id, process.pid, namespace_path(record.slot), scratch_of(at), environment}, wish);
}

}  // namespace obelisk::podman
