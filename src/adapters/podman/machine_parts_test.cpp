// The parts that touch files and processes, without containers: careful deletion, helper programs,
// device nodes.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "adapters/podman/disk.hpp"
#include "adapters/podman/files.hpp"
#include "adapters/podman/gpu_nodes.hpp"
#include "adapters/podman/lease_files.hpp"
#include "adapters/podman/mounts.hpp"
#include "adapters/podman/process.hpp"
#include "adapters/podman/slot.hpp"
#include "adapters/podman/testing.hpp"

namespace obelisk::podman {
namespace {

using testing::Directory;

class Parts : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "mounts and owners need root; this is not root";
  }
  Directory dir_;
};

TEST_F(Parts, WritingReplacesWholeAndSetsOwnerAndMode) {
  std::string path = dir_.path() + "/f";
  ASSERT_TRUE(write_file(path, "one", 0600, 1234).ok());
  ASSERT_TRUE(write_file(path, "two", 0644, 4321).ok());
  EXPECT_EQ(*read_file(path), "two");
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0644u);
  EXPECT_EQ(info.st_uid, 4321u);
  EXPECT_EQ(names_in(dir_.path())->size(), 1u) << "a temporary file stayed";
  EXPECT_EQ(read_file(dir_.path() + "/none").error().code, base::Code::not_found);
  EXPECT_EQ(read_file(path, 2).error().code, base::Code::refused);
}

TEST_F(Parts, DeletingDoesNotFollowLinks) {
  Directory outside;
  ASSERT_TRUE(write_file(outside.path() + "/precious", "x", 0600).ok());
  std::string top = dir_.path() + "/top";
  std::filesystem::create_directories(top + "/deep/deeper");
  std::filesystem::create_directory_symlink(outside.path(), top + "/deep/link");
  ASSERT_TRUE(remove_tree(top).ok());
  EXPECT_FALSE(exists(top));
  EXPECT_TRUE(exists(outside.path() + "/precious"));
  std::filesystem::create_directory_symlink(outside.path(), top);
  EXPECT_FALSE(remove_tree(top).ok());
  EXPECT_TRUE(exists(outside.path() + "/precious"));
  ASSERT_TRUE(remove_file(top).ok());
}

// How a shared image was once destroyed: the delete ran on into what was still mounted.
TEST_F(Parts, DeletingStopsBeforeAnythingMounted) {
  Directory outside;
  ASSERT_TRUE(write_file(outside.path() + "/precious", "x", 0600).ok());
  std::string top = dir_.path() + "/top";
  std::filesystem::create_directories(top + "/mounted");
  ASSERT_TRUE(mount_read_only(outside.path(), top + "/mounted").ok());
  EXPECT_EQ(remove_tree(top).error().code, base::Code::refused);
  EXPECT_TRUE(exists(outside.path() + "/precious"));
  EXPECT_TRUE(*is_mounted(top + "/mounted"));
  ASSERT_TRUE(unmount_below(top, std::chrono::seconds(5)).ok());
  EXPECT_FALSE(*is_mounted(top + "/mounted"));
  ASSERT_TRUE(remove_tree(top).ok());
}

TEST_F(Parts, ALeasesFilesAreNotDeletedThroughAMountEither) {
  Directory outside;
  ASSERT_TRUE(write_file(outside.path() + "/precious", "x", 0600).ok());
  LeasePaths paths = make_layout(dir_.path(), dir_.path() + "/run").lease("lease");
  std::filesystem::create_directories(paths.ssh);
  ASSERT_EQ(::mount(outside.path().c_str(), paths.ssh.c_str(), nullptr, MS_BIND, nullptr), 0);
  EXPECT_EQ(delete_lease_files(paths).error().code, base::Code::refused);
  EXPECT_TRUE(exists(outside.path() + "/precious"));
  ASSERT_TRUE(unmount_below(dir_.path(), std::chrono::seconds(5)).ok());
  EXPECT_TRUE(delete_lease_files(paths).ok());
  EXPECT_FALSE(exists(paths.dir));
}

