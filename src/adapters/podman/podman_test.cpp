// Real containers on this machine: a lease's life. It needs root, podman, runc, nft and the network
// tools; as root nothing of that is skipped. Each test has a state of its own, so they may run
// beside each other and beside a real host.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <mutex>
#include <regex>
#include <thread>

#include "adapters/podman/files.hpp"
#include "adapters/podman/mounts.hpp"
#include "adapters/podman/processes.hpp"
#include "adapters/podman/testing.hpp"
#include "core/market/probe.hpp"

namespace obelisk::podman {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::Directory;
using testing::first_process;
using testing::leftovers;
using testing::login;
using testing::LoginKey;
using testing::options_in;
using testing::small_lease;

class Podman : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "containers need root; this is not root";
    ASSERT_FALSE(testing::image().digest.empty());
    key_ = std::make_unique<LoginKey>(keys_.path());
    containers_ = std::make_unique<PodmanContainers>(options_in(state_.path()));
  }
  void TearDown() override {
    testing::wipe_all(containers_.get());
    containers_.reset();
    if (::geteuid() != 0) return;
    EXPECT_EQ(leftovers(state_.path()), "");
    EXPECT_EQ(testing::abandoned_networks(slots_), "");
  }

  ports::Container start(const ports::ContainerSpec& spec) {
    auto lease = containers_->start(spec);
    EXPECT_TRUE(lease.ok()) << (lease ? "" : lease.error().message);
    std::lock_guard guard(slots_mutex_);
    slots_.push_back(testing::slot_number(state_.path(), spec.lease));
    return lease ? *lease : ports::Container{};
  }
  ports::ContainerSpec spec() const { return small_lease({key_->public_line()}); }
  void wipe(const std::string& lease) {
    auto wiped = containers_->wipe(lease);
    EXPECT_TRUE(wiped.ok()) << (wiped ? "" : wiped.error().message);
  }
  std::vector<ports::Container> list() {
    auto listed = containers_->list();
    EXPECT_TRUE(listed.ok()) << (listed ? "" : listed.error().message);
    return listed ? *listed : std::vector<ports::Container>{};
  }
  // What a kill would leave: the next object must manage with the files.
  void forget() { containers_ = std::make_unique<PodmanContainers>(options_in(state_.path())); }

  Directory keys_;
  Directory state_;
  std::unique_ptr<LoginKey> key_;
  std::unique_ptr<PodmanContainers> containers_;
  std::mutex slots_mutex_;
  std::vector<int> slots_;
};

TEST_F(Podman, ThisMachineHasWhatLeasesNeed) {
  auto checked = containers_->check();
  ASSERT_TRUE(checked.ok()) << checked.error().message << " " << checked.error().action;
}

TEST_F(Podman, ARenterFindsHisOwnMachine) {
  auto lease_spec = spec();
  auto lease = start(lease_spec);
  EXPECT_EQ(lease.state, ports::ContainerState::running);
  auto seen = login(lease, *key_,
                    "id -u; hostname; echo $OBELISK_WORD; df -P / /workspace | awk '{print $2}'; "
                    "grep -c nameserver /etc/resolv.conf; ls /lease; cat /etc/machine-id | wc -c");
  EXPECT_EQ(seen.status, 0) << seen.errors;
  std::smatch sizes;
  std::regex shape("0\nlease-" + lease_spec.lease.substr(0, 8) +
                   "\na word\n1024-blocks\n(\\d+)\n(\\d+)\n2\nauthorized_keys\ncontainerenv\n"
                   "hostname\nssh_host_ed25519_key\nsshd_config\n0\n");
  ASSERT_TRUE(std::regex_match(seen.output, sizes, shape)) << seen.output;
  // Only the lease's own 512 MiB, less what ext4 needs, at both places.
  EXPECT_EQ(sizes[1], sizes[2]);
  EXPECT_LT(std::stol(sizes[1]), 512 * 1024);
  EXPECT_GT(std::stol(sizes[1]), 400 * 1024);
  wipe(lease_spec.lease);
}

