#include "adapters/podman/testing.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/podman/cgroups.hpp"
#include "adapters/podman/disk.hpp"
#include "adapters/podman/files.hpp"
#include "adapters/podman/images/image_store.hpp"
#include "adapters/podman/mounts.hpp"
#include "adapters/podman/processes.hpp"
#include "adapters/podman/record.hpp"
#include "base/crypto.hpp"

namespace obelisk::podman::testing {

namespace fs = std::filesystem;

namespace {

constexpr const char* kRunDir = "/run/obelisk";

void find_slots(const std::string& state_dir, std::string& out) {
  std::string dir = std::string(kRunDir) + "/slots";
  auto names = names_in(dir);
  for (const std::string& name : names ? *names : std::vector<std::string>{}) {
    auto holder = read_file(dir + "/" + name);
    if (!holder || !holder->starts_with(state_dir + "/")) continue;
    out += "slot " + name + "\n";
    for (const char* place : {"/sys/class/net/obelisk", "/run/netns/obelisk"}) {
      if (exists(place + name)) out += place + name + "\n";
    }
  }
}

}  // namespace

Directory::Directory() {
  std::string name = (fs::temp_directory_path() / "obelisk-podman-XXXXXX").string();
  CHECK(::mkdtemp(name.data()) != nullptr);
  path_ = fs::canonical(name).string();
}

Directory::~Directory() {
  // Not remove_all: if a test failed with something mounted, nothing may be deleted through it.
  auto removed = remove_tree(path_);
  EXPECT_TRUE(removed.ok()) << (removed ? "" : removed.error().message);
}

LoginKey::LoginKey(const std::string& dir) : file_(dir + "/" + random_lease().substr(0, 8)) {
  auto made = run_checked(
      {.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "renter@home", "-f", file_},
       .input = ""});
  if (!made) ADD_FAILURE() << made.error().message;
  auto text = read_file(file_ + ".pub");
  if (text) public_line_ = *text;
}

std::string random_lease() { return base::Keypair::random().public_key().to_string(); }

std::string images_dir() { return fs::absolute("build/image").string(); }

Image image() {
  auto found = resident_images(images_dir());
  if (!found) {
    std::printf("making the lease image once, about 30 s\n");
    auto built = run_checked({.argv = {"build", images_dir()},
                              .program = fs::absolute("images/build").string(),
                              .input = "",
                              .timeout = std::chrono::seconds(240)});
    if (!built) ADD_FAILURE() << built.error().message;
    found = resident_images(images_dir());
  }
  if (!found) ADD_FAILURE() << found.error().message;
  return found ? found->front().image : Image{};
}

PodmanOptions options_in(const std::string& state_dir) {
  PodmanOptions options;
  options.state_dir = state_dir;
  options.images_dir = images_dir();
  options.environment = {{"LANG", "C.UTF-8"}, {"OBELISK_WORD", "a word"}};
  options.log = [](std::string_view line) {
    std::fprintf(stderr, "%s\n", std::string(line).c_str());
  };
  return options;
}

ports::ContainerSpec small_lease(const std::vector<std::string>& keys) {
  ports::ContainerSpec spec;
  spec.lease = random_lease();
  spec.image_digest = image().digest;
  spec.disk_bytes = 512ULL << 20;
  spec.memory_bytes = 256ULL << 20;
  spec.cpu_milli = 1000;
  spec.max_processes = 100;
  spec.keys.people = keys;
  return spec;
}

Outcome login(const ports::Container& lease, const LoginKey& key, const std::string& command) {
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

int first_process(const ports::Container& lease) {
  return std::stoi(lease.boot_id.substr(lease.boot_id.rfind('-') + 1));
}

void wipe_all(PodmanContainers* containers) {
  if (containers == nullptr) return;
  auto listed = containers->list();
  if (!listed) return;
  for (const ports::Container& container : *listed) {
    auto wiped = containers->wipe(container.lease);
    EXPECT_TRUE(wiped.ok()) << (wiped ? "" : wiped.error().message);
  }
}

Layout layout_of(const std::string& state_dir) {
  return make_layout(fs::canonical(state_dir).string(), kRunDir);
}

int slot_number(const std::string& state_dir, const std::string& lease) {
  auto text = read_file(layout_of(state_dir).lease(lease).record);
  auto record = text ? parse_record(*text) : base::Result<LeaseRecord>(text.error());
  return record ? static_cast<int>(record->slot.number) : -1;
}

std::string abandoned_networks(const std::vector<int>& slots) {
  std::string out;
  for (int slot : slots) {
    std::string number = std::to_string(slot);
    for (const char* place : {"/sys/class/net/obelisk", "/run/netns/obelisk"}) {
      bool held = exists(std::string(kRunDir) + "/slots/" + number);
      if (!held && exists(place + number)) out += place + number + "\n";
    }
  }
  return out;
}

std::string leftovers_of_leases(const std::string& state_dir) {
  Layout layout = layout_of(state_dir);
  std::string out;
  for (const std::string& top : {layout.mounts(), layout.state_dir}) {
    auto mounted = mounts_below(top);
    if (!mounted) out += mounted.error().message + "\n";
    for (const std::string& point : mounted ? *mounted : std::vector<std::string>{}) {
      out += "mount " + point + "\n";
    }
  }
  auto loops = run({.argv = {"losetup", "-l", "-n", "-O", "NAME,BACK-FILE"}, .input = ""});
  if (!loops || loops->output.find(layout.state_dir) != std::string::npos) {
    out += "loop of " + layout.state_dir + "\n";
  }
  find_slots(layout.state_dir, out);
  auto leases = names_in(layout.leases());
  for (const std::string& lease : leases ? *leases : std::vector<std::string>{}) {
    out += layout.leases() + "/" + lease + "\n";
  }
  return out;
}

std::string leftovers(const std::string& state_dir) {
  Layout layout = layout_of(state_dir);
  std::string out = leftovers_of_leases(state_dir);
  auto mounted = mounts_below(layout.instance);
  if (!mounted || !mounted->empty()) out += "mounts below " + layout.instance + "\n";
  for (pid_t pid : processes_naming(layout.instance)) {
    out += "process " + std::to_string(pid) + "\n";
  }
  auto table = run({.argv = {"nft", "list", "table", "inet", layout.table()}, .input = ""});
  if (!table || table->status == 0) out += "nft table " + layout.table() + "\n";
  if (any_cgroup("obelisk-" + layout.id)) out += "cgroup obelisk-" + layout.id + "\n";
  if (exists(layout.instance)) out += layout.instance + "\n";
  return out;
}

}  // namespace obelisk::podman::testing