TEST_F(Parts, StackedMountsAllGo) {
  Directory outside;
  std::string point = dir_.path() + "/p";
  std::filesystem::create_directory(point);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(mount_read_only(outside.path(), point).ok());
  EXPECT_EQ(mounts_below(dir_.path())->size(), 3u);
  ASSERT_TRUE(unmount_below(dir_.path(), std::chrono::seconds(5)).ok());
  EXPECT_TRUE(mounts_below(dir_.path())->empty());
}

TEST_F(Parts, AnIdMappedMountShowsTheLeasesOwnersAndCannotBeWritten) {
  Directory outside;
  ASSERT_TRUE(write_file(outside.path() + "/f", "x", 0644, 5).ok());
  std::string point = dir_.path() + "/p";
  std::filesystem::create_directory(point);
  ASSERT_TRUE(mount_idmapped(outside.path(), point, kFirstUid, 65536).ok());
  struct stat info{};
  ASSERT_EQ(::stat((point + "/f").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, kFirstUid + 5);
  EXPECT_NE(::unlink((point + "/f").c_str()), 0);
  EXPECT_EQ(errno, EROFS);
  ASSERT_TRUE(unmount_below(dir_.path(), std::chrono::seconds(5)).ok());
}

TEST_F(Parts, ATreeIsDeletedHoweverDeepItIs) {
  // Deeper than a path may be long: only step by step can it be made.
  const std::string top = dir_.path() + "/tree";
  std::filesystem::create_directory(top);
  int at = ::open(top.c_str(), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < 3000; ++i) {
    ASSERT_EQ(::mkdirat(at, "d", 0700), 0);
    const int next = ::openat(at, "d", O_RDONLY | O_DIRECTORY);
    ::close(at);
    at = next;
  }
  ::close(at);
  const auto gone = remove_tree(top);
  EXPECT_TRUE(gone.ok()) << gone.error().message;
  EXPECT_FALSE(exists(top));
}

TEST_F(Parts, ADisksRoomIsTakenAndItsLoopGoesWithTheMount) {
  std::string image = dir_.path() + "/disk.img";
  std::string point = dir_.path() + "/p";
  std::filesystem::create_directory(point);
  ASSERT_TRUE(create_disk(image, 1ULL << 30).ok());
  EXPECT_FALSE(create_disk(image, 1ULL << 30).ok()) << "an existing disk was formatted again";
  EXPECT_GE(allocated_bytes(image), 1ULL << 30) << "what is written must find room";
  ASSERT_TRUE(mount_disk(image, point).ok());
  EXPECT_EQ(loops_of(image).size(), 1u);
  ASSERT_TRUE(unmount_below(dir_.path(), std::chrono::seconds(5)).ok());
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!loops_of(image).empty() && std::chrono::steady_clock::now() < deadline) ::usleep(1000);
  EXPECT_TRUE(loops_of(image).empty());
}

TEST(Process, OutputStatusAndErrors) {
  auto done = run({.argv = {"sh", "-c", "cat; echo bad >&2; exit 3"}, .input = "given"});
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->status, 3);
  EXPECT_EQ(done->output, "given");
  EXPECT_EQ(done->errors, "bad\n");
  auto checked =
      run_checked({.argv = {"sh", "-c", "echo first >&2; echo why >&2; exit 1"}, .input = ""});
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().message.find("ended with 1: why"), std::string::npos)
      << checked.error().message;
}

TEST(Process, NothingOfOursIsInherited) {
  UniqueFd open_file(::dup(2));  // without close-on-exec, as a careless library would
  ::setenv("OBELISK_SECRET", "x", 1);
  auto done =
      run_checked({.argv = {"sh", "-c", "ls /proc/self/fd | wc -l; env | sort"}, .input = ""});
  ASSERT_TRUE(done.ok());
  // ls itself has 0, 1, 2 and the directory it reads.
  EXPECT_TRUE(done->starts_with("4\n")) << *done;
  EXPECT_EQ(done->find("OBELISK_SECRET"), std::string::npos) << *done;
}