TEST_F(Podman, LimitsHold) {
  auto lease_spec = spec();
  auto lease = start(lease_spec);
  // 400 MiB in a lease of 256: that process is killed, the lease is not.
  EXPECT_EQ(login(lease, *key_, "python3 -c 'bytearray(400 << 20)'; echo $?").output, "137\n");
  // 200 processes in a lease of 100, which also has tini, sshd and this session.
  auto many = login(lease, *key_, R"(python3 -c '
import os, time
made = []
try:
    for i in range(200):
        pid = os.fork()
        if pid == 0:
            time.sleep(30)
        made.append(pid)
except OSError as error:
    print(len(made) in range(80, 100), error.strerror)
for pid in made:
    os.kill(pid, 9)
')");
  EXPECT_EQ(many.output, "True Resource temporarily unavailable\n") << many.errors;
  auto full = login(lease, *key_, "dd if=/dev/zero of=/workspace/big bs=1M count=600 2>&1");
  EXPECT_NE(full.status, 0);
  EXPECT_NE(full.output.find("No space left"), std::string::npos) << full.output;
  EXPECT_EQ(login(lease, *key_, "rm /workspace/big; echo alive").output, "alive\n");
  wipe(lease_spec.lease);
}

TEST_F(Podman, RootInsideIsNobodyOutside) {
  auto lease_spec = spec();
  auto lease = start(lease_spec);
  auto tried = login(lease, *key_,
                     "for t in 'echo x > /etc/hostname' 'echo x > /run/.containerenv' "
                     "'echo x > /lease/x' 'mknod /tmp/b b 7 0' 'mount -o remount,rw /lease' "
                     "'unshare -Urm mount -o remount,bind,rw /lease' 'dmesg' "
                     "'ip addr add 10.9.9.9/24 dev eth0' 'echo 1 > /proc/sys/vm/drop_caches' "
                     "'ls /sys/block/*' 'ls /sys/class/net/*' 'ls /sys/fs/cgroup/*'; do "
                     "bash -c \"$t\" > /dev/null 2>&1 && echo \"could: $t\"; done; true");
  EXPECT_EQ(tried.output, "");
  auto status = read_file("/proc/" + std::to_string(first_process(lease)) + "/status");
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->find("Uid:\t0\t"), std::string::npos) << "runs as the machine's root";
  EXPECT_NE(status->find("Seccomp:\t2"), std::string::npos);
  wipe(lease_spec.lease);
}

TEST_F(Podman, AuthorizeChangesWhoMayEnterAtOnce) {
  LoginKey other(keys_.path());
  auto lease_spec = spec();
  auto lease = start(lease_spec);
  EXPECT_EQ(login(lease, *key_, "echo in").output, "in\n");
  EXPECT_NE(login(lease, other, "echo in").status, 0);
  ASSERT_TRUE(containers_->authorize(lease_spec.lease, {.people = {other.public_line()}}).ok());
  EXPECT_NE(login(lease, *key_, "echo in").status, 0);
  EXPECT_EQ(login(lease, other, "echo in").output, "in\n");
  ASSERT_TRUE(containers_->authorize(lease_spec.lease, {}).ok());
  EXPECT_NE(login(lease, other, "echo in").status, 0);
  wipe(lease_spec.lease);
}

// The watch's key opens no shell: whatever it asks for, the host's command answers, and nothing is
// forwarded.
TEST_F(Podman, TheWatchGetsAnAnswerAndNoShell) {
  LoginKey watch(keys_.path());
  auto lease_spec = spec();
  lease_spec.keys.watch = watch.public_line();
  lease_spec.keys.watch_command = market::probe_command();
  auto lease = start(lease_spec);
  const auto alive = login(lease, watch, std::string(market::kProbeAlive));
  EXPECT_EQ(alive.status, 0);
  EXPECT_TRUE(std::regex_match(alive.output, std::regex("boot=[0-9a-f-]{36}\nstart=\\d+\n")))
      << alive.output;
  const auto card = login(lease, watch, std::string(market::kProbeCard));
  EXPECT_EQ(card.output.find(alive.output), 0u);
  EXPECT_NE(card.output.find("\ncpu="), std::string::npos) << card.output;
  EXPECT_EQ(login(lease, watch, "touch was-here; cat /etc/passwd").output, alive.output);
  EXPECT_EQ(login(lease, *key_, "ls -A | grep was-here; true").output, "");
  EXPECT_EQ(login(lease, *key_, "echo in").output, "in\n");
  wipe(lease_spec.lease);
}

