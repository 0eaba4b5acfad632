// PodmanContainers: leases as containers of podman and runc, each with its own disk, uid range,
// network and limits, over an image that is only read. Everything it makes carries this instance's
// name; it must never touch, list or remove anything that another program made. Any thread may
// call; calls for one lease follow one another.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ports/containers.hpp"

namespace obelisk::podman {

struct PodmanOptions {
  std::string state_dir;   // absolute; outlives reboots: disks, keys, records
  std::string images_dir;  // what images/build was given
  // Folders of this machine that every lease reads at /cache/<name>, and none writes.
  std::map<std::string, std::string> caches = {};
  // Name servers leases use, as IPv4 addresses; reachable on port 53 even if they are neighbours.
  std::vector<std::string> resolvers = {"1.1.1.1", "9.9.9.9"};
  // What ssh sessions find in their environment.
  std::map<std::string, std::string> environment = {{"LANG", "C.UTF-8"}};
  std::string run_dir = "/run/obelisk";      // of the whole machine, on a tmpfs
  std::uint64_t reserve_bytes = 1ULL << 30;  // stays free beside all disks promised to leases
  int sshd_timeout_ms = 20'000;
  std::function<void(std::string_view line)> log;  // any thread; may be empty
  // Called right before each change of the machine, with what it is; any thread, may be empty.
  std::function<void(std::string_view what)> before;
};

class PodmanContainers final : public ports::Containers {
 public:
  // Does nothing yet: the first call prepares the instance, finds the leases of an earlier process
  // again and sweeps up what it left half-made.
  explicit PodmanContainers(PodmanOptions options);
  // Ends podman's service. Leases run on; without any, nothing of this instance is left.
  ~PodmanContainers() override;

  base::Result<void> check() override;
  base::Result<ports::Container> start(const ports::ContainerSpec& spec) override;
  base::Result<void> authorize(const std::string& lease, const ports::LoginKeys& keys) override;
  base::Result<void> tell(const std::string& lease, const std::string& line) override;
  base::Result<void> set_end(const std::string& lease, const std::string& text) override;
  base::Result<ports::Usage> usage(const std::string& lease) override;
  base::Result<std::string> last_output(const std::string& lease, std::size_t lines) override;
  base::Result<ports::CommandEnd> execute(const std::string& lease, const ports::Command& command,
                                          const std::stop_token& stop) override;
  base::Result<std::unique_ptr<ports::Terminal>> open_terminal(
      const std::string& lease, const ports::TerminalWish& wish) override;
  base::Result<std::vector<ports::Container>> list() override;
  base::Result<void> wipe(const std::string& lease) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace obelisk::podman