TEST(Process, ASlowProgramAndItsChildrenAreEnded) {
  auto begin = std::chrono::steady_clock::now();
  auto done = run({.argv = {"sh", "-c", "sleep 30 & sleep 30"},
                   .input = "",
                   .timeout = std::chrono::milliseconds(100)});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, base::Code::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(Process, OutputIsBoundedAndAClosedInputIsNoEnd) {
  auto loud = run({.argv = {"head", "-c", "8000000", "/dev/zero"}, .input = ""});
  ASSERT_TRUE(loud.ok());
  EXPECT_EQ(loud->status, 0);
  EXPECT_EQ(loud->output.size(), 1u << 20);
  auto deaf = run({.argv = {"true"}, .input = std::string(1 << 20, 'x')});
  ASSERT_TRUE(deaf.ok());
  EXPECT_EQ(deaf->status, 0);
}

TEST(Process, AMissingProgramSaysSo) {
  auto done = run({.argv = {"obelisk-no-such-program"}, .input = ""});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, base::Code::missing_dependency);
}

TEST(GpuNodes, UuidsAreAPlainList) {
  EXPECT_TRUE(check_gpu_uuids({}).ok());
  EXPECT_TRUE(check_gpu_uuids({"GPU-8f3e1a", "GPU-0"}).ok());
  EXPECT_FALSE(check_gpu_uuids({"GPU-0", "GPU-0"}).ok());
  EXPECT_TRUE(check_gpu_uuids({"MIG-0", "MIG-1"}).ok());
  EXPECT_FALSE(check_gpu_uuids({"MIG-0", "MIG-0"}).ok());
  EXPECT_FALSE(check_gpu_uuids({"GPU-0", "MIG-0"}).ok()) << "a lease is of one kind";
  EXPECT_FALSE(check_gpu_uuids({"MIG-0", "GPU-0"}).ok());
  for (const char* bad :
       {"", "all", "0", "GPU-0,GPU-1", "GPU/0", "GPU 0", "GPU=0", "MIG-GPU/1/0"}) {
    EXPECT_FALSE(check_gpu_uuids({bad}).ok()) << bad;
  }
}

// A /proc of our own: one process with two cards, and a driver that knows three.
TEST_F(Parts, TheCardsInAContainerAreCompared) {
  std::string dev = dir_.path() + "/7/root/dev";
  std::filesystem::create_directories(dev);
  for (const char* name : {"nvidia0", "nvidia2", "nvidiactl", "nvidia-uvm"}) {
    ASSERT_EQ(::mknod((dev + "/" + name).c_str(), S_IFCHR | 0600, makedev(1, 3)), 0);
  }
  ASSERT_TRUE(write_file(dev + "/nvidia5", "not a device", 0600).ok());
  EXPECT_TRUE(verify_gpus(7, {"GPU-a", "GPU-c"}, dir_.path()).ok());
  EXPECT_FALSE(verify_gpus(7, {"GPU-a"}, dir_.path()).ok());
  EXPECT_FALSE(verify_gpus(7, {}, dir_.path()).ok());
  for (int i = 0; i < 3; ++i) {
    std::string card = dir_.path() + "/driver/nvidia/gpus/000" + std::to_string(i);
    std::filesystem::create_directories(card);
    std::string uuid = std::string("GPU-") + static_cast<char>('a' + i);
    ASSERT_TRUE(write_file(card + "/information",
                           "Model: \t\t X\nGPU UUID: \t " + uuid + "\nDevice Minor: \t " +
                               std::to_string(i) + "\n",
                           0600)
                    .ok());
  }
  EXPECT_TRUE(verify_gpus(7, {"GPU-a", "GPU-c"}, dir_.path()).ok());
  EXPECT_FALSE(verify_gpus(7, {"GPU-a", "GPU-b"}, dir_.path()).ok());
  EXPECT_FALSE(verify_gpus(7, {"GPU-a", "GPU-x"}, dir_.path()).ok());
}

}  // namespace
}  // namespace obelisk::podman