TEST_F(Podman, StartingTwiceIsStartingOnce) {
  auto lease_spec = spec();
  auto first = start(lease_spec);
  auto second = start(lease_spec);
  EXPECT_EQ(first.boot_id, second.boot_id);
  EXPECT_EQ(first.host_key, second.host_key);
  EXPECT_EQ(list().size(), 1u);
  wipe(lease_spec.lease);
}

TEST_F(Podman, WipingTwiceAndWipingNothingIsFine) {
  auto lease_spec = spec();
  start(lease_spec);
  wipe(lease_spec.lease);
  wipe(lease_spec.lease);
  wipe(testing::random_lease());
  EXPECT_TRUE(list().empty());
}

TEST_F(Podman, TheImageIsUntouchedByALeaseThatDeletesEverything) {
  auto lease_spec = spec();
  auto lease = start(lease_spec);
  login(lease, *key_, "rm -rf --no-preserve-root / 2> /dev/null; true");
  wipe(lease_spec.lease);
  EXPECT_TRUE(exists(testing::image().root + "/usr/sbin/sshd"));
  EXPECT_TRUE(exists(testing::image().root + "/etc/passwd"));
}

TEST_F(Podman, TheNextProcessFindsTheLeaseAgain) {
  auto lease_spec = spec();
  auto lease = start(lease_spec);
  forget();
  auto listed = list();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].lease, lease.lease);
  EXPECT_EQ(listed[0].boot_id, lease.boot_id);
  EXPECT_EQ(listed[0].host_key, lease.host_key);
  EXPECT_EQ(login(listed[0], *key_, "echo still").output, "still\n");
  LoginKey other(keys_.path());
  ASSERT_TRUE(containers_->authorize(lease_spec.lease, {.people = {other.public_line()}}).ok());
  EXPECT_EQ(login(listed[0], other, "echo other").output, "other\n");
  wipe(lease_spec.lease);
}

TEST_F(Podman, AKilledHostLosesNothing) {
  containers_.reset();
  auto lease_spec = spec();
  pid_t host = ::fork();
  if (host == 0) {
    PodmanContainers killed(options_in(state_.path()));
    auto lease = killed.start(lease_spec);
    if (!lease) ::_exit(1);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(host, &status, 0), host);
  ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
  forget();
  auto listed = list();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].state, ports::ContainerState::running);
  EXPECT_EQ(login(listed[0], *key_, "echo still").output, "still\n");
  wipe(lease_spec.lease);
}

TEST_F(Podman, AKilledPodmanServiceLosesNothing) {
  auto lease_spec = spec();
  auto lease = start(lease_spec);
  auto pid = read_file(testing::layout_of(state_.path()).instance + "/podman.pid");
  ASSERT_TRUE(pid.ok());
  ASSERT_EQ(::kill(std::stoi(*pid), SIGKILL), 0);
  auto listed = list();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].boot_id, lease.boot_id);
  EXPECT_EQ(login(lease, *key_, "echo still").output, "still\n");
  wipe(lease_spec.lease);
}

TEST_F(Podman, AnEndedLeaseStartsAgainWithItsDisk) {
  auto lease_spec = spec();
  auto lease = start(lease_spec);
  login(lease, *key_, "echo mine > /workspace/kept; echo mine > ~/kept; sync");
  ASSERT_EQ(::kill(first_process(lease), SIGKILL), 0);
  auto deadline = steady_clock::now() + std::chrono::seconds(10);
  while (list()[0].state == ports::ContainerState::running && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(20));
  }
  ASSERT_EQ(list()[0].state, ports::ContainerState::exited);
  auto again = start(lease_spec);
  EXPECT_EQ(again.state, ports::ContainerState::running);
  EXPECT_NE(again.boot_id, lease.boot_id);
  EXPECT_EQ(again.host_key, lease.host_key);
  EXPECT_EQ(login(again, *key_, "cat /workspace/kept ~/kept").output, "mine\nmine\n");
  wipe(lease_spec.lease);
}

