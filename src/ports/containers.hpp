// Containers: leases as running machines. Everything is idempotent by lease id, because both sides
// of every call can die in the middle: creating what exists and removing what is gone succeed.
// Nothing here knows of money, the market or the chain.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/living.hpp"
#include "ports/terminal.hpp"

namespace obelisk::ports {

// Who may log in. Keys are lines as a .pub file has them, checked by the adapter.
struct LoginKeys {
  std::vector<std::string> people = {};  // a whole shell for each
  std::string watch = {};          // may run `watch_command` and nothing else; empty: no watch
  std::string watch_command = {};  // without quotation marks and line breaks
};

struct ContainerSpec {
  std::string lease;                   // base58 address: letters and digits only
  std::string image_digest;            // "sha256:<hex>" of a resident image
  std::vector<std::string> gpu_uuids;  // empty: no device is passed in
  std::uint64_t disk_bytes = 0;
  std::uint64_t memory_bytes = 0;
  std::uint32_t cpu_milli = 0;  // 1500 is one and a half cores
  std::uint32_t max_processes = 0;
  LoginKeys keys;
};

enum class ContainerState { running, exited };

struct Container {
  std::string lease;
  ContainerState state = ContainerState::exited;
  std::string ssh_address;  // where sshd listens, reachable from this machine
  std::uint16_t ssh_port = 0;
  std::string network = {};  // the path of its network namespace; empty: it has none of its own
  std::string host_key;      // "ssh-ed25519 AAAA..." that this lease's sshd will show
  std::string boot_id;       // changes if the container was started again
};

class Containers {
 public:
  virtual ~Containers() = default;
  // Says what this machine lacks (podman, root, an image, space), before anybody pays.
  virtual base::Result<void> check() = 0;
  // Creates disk, network and container; returns once its sshd accepts connections.
  virtual base::Result<Container> start(const ContainerSpec& spec) = 0;
  // Replaces who may log in, at once, without touching what runs.
  virtual base::Result<void> authorize(const std::string& lease, const LoginKeys& keys) = 0;
  // A line to every terminal that is open in the lease; nobody waits for one that is full.
  virtual base::Result<void> tell(const std::string& lease, const std::string& line) = 0;
  // What the lease reads of its end, at /lease/ends_at: a small text, there at once and whole.
  virtual base::Result<void> set_end(const std::string& lease, const std::string& text) = 0;
  // What it uses now; quick. not_found where it does not run, or start() was not called for it.
  virtual base::Result<Usage> usage(const std::string& lease) = 0;
  // What its first process printed last, at most so many lines, as bytes; at most 1 MiB.
  virtual base::Result<std::string> last_output(const std::string& lease, std::size_t lines) = 0;
  // Runs it as the lease's root in /workspace and returns when it has ended, its time is over or
  // `stop` was asked for: then nothing that it started is left. Does not outlive the lease.
  // rate_limited where kMaxCommandsAtOnce run in it already.
  virtual base::Result<CommandEnd> execute(const std::string& lease, const Command& command,
                                           const std::stop_token& stop) = 0;
  // Begins a program as the lease's root in /workspace, on a pty of the lease's; not_found where
  // there is none of that name. It ends with the lease, and with what is given back.
  virtual base::Result<std::unique_ptr<Terminal>> open_terminal(const std::string& lease,
                                                                const TerminalWish& wish) = 0;
  // What exists now, running or not: also what an earlier process of ours started.
  virtual base::Result<std::vector<Container>> list() = 0;
  // Ends and destroys everything of the lease: processes, disk, network. Nothing of it is left.
  virtual base::Result<void> wipe(const std::string& lease) = 0;
};

}  // namespace obelisk::ports
