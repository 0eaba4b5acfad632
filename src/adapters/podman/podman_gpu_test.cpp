// Cards in leases, as far as it can be tried without one: two device nodes that look like cards and
// a CDI file that names them, through podman's real path. A machine with NVIDIA's driver has real
// cards, which these must not be mixed with.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include "adapters/podman/cdi.hpp"
#include "adapters/podman/files.hpp"
#include "adapters/podman/testing.hpp"
#include "base/crypto.hpp"
#include "core/host/cdi.hpp"

namespace obelisk::podman {
namespace {

using testing::Directory;
using testing::leftovers;
using testing::login;
using testing::LoginKey;
using testing::options_in;
using testing::small_lease;

constexpr const char* kCdiDir = "/etc/cdi";

// A character device like /dev/null under a card's name, and its CDI entry; gone at the end.
class PretendedCard {
 public:
  explicit PretendedCard(bool with_node = true) {
    std::uint64_t random = base::random_u64();
    uuid_ = "GPU-" + std::to_string(random);
    node_ = "/dev/nvidia" + std::to_string(1000 + random % 100000);
    file_ = std::string(kCdiDir) + "/obelisk-test-" + std::to_string(random) + ".json";
    EXPECT_TRUE(make_directory(kCdiDir, 0755).ok());
    EXPECT_EQ(::mknod(node_.c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
    EXPECT_EQ(::chmod(node_.c_str(), 0666), 0);
    std::string edits = with_node ? R"("deviceNodes":[{"path":")" + node_ + R"("}])"
                                  : std::string(R"("env":["OBELISK_NO_NODE=1"])");
    std::string text = R"({"cdiVersion":"0.5.0","kind":"nvidia.com/gpu","devices":[{"name":")" +
                       uuid_ + R"(","containerEdits":{)" + edits + "}}]}";
    EXPECT_TRUE(write_file(file_, text, 0644).ok());
  }
  ~PretendedCard() {
    EXPECT_TRUE(remove_file(file_).ok());
    EXPECT_TRUE(remove_file(node_).ok());
    ::rmdir(kCdiDir);  // only if nothing else is in it
  }
  PretendedCard(const PretendedCard&) = delete;
  PretendedCard& operator=(const PretendedCard&) = delete;
  const std::string& uuid() const { return uuid_; }
  const std::string& node() const { return node_; }

 private:
  std::string uuid_;
  std::string node_;
  std::string file_;
};

class PodmanGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "containers need root; this is not root";
    if (exists("/proc/driver/nvidia")) {
      GTEST_SKIP() << "this machine has NVIDIA's driver: pretended cards are not mixed with real";
    }
    ASSERT_FALSE(testing::image().digest.empty());
    key_ = std::make_unique<LoginKey>(keys_.path());
    containers_ = std::make_unique<PodmanContainers>(options_in(state_.path()));
  }
  void TearDown() override {
    testing::wipe_all(containers_.get());
    containers_.reset();
    if (::geteuid() != 0) return;
    EXPECT_EQ(leftovers(state_.path()), "");
  }
  ports::ContainerSpec with(const std::vector<std::string>& uuids) const {
    auto spec = small_lease({key_->public_line()});
    spec.gpu_uuids = uuids;
    return spec;
  }

  Directory keys_;
  Directory state_;
  std::unique_ptr<LoginKey> key_;
  std::unique_ptr<PodmanContainers> containers_;
};

TEST_F(PodmanGpu, TheCardOfTheLeaseIsThereAndNoOther) {
  PretendedCard ours;
  PretendedCard theirs;
  auto spec = with({ours.uuid()});
  auto lease = containers_->start(spec);
  ASSERT_TRUE(lease.ok()) << lease.error().message;
  EXPECT_EQ(login(*lease, *key_, "ls /dev/nvidia*").output, ours.node() + "\n");
  // Other users inside may use it too.
  EXPECT_EQ(login(*lease, *key_, "stat -c %a " + ours.node()).output, "666\n");
  ASSERT_TRUE(containers_->wipe(spec.lease).ok());
}