// A reboot takes everything but the state directory: processes, mounts, networks, all of RUN.
TEST_F(Podman, AfterARebootTheLeaseStartsAgainWithItsDisk) {
  auto lease_spec = spec();
  auto lease = start(lease_spec);
  login(lease, *key_, "echo mine > /workspace/kept; sync");
  Layout layout = testing::layout_of(state_.path());
  auto record = read_file(layout.lease(lease_spec.lease).record);
  ASSERT_TRUE(record.ok());
  containers_.reset();
  std::smatch slot;
  ASSERT_TRUE(std::regex_search(*record, slot, std::regex("\"slot\":(\\d+)")));
  ASSERT_EQ(::kill(first_process(lease), SIGKILL), 0);
  await_processes_naming(layout.instance + "/", std::chrono::seconds(10));
  ASSERT_TRUE(unmount_below(layout.instance, std::chrono::seconds(10)).ok());
  for (const char* kind : {"link", "netns"}) {
    ASSERT_TRUE(run({.argv = {"ip", kind, "del", "obelisk" + slot[1].str()}, .input = ""}).ok());
  }
  ASSERT_TRUE(remove_tree(layout.instance).ok());
  ASSERT_TRUE(remove_file("/run/obelisk/slots/" + slot[1].str()).ok());

  forget();
  ASSERT_EQ(list().size(), 1u);
  EXPECT_EQ(list()[0].state, ports::ContainerState::exited);
  auto again = start(lease_spec);
  EXPECT_EQ(again.host_key, lease.host_key);
  EXPECT_NE(again.boot_id, lease.boot_id);
  EXPECT_EQ(login(again, *key_, "cat /workspace/kept").output, "mine\n");
  wipe(lease_spec.lease);
}

// What a kill between two steps leaves: a record that says how far it came.
class HalfWay : public Podman, public ::testing::WithParamInterface<const char*> {};

TEST_P(HalfWay, IsSweptByTheNextProcess) {
  auto lease_spec = spec();
  start(lease_spec);
  std::string record = testing::layout_of(state_.path()).lease(lease_spec.lease).record;
  auto text = read_file(record);
  ASSERT_TRUE(text.ok());
  std::string changed = std::regex_replace(*text, std::regex("\"started\""), GetParam());
  ASSERT_NE(changed, *text);
  ASSERT_TRUE(write_file(record, changed, 0600).ok());
  forget();
  EXPECT_TRUE(list().empty());
}
INSTANTIATE_TEST_SUITE_P(Stages, HalfWay, ::testing::Values("\"preparing\"", "\"wiping\""));

TEST_F(Podman, ALeaseWithADamagedRecordCanStillBeWiped) {
  auto damaged = spec();
  auto whole = spec();
  start(damaged);
  auto other = start(whole);
  std::string record = testing::layout_of(state_.path()).lease(damaged.lease).record;
  ASSERT_TRUE(write_file(record, "{\"version\":", 0600).ok());
  forget();
  EXPECT_EQ(list().size(), 2u);
  EXPECT_FALSE(containers_->start(damaged).ok());
  wipe(damaged.lease);
  ASSERT_EQ(list().size(), 1u);
  EXPECT_EQ(list()[0].boot_id, other.boot_id);
  EXPECT_EQ(login(other, *key_, "echo still").output, "still\n");
  wipe(whole.lease);
}

TEST_F(Podman, ALeaseWithoutARecordIsSwept) {
  auto lease_spec = spec();
  start(lease_spec);
  std::string record = testing::layout_of(state_.path()).lease(lease_spec.lease).record;
  ASSERT_TRUE(remove_file(record).ok());
  forget();
  EXPECT_TRUE(list().empty());
  EXPECT_EQ(testing::leftovers_of_leases(state_.path()), "");
}

// Record and slot are lost: a record written at the end would claim slot 0, which is another's.
TEST_F(Podman, WhatHasNoSlotClaimsNone) {
  const Layout layout = testing::layout_of(state_.path());
  const std::string lease = testing::random_lease();
  containers_.reset();
  ASSERT_TRUE(make_directory(layout.leases(), 0700).ok());
  ASSERT_TRUE(make_directory(layout.lease(lease).dir, 0700).ok());
  bool seen = false;
  PodmanOptions options = options_in(state_.path());
  options.before = [&](std::string_view what) {
    if (what != "machine.delete_files") return;
    seen = true;
    EXPECT_FALSE(exists(layout.lease(lease).record));
  };
  containers_ = std::make_unique<PodmanContainers>(options);
  EXPECT_TRUE(list().empty());
  EXPECT_TRUE(seen);
}

