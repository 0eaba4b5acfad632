// Real containers on this machine: what a lease uses, what it printed, commands in it. Like
// podman_test it needs root and has a state of its own.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "adapters/podman/files.hpp"
#include "adapters/podman/process.hpp"
#include "adapters/podman/testing.hpp"
#include "adapters/podman/usage.hpp"

namespace obelisk::podman {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::small_lease;

class PodmanLiving : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "containers need root; this is not root";
    ASSERT_FALSE(testing::image().digest.empty());
    key_ = std::make_unique<testing::LoginKey>(keys_.path());
    containers_ = std::make_unique<PodmanContainers>(testing::options_in(state_.path()));
    spec_ = small_lease({key_->public_line()});
    const auto started = containers_->start(spec_);
    ASSERT_TRUE(started) << started.error().message;
    lease_ = *started;
  }
  void TearDown() override {
    testing::wipe_all(containers_.get());
    containers_.reset();
    if (::geteuid() == 0) EXPECT_EQ(testing::leftovers(state_.path()), "");
  }

  base::Result<ports::CommandEnd> execute(const ports::Command& command) {
    return containers_->execute(spec_.lease, command, stop_.get_token());
  }
  ports::CommandEnd shell(const std::string& script, std::string input = "") {
    const auto end = execute({{"/bin/sh", "-c", script}, std::move(input), 20s});
    EXPECT_TRUE(end) << (end ? "" : end.error().message);
    return end ? *end : ports::CommandEnd{};
  }
  ports::Usage usage() {
    const auto used = containers_->usage(spec_.lease);
    EXPECT_TRUE(used) << (used ? "" : used.error().message);
    return used ? *used : ports::Usage{};
  }
  // Whether a process with this in its command line is anywhere on this machine.
  static bool runs(const std::string& words) {
    return run({.argv = {"pgrep", "-f", words}, .input = ""})->status == 0;
  }

  testing::Directory keys_;
  testing::Directory state_;
  std::unique_ptr<testing::LoginKey> key_;
  std::unique_ptr<PodmanContainers> containers_;
  ports::ContainerSpec spec_;
  ports::Container lease_;
  std::stop_source stop_;
};

TEST_F(PodmanLiving, EveryFigureIsThereAndGrows) {
  const ports::Usage before = usage();
  ASSERT_TRUE(before.cpu_us && before.memory_bytes && before.processes && before.disk_bytes &&
              before.disk_used_bytes && before.received_bytes && before.sent_bytes &&
              before.oom_kills);
  EXPECT_EQ(before.memory_limit_bytes, spec_.memory_bytes);
  EXPECT_LT(*before.memory_bytes, spec_.memory_bytes);
  EXPECT_GE(*before.processes, 2u);
  EXPECT_LT(*before.disk_bytes, spec_.disk_bytes);
  EXPECT_EQ(*before.oom_kills, 0u);

  const auto in = testing::login(
      lease_, *key_,
      "head -c 50000000 /dev/urandom > /workspace/f; sync; head -c 3000000 /dev/urandom; "
      "python3 -c 'bytearray(400 << 20)' 2>/dev/null");
  EXPECT_GE(in.output.size(), 1u << 20);
  const ports::Usage after = usage();
  EXPECT_GT(*after.cpu_us, *before.cpu_us + 50'000);
  EXPECT_GT(*after.disk_used_bytes, *before.disk_used_bytes + 40'000'000);
  EXPECT_GT(*after.sent_bytes, *before.sent_bytes + 2'900'000) << "the lease sent it";
  EXPECT_GT(*after.received_bytes, *before.received_bytes);
  EXPECT_GE(*after.oom_kills, 1u);
  EXPECT_FALSE(containers_->usage(testing::random_lease()));
  ASSERT_TRUE(containers_->wipe(spec_.lease));
  EXPECT_EQ(containers_->usage(spec_.lease).error().code, base::Code::not_found);
}

TEST_F(PodmanLiving, SaysWhatTheFirstProcessPrinted) {
  (void)testing::login(lease_, *key_, "true");
  const auto words = containers_->last_output(spec_.lease, 50);
  ASSERT_TRUE(words) << words.error().message;
  EXPECT_NE(words->find("Server listening on"), std::string::npos) << *words;
  EXPECT_NE(words->find("Accepted publickey for root"), std::string::npos) << *words;
  const auto last = containers_->last_output(spec_.lease, 1);
  ASSERT_TRUE(last);
  EXPECT_LE(std::ranges::count(*last, '\n'), 1) << *last;
}

TEST_F(PodmanLiving, ACommandIsTheRootsOwnInTheWorkspace) {
  const auto said = shell("id -u; pwd; echo $OBELISK_WORD; echo wrong >&2; exit 7");
  EXPECT_EQ(said.output, "0\n/workspace\na word\n");
  EXPECT_EQ(said.errors, "wrong\n");
  EXPECT_EQ(said.exit_code, 7);
  EXPECT_FALSE(said.truncated || said.timed_out);
  // Every byte passes, both ways.
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) bytes.push_back(static_cast<char>(i * 7));
  EXPECT_TRUE(shell("cat", bytes).output == bytes);
  EXPECT_EQ(shell("kill -TERM $$").exit_code, 143);
  const auto none = execute({{"/no/such/program"}});
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_EQ(none->exit_code, 127);
  EXPECT_NE(none->errors.find("There is no program /no/such/program"), std::string::npos);
  EXPECT_EQ(execute({{}}).error().code, base::Code::invalid_input);
  EXPECT_TRUE(shell("yes | head -c 3000000").truncated);
  // It has the lease's walls.
  EXPECT_NE(shell("mount -t tmpfs none /mnt").exit_code, 0);
  EXPECT_NE(shell("unshare -Ur true").exit_code, 0);
  EXPECT_EQ(shell("grep -E 'Seccomp:|NoNewPrivs:' /proc/self/status | awk '{print $2}'").output,
            "1\n2\n");
  // And the rights and limits of its first process: no other group than its own below the lease's.
  EXPECT_EQ(shell("grep -h ^Cap /proc/1/status /proc/self/status | sort | uniq -c | "
                  "awk '$1 != 2'")
                .output,
            "");
  EXPECT_EQ(shell("grep -v obelisk-exec- /proc/self/cgroup | grep -v ':/$'").output, "");
  EXPECT_NE(shell("cat /proc/self/cgroup").output.find("/obelisk-exec-"), std::string::npos);
  EXPECT_EQ(shell("for n in mnt net pid user uts ipc cgroup; do "
                  "[ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] || echo $n; done")
                .output,
            "");
}