// The card is a pretended one, its driver's library a file of words; podman's reading of our
// specification, the node and the mounts are real.
TEST_F(PodmanGpu, ASpecificationThatWeWroteServes) {
  const std::uint64_t random = base::random_u64();
  const std::string uuid = "GPU-" + std::to_string(random);
  const std::string minor = std::to_string(1000 + random % 100000);
  const std::string node = "/dev/nvidia" + minor;
  Directory machine;
  CdiPlaces places;
  places.proc = machine.path() + "/proc";
  places.libraries = {machine.path() + "/lib"};
  places.programs = machine.path() + "/bin";
  const std::string card = places.proc + "/driver/nvidia/gpus/0000:01:00.0";
  std::filesystem::create_directories(card);
  std::filesystem::create_directories(places.libraries[0]);
  ASSERT_TRUE(write_file(card + "/information",
                         "GPU UUID: " + uuid + "\nDevice Minor: " + minor + "\n", 0644)
                  .ok());
  ASSERT_TRUE(write_file(places.libraries[0] + "/libcuda.so.550.1", "the driver's", 0644).ok());
  std::filesystem::create_symlink("libcuda.so.550.1", places.libraries[0] + "/libcuda.so.1");
  ASSERT_EQ(::mknod(node.c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
  ports::Gpu card_of_files;
  card_of_files.uuid = uuid;
  card_of_files.driver_version = "550.1";
  const auto made = ensure_cdi({card_of_files}, places);
  const auto spec = with({uuid});
  const auto lease =
      made.ok() ? containers_->start(spec) : base::Result<ports::Container>(made.error());
  EXPECT_TRUE(lease.ok()) << lease.error().message;
  if (lease) {
    EXPECT_EQ(login(*lease, *key_, "ls /dev/nvidia" + minor).output, node + "\n");
    EXPECT_EQ(login(*lease, *key_, "cat /usr/lib/x86_64-linux-gnu/libcuda.so.1").output,
              "the driver's");
    EXPECT_NE(login(*lease, *key_, "echo x > /usr/lib/x86_64-linux-gnu/libcuda.so.1").status, 0);
    EXPECT_TRUE(containers_->wipe(spec.lease).ok());
  }
  if (made) EXPECT_TRUE(remove_file(made->file).ok());
  EXPECT_TRUE(remove_file(node).ok());
}

// Nodes like those of an instance of a cut card, in a folder below /dev.
TEST_F(PodmanGpu, AnInstanceOfACutCardHasItsNodesAndNoOther) {
  const std::uint64_t random = base::random_u64();
  const std::string uuid = "MIG-" + std::to_string(random);
  const std::string node = "/dev/nvidia" + std::to_string(1000 + random % 100000);
  const std::string caps = "/dev/nvidia-caps";
  const std::string number = std::to_string(1000 + random % 100000);
  const std::vector<std::string> nodes{node, caps + "/nvidia-cap" + number + "1",
                                       caps + "/nvidia-cap" + number + "2"};
  const std::string file =
      std::string(kCdiDir) + "/obelisk-test-" + std::to_string(random) + ".json";
  ASSERT_TRUE(make_directory(kCdiDir, 0755).ok());
  ASSERT_TRUE(make_directory(caps, 0755).ok());
  for (const std::string& one : nodes) {
    ASSERT_EQ(::mknod(one.c_str(), S_IFCHR | 0444, makedev(1, 3)), 0);
  }
  ASSERT_TRUE(write_file(file, host::cdi_text({}, {{uuid, nodes}}), 0644).ok());
  const auto spec = with({uuid});
  const auto lease = containers_->start(spec);
  EXPECT_TRUE(lease.ok()) << lease.error().message;
  if (lease) {
    EXPECT_EQ(login(*lease, *key_, "ls -d /dev/nvidia-caps/* /dev/nvidia[0-9]*").output,
              nodes[1] + "\n" + nodes[2] + "\n" + nodes[0] + "\n");
    EXPECT_TRUE(containers_->wipe(spec.lease).ok());
  }
  EXPECT_TRUE(remove_file(file).ok());
  for (const std::string& one : nodes) EXPECT_TRUE(remove_file(one).ok());
  ::rmdir(caps.c_str());
  ::rmdir(kCdiDir);
}

TEST_F(PodmanGpu, ACardThatIsSilentlyMissingEndsTheStart) {
  PretendedCard hollow(false);
  auto lease = containers_->start(with({hollow.uuid()}));
  ASSERT_FALSE(lease.ok());
  EXPECT_EQ(lease.error().code, base::Code::missing_dependency);
  EXPECT_EQ(lease.error().message, "The container has 0 cards, not 1.");
  EXPECT_TRUE(containers_->list()->empty());
}

TEST_F(PodmanGpu, ACardNobodyKnowsIsAClearError) {
  auto lease = containers_->start(with({"GPU-not-in-any-list"}));
  ASSERT_FALSE(lease.ok());
  EXPECT_NE(lease.error().message.find("GPU-not-in-any-list"), std::string::npos)
      << lease.error().message;
  EXPECT_TRUE(containers_->list()->empty());
}

TEST_F(PodmanGpu, ACardIsNeverInTwoLeases) {
  PretendedCard card;
  auto spec = with({card.uuid()});
  ASSERT_TRUE(containers_->start(spec).ok());
  auto second = containers_->start(with({card.uuid()}));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, base::Code::conflict);
  ASSERT_TRUE(containers_->wipe(spec.lease).ok());
  auto third = with({card.uuid()});
  ASSERT_TRUE(containers_->start(third).ok());
  ASSERT_TRUE(containers_->wipe(third.lease).ok());
}

}  // namespace
}  // namespace obelisk::podman