// Somebody deleted the state while a lease ran: its processes, mounts and network are still ended.
TEST_F(Podman, ALeaseWhoseDirectoryWasDeletedIsSwept) {
  auto lease_spec = spec();
  start(lease_spec);
  containers_.reset();
  Layout layout = testing::layout_of(state_.path());
  ASSERT_TRUE(remove_tree(layout.leases()).ok());
  forget();
  EXPECT_TRUE(list().empty());
  EXPECT_EQ(testing::leftovers_of_leases(state_.path()), "");
}

TEST_F(Podman, ATableSomebodyFlushedComesBack) {
  auto first = spec();
  auto second = spec();
  start(first);
  std::string table = testing::layout_of(state_.path()).table();
  ASSERT_TRUE(run_checked({.argv = {"nft", "delete", "table", "inet", table}, .input = ""}).ok());
  start(second);
  auto rules =
      run_checked({.argv = {"nft", "list", "set", "inet", table, "interfaces"}, .input = ""});
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  EXPECT_EQ(std::count(rules->begin(), rules->end(), '"'), 4) << *rules;
  wipe(first.lease);
  wipe(second.lease);
}

TEST_F(Podman, RefusesWhatCannotBe) {
  auto refused = [&](auto change, base::Code code) {
    auto lease_spec = spec();
    change(lease_spec);
    auto lease = containers_->start(lease_spec);
    ASSERT_FALSE(lease.ok());
    EXPECT_EQ(lease.error().code, code) << lease.error().message;
    EXPECT_FALSE(lease.error().action.empty());
  };
  using Spec = ports::ContainerSpec;
  refused([](Spec& s) { s.lease = "../../etc"; }, base::Code::invalid_input);
  refused([](Spec& s) { s.lease = ""; }, base::Code::invalid_input);
  refused([](Spec& s) { s.keys.people = {"ssh-ed25519 AAAA\nssh-rsa"}; },
          base::Code::invalid_input);
  refused([](Spec& s) { s.disk_bytes = 1; }, base::Code::invalid_input);
  refused([](Spec& s) { s.disk_bytes = 1ULL << 49; }, base::Code::missing_dependency);
  refused([](Spec& s) { s.memory_bytes = 0; }, base::Code::invalid_input);
  refused([](Spec& s) { s.cpu_milli = 0; }, base::Code::invalid_input);
  refused([](Spec& s) { s.max_processes = 0; }, base::Code::invalid_input);
  refused([](Spec& s) { s.gpu_uuids = {"GPU-1,GPU-2"}; }, base::Code::invalid_input);
  refused([](Spec& s) { s.image_digest = "sha256:" + std::string(64, '0'); },
          base::Code::not_found);
  EXPECT_EQ(containers_->authorize(testing::random_lease(), {}).error().code,
            base::Code::not_found);
  EXPECT_TRUE(list().empty());
}

TEST_F(Podman, TwoProcessesCannotShareAState) {
  EXPECT_TRUE(list().empty());
  PodmanContainers second(options_in(state_.path()));
  auto refused = second.list();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::conflict);
}

TEST_F(Podman, FourAtOnce) {
  std::array<ports::ContainerSpec, 4> specs = {spec(), spec(), spec(), spec()};
  std::vector<std::thread> threads;
  for (const auto& one : specs) threads.emplace_back([&] { start(one); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(list().size(), 4u);
  threads.clear();
  for (const auto& one : specs) threads.emplace_back([&] { wipe(one.lease); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(list().empty());
}

// Printed, not asserted: the machine under the tests is shared.
TEST_F(Podman, HowLongAStartTakes) {
  std::vector<long> starts;
  std::vector<long> logins;
  std::vector<long> wipes;
  auto since = [](steady_clock::time_point begin) {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin).count();
  };
  ASSERT_TRUE(list().empty());
  for (int i = 0; i < 5; ++i) {
    auto lease_spec = spec();
    lease_spec.disk_bytes = 4ULL << 30;
    auto begin = steady_clock::now();
    auto lease = start(lease_spec);
    starts.push_back(since(begin));
    EXPECT_EQ(login(lease, *key_, "true").status, 0);
    logins.push_back(since(begin));
    begin = steady_clock::now();
    wipe(lease_spec.lease);
    wipes.push_back(since(begin));
  }
  for (auto* times : {&starts, &logins, &wipes}) std::sort(times->begin(), times->end());
  std::printf("median of 5: start %ld ms (to a login %ld ms), wipe %ld ms\n", starts[2], logins[2],
              wipes[2]);
}

}  // namespace
}  // namespace obelisk::podman