TEST_F(PodmanLiving, NothingOfACommandIsLeft) {
  const std::string mark = "98" + std::to_string(::getpid()) + "76";
  const auto begun = steady_clock::now();
  const auto late = execute({{"/bin/sh", "-c",
                              "sleep " + mark + " & setsid env -i /bin/sleep " + mark +
                                  " & trap '' TERM; echo begun; sleep " + mark},
                             "",
                             5s});
  ASSERT_TRUE(late) << late.error().message;
  EXPECT_TRUE(late->timed_out);
  EXPECT_EQ(late->exit_code, 124);
  EXPECT_EQ(late->output, "begun\n");
  EXPECT_FALSE(runs(mark));
  // What it left in the background goes with it, and holds nobody up.
  EXPECT_EQ(shell("setsid sleep " + mark + " & echo done").output, "done\n");
  EXPECT_LT(steady_clock::now() - begun, 30s);
  EXPECT_FALSE(runs(mark));
  // A host that stops waits for none.
  std::jthread stopper([&] {
    std::this_thread::sleep_for(300ms);
    stop_.request_stop();
  });
  EXPECT_EQ(execute({{"sleep", mark}}).error().code, base::Code::unreachable);
  EXPECT_FALSE(runs(mark));
}

TEST_F(PodmanLiving, WhatAKilledHostLeftIsEnded) {
  const std::string mark = "96" + std::to_string(::getpid()) + "74";
  const auto begun = testing::login(
      lease_, *key_, "setsid sleep " + mark + " </dev/null >/dev/null 2>&1 & echo begun");
  ASSERT_EQ(begun.output, "begun\n");
  const std::string pid =
      run({.argv = {"pgrep", "-x", "-f", "sleep " + mark}, .input = ""})->output;
  const std::string group =
      directory_of(control_groups_of(testing::first_process(lease_)), "pids") + "/obelisk-exec-1-a";
  ASSERT_TRUE(make_directory(group, 0755));
  ASSERT_TRUE(write_in_place(group + "/cgroup.procs", pid));
  containers_ = std::make_unique<PodmanContainers>(testing::options_in(state_.path()));
  EXPECT_EQ(containers_->usage(spec_.lease).error().code, base::Code::not_found);
  ASSERT_TRUE(containers_->start(spec_)) << "as a host does with every lease it finds";
  EXPECT_TRUE(usage().cpu_us);
  EXPECT_FALSE(runs(mark));
  EXPECT_FALSE(exists(group));
}

TEST_F(PodmanLiving, FourAtOnceAndNoneOutlivesTheLease) {
  const std::string mark = "97" + std::to_string(::getpid()) + "75";
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < ports::kMaxCommandsAtOnce; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(execute({{"sleep", mark}, "", 30s})); });
  }
  const auto until = steady_clock::now() + 10s;
  const auto sleepers = [&] {
    return run({.argv = {"pgrep", "-c", "-x", "-f", "sleep " + mark}, .input = ""})->output;
  };
  while (sleepers() != "4\n" && steady_clock::now() < until) std::this_thread::sleep_for(20ms);
  const auto fifth = execute({{"true"}});
  ASSERT_FALSE(fifth);
  EXPECT_EQ(fifth.error().code, base::Code::rate_limited);
  const auto wiped = containers_->wipe(spec_.lease);
  EXPECT_TRUE(wiped) << (wiped ? "" : wiped.error().message);
  threads.clear();
  EXPECT_FALSE(runs(mark));
}

}  // namespace
}  // namespace obelisk::podman
