// What the tests of real containers share: an instance with its own state, a key to log in with, a
// login, and a look at everything that must be gone in the end. Only for tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "adapters/podman/files.hpp"
#include "adapters/podman/layout.hpp"
#include "adapters/podman/podman_containers.hpp"
#include "adapters/podman/process.hpp"
#include "base/crypto.hpp"

namespace obelisk::podman::test {

inline constexpr const char* kRunDir = "/run/obelisk";
inline constexpr const char* kImages = "build/image";

// A directory that only root may enter, gone at the end.
class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "obelisk-test-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Directory() {
    auto removed = remove_tree(path_);
    EXPECT_TRUE(removed.ok()) << (removed ? "" : removed.error().message);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string random_lease() { return base::Keypair::random().public_key().to_string(); }

// The image all of these tests stand on; made by the project's own script where it is missing.
inline const Image& image() {
  static const Image made = [] {
    auto built = run_checked({.argv = {"sh", "images/build", kImages},
                              .input = "",
                              .timeout = std::chrono::seconds(240)});
    if (!built) ADD_FAILURE() << built.error().message;
    auto found = resident_image(std::filesystem::absolute(kImages).string());
    if (!found) ADD_FAILURE() << found.error().message;
    return found ? *found : Image{};
  }();
  return made;
}

inline PodmanOptions options_in(const std::string& state_dir) {
  PodmanOptions options;
  options.state_dir = state_dir;
  options.images_dir = std::filesystem::absolute(kImages).string();
  options.environment = {{"LANG", "C.UTF-8"}, {"OBELISK_WORD", "seen"}};
  options.log = [](std::string_view line) {
    std::fprintf(stderr, "%s\n", std::string(line).c_str());
  };
  return options;
}

// A key pair of the renter's, as ssh-keygen makes it.
class LoginKey {
 public:
  explicit LoginKey(const std::string& dir) : file_(dir + "/" + random_lease().substr(0, 8)) {
    auto made = run_checked(
        {.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "renter@home", "-f", file_},
         .input = ""});
    if (!made) ADD_FAILURE() << made.error().message;
    auto text = read_file(file_ + ".pub");
    if (text) public_line_ = *text;
  }
  const std::string& file() const { return file_; }
  const std::string& public_line() const { return public_line_; }

 private:
  std::string file_;
  std::string public_line_;
};

inline ports::ContainerSpec small_lease(const std::vector<std::string>& keys) {
  ports::ContainerSpec spec;
  spec.lease = random_lease();
  spec.image_digest = image().digest;
  spec.disk_bytes = 512ULL << 20;
  spec.memory_bytes = 256ULL << 20;
  spec.cpu_milli = 1000;
  spec.max_processes = 100;
  spec.authorized_keys = keys;
  return spec;
}

// Runs `command` over ssh with that key; the host key must be the one start() told.
inline Outcome login(const ports::Container& lease, const LoginKey& key,
                     const std::string& command) {
  std::string known = key.file() + ".known." + lease.lease.substr(0, 8);
  auto noted = write_file(known, lease.ssh_address + " " + lease.host_key + "\n", 0600);
  if (!noted) ADD_FAILURE() << noted.error().message;
  auto done = run({.argv = {"ssh", "-F", "none", "-i", key.file(), "-o", "IdentitiesOnly=yes", "-o",
                            "UserKnownHostsFile=" + known, "-o", "StrictHostKeyChecking=yes", "-o",
                            "BatchMode=yes", "-o", "ConnectTimeout=10", "-p",
                            std::to_string(lease.ssh_port), "root@" + lease.ssh_address, command},
                   .input = "",
                   .timeout = std::chrono::seconds(60)});
  if (!done) {
    ADD_FAILURE() << done.error().message;
    return {.status = -1, .output = "", .errors = ""};
  }
  return *std::move(done);
}

}  // namespace obelisk::podman::test
