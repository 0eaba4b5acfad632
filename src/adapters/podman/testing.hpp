// What the tests of real containers share: an instance with its own state, a key to log in with, a
// login, and a look at everything that must be gone in the end. Only for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/podman/images/image.hpp"
#include "adapters/podman/layout.hpp"
#include "adapters/podman/podman_containers.hpp"
#include "adapters/podman/process.hpp"

namespace obelisk::podman::testing {

// A directory that only root may enter, gone at the end.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A key pair of a renter's, as ssh-keygen makes it.
class LoginKey {
 public:
  explicit LoginKey(const std::string& dir);
  const std::string& file() const { return file_; }
  const std::string& public_line() const { return public_line_; }

 private:
  std::string file_;
  std::string public_line_;
};

std::string random_lease();
// The image all of these tests stand on; images/build makes it where it is missing.
Image image();
std::string images_dir();
PodmanOptions options_in(const std::string& state_dir);
// 512 MiB of disk, 256 MiB of memory, one core, 100 processes.
ports::ContainerSpec small_lease(const std::vector<std::string>& keys);
// Runs `command` over ssh with that key; the host key must be the one start() told.
Outcome login(const ports::Container& lease, const LoginKey& key, const std::string& command);
// The pid of the lease's first process, as this machine counts.
int first_process(const ports::Container& lease);
// Ends what a failed test left running, so that it does not stay on the machine.
void wipe_all(PodmanContainers* containers);
// Everything of that state which is still on this machine, one thing a line; "" is what we want.
std::string leftovers(const std::string& state_dir);
// The same without what an instance has for itself while it lives.
std::string leftovers_of_leases(const std::string& state_dir);
// The number of the lease's slot, -1 without a record; and what is left of the networks of such
// slots although nobody holds them any more (a slot is held before its network is made).
int slot_number(const std::string& state_dir, const std::string& lease);
std::string abandoned_networks(const std::vector<int>& slots);
Layout layout_of(const std::string& state_dir);

}  // namespace obelisk::podman::testing
