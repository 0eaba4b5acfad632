// What a lease reaches and what reaches it, with real packets: a small world of its own behind this
// machine, two instances side by side, and this machine itself.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <thread>

#include "adapters/podman/files.hpp"
#include "adapters/podman/firewall.hpp"
#include "adapters/podman/testing.hpp"
#include "base/crypto.hpp"

namespace obelisk::podman {
namespace {

using testing::Directory;
using testing::leftovers;
using testing::login;
using testing::LoginKey;
using testing::options_in;
using testing::small_lease;

void must(std::vector<std::string> argv) {
  auto done = run_checked({.argv = std::move(argv), .input = ""});
  EXPECT_TRUE(done.ok()) << (done ? "" : done.error().message);
}

// A network namespace that plays the internet: one public address behind one neighbour.
class World {
 public:
  World() {
    sweep();
    name_ = std::string(kName) + std::to_string(::getpid());
    const unsigned place = base::random_u64() & 0x3f;
    // Documentation addresses (RFC 5737) and a rare private link: no real route is shadowed.
    address_ = "203.0.113." + std::to_string(place + 1);
    std::string link = "192.168." + std::to_string(100 + place) + ".";
    neighbour_ = link + "2";
    must({"ip", "netns", "add", name_});
    must({"ip", "link", "add", name_, "type", "veth", "peer", "name", "eth0", "netns", name_});
    must({"ip", "addr", "add", link + "1/30", "dev", name_});
    must({"ip", "link", "set", name_, "up"});
    must({"ip", "-n", name_, "addr", "add", neighbour_ + "/30", "dev", "eth0"});
    must({"ip", "-n", name_, "link", "set", "eth0", "up"});
    must({"ip", "-n", name_, "link", "set", "lo", "up"});
    must({"ip", "-n", name_, "addr", "add", address_ + "/32", "dev", "lo"});
    must({"ip", "route", "replace", address_ + "/32", "via", neighbour_});
  }
  ~World() {
    must({"ip", "link", "del", name_});
    must({"ip", "netns", "del", name_});
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  const std::string& name() const { return name_; }
  const std::string& address() const { return address_; }
  const std::string& neighbour() const { return neighbour_; }

 private:
  static constexpr std::string_view kName = "obworld";
  // What tests left that were killed themselves; the name says whose it is.
  static void sweep() {
    const auto names = names_in("/run/netns");
    for (const std::string& name : names ? *names : std::vector<std::string>{}) {
      if (!name.starts_with(kName)) continue;
      const int pid = std::atoi(name.c_str() + kName.size());
      if (pid == ::getpid() || (pid > 0 && ::kill(pid, 0) != 0)) must({"ip", "netns", "del", name});
    }
  }

  std::string name_;
  std::string address_;
  std::string neighbour_;
};

// A listener of this machine, on all its addresses.
class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    socklen_t size = sizeof any;
    auto* generic = reinterpret_cast<sockaddr*>(&any);
    EXPECT_EQ(::bind(fd_.get(), generic, size), 0);
    EXPECT_EQ(::listen(fd_.get(), 8), 0);
    EXPECT_EQ(::getsockname(fd_.get(), generic, &size), 0);
    port_ = ntohs(any.sin_port);
  }
  std::uint16_t port() const { return port_; }

 private:
  UniqueFd fd_;
  std::uint16_t port_ = 0;
};

// "open" or why not, as seen from inside the lease.
std::string reach(const ports::Container& lease, const LoginKey& key, const std::string& address,
                  int port) {
  std::string script =
      "import socket\ns = socket.socket()\ns.settimeout(1)\ntry:\n s.connect(('" + address + "', " +
      std::to_string(port) +
      "))\n print('open', end='')\nexcept ConnectionRefusedError:\n print('refused', end='')\n"
      "except OSError:\n print('closed', end='')\n";
  return login(lease, key, "python3 -c \"" + script + "\"").output;
}

// This machine's address in the lease's network.
std::string gateway_of(const ports::Container& lease) {
  return address_text(*parse_address(lease.ssh_address) - 1);
}

class PodmanNetwork : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "containers need root; this is not root";
    ASSERT_FALSE(testing::image().digest.empty());
  }
  void TearDown() override {
    if (::geteuid() != 0) return;
    for (const Directory* state : {&state_, &other_state_}) {
      PodmanContainers after(options_in(state->path()));
      testing::wipe_all(&after);
    }
    EXPECT_EQ(leftovers(state_.path()), "");
    EXPECT_EQ(leftovers(other_state_.path()), "");
  }
  Directory keys_;
  Directory state_;
  Directory other_state_;
};

TEST_F(PodmanNetwork, ALeaseReachesTheWorldAndNothingNearer) {
  World world;
  Listener listener;
  LoginKey key(keys_.path());
  PodmanContainers containers(options_in(state_.path()));
  auto spec = small_lease({key.public_line()});
  auto lease = containers.start(spec);
  ASSERT_TRUE(lease.ok()) << lease.error().message;
  const std::string gateway = gateway_of(*lease);
  // Nothing listens on the world's port 9: a refusal is an answer from out there.
  EXPECT_EQ(reach(*lease, key, world.address(), 9), "refused");
  EXPECT_EQ(
      login(*lease, key, "ping -c 1 -W 2 " + world.address() + " > /dev/null; echo $?").output,
      "0\n");
  EXPECT_EQ(reach(*lease, key, world.neighbour(), 9), "closed");
  EXPECT_EQ(reach(*lease, key, "169.254.169.254", 80), "closed");
  EXPECT_EQ(reach(*lease, key, gateway, listener.port()), "closed");
  EXPECT_EQ(reach(*lease, key, "127.0.0.1", listener.port()), "refused");
  // Control: with the table gone the same doors are open, so it is the table that closed them.
  std::string table = testing::layout_of(state_.path()).table();
  must({"nft", "delete", "table", "inet", table});
  EXPECT_EQ(reach(*lease, key, gateway, listener.port()), "open");
  ASSERT_TRUE(containers.wipe(spec.lease).ok());
}

TEST_F(PodmanNetwork, MailIsRefused) {
  World world;
  LoginKey key(keys_.path());
  PodmanContainers containers(options_in(state_.path()));
  auto spec = small_lease({key.public_line()});
  auto lease = containers.start(spec);
  ASSERT_TRUE(lease.ok()) << lease.error().message;
  std::string table = testing::layout_of(state_.path()).table();
  EXPECT_EQ(reach(*lease, key, world.address(), 25), "refused");
  auto rules =
      run_checked({.argv = {"nft", "list", "chain", "inet", table, "from_lease"}, .input = ""});
  ASSERT_TRUE(rules.ok());
  EXPECT_NE(rules->find("dport { 25, 465, 587 } counter packets 1"), std::string::npos) << *rules;
  ASSERT_TRUE(containers.wipe(spec.lease).ok());
}

TEST_F(PodmanNetwork, TwoInstancesDoNotSeeEachOther) {
  LoginKey key(keys_.path());
  PodmanContainers ours(options_in(state_.path()));
  PodmanContainers theirs(options_in(other_state_.path()));
  auto our_spec = small_lease({key.public_line()});
  auto their_spec = small_lease({key.public_line()});
  auto our_lease = ours.start(our_spec);
  auto their_lease = theirs.start(their_spec);
  ASSERT_TRUE(our_lease.ok()) << our_lease.error().message;
  ASSERT_TRUE(their_lease.ok()) << their_lease.error().message;
  EXPECT_NE(our_lease->ssh_address, their_lease->ssh_address);
  EXPECT_EQ(reach(*our_lease, key, their_lease->ssh_address, 22), "closed");
  EXPECT_EQ(reach(*their_lease, key, our_lease->ssh_address, 22), "closed");
  EXPECT_EQ(ours.list()->size(), 1u);
  // Ending theirs, and their whole program, leaves ours as it was.
  ASSERT_TRUE(ours.wipe(their_spec.lease).ok());
  EXPECT_EQ(theirs.list()->size(), 1u);
  ASSERT_TRUE(theirs.wipe(their_spec.lease).ok());
  EXPECT_EQ(login(*our_lease, key, "echo still").output, "still\n");
  ASSERT_TRUE(ours.wipe(our_spec.lease).ok());
}

TEST_F(PodmanNetwork, LeasesOfOneInstanceDoNotSeeEachOther) {
  LoginKey key(keys_.path());
  PodmanContainers containers(options_in(state_.path()));
  auto one = small_lease({key.public_line()});
  auto two = small_lease({key.public_line()});
  auto first = containers.start(one);
  auto second = containers.start(two);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(reach(*first, key, second->ssh_address, 22), "closed");
  ASSERT_TRUE(containers.wipe(one.lease).ok());
  ASSERT_TRUE(containers.wipe(two.lease).ok());
}

TEST_F(PodmanNetwork, AResolverOfTheOwnersMayBeANeighbour) {
  World world;
  LoginKey key(keys_.path());
  PodmanOptions options = options_in(state_.path());
  options.resolvers = {world.neighbour()};
  PodmanContainers containers(options);
  auto spec = small_lease({key.public_line()});
  auto lease = containers.start(spec);
  ASSERT_TRUE(lease.ok()) << lease.error().message;
  EXPECT_EQ(reach(*lease, key, world.neighbour(), 53), "refused");
  EXPECT_EQ(reach(*lease, key, world.neighbour(), 54), "closed");
  ASSERT_TRUE(containers.wipe(spec.lease).ok());
}

// What a killed host leaves whose state was deleted too: its rules held for the next lease that got
// one of its interfaces. This table has no rules, so that it harms no test beside this one.
TEST_F(PodmanNetwork, RulesOfAHostThatIsGoneHoldForNoLease) {
  const std::string table = std::string(kTablePrefix) + "test";  // one such test at a time
  must({"nft", "add", "table", "inet", table});
  must({"nft", "add set inet " + table +
                   " interfaces { type ifname; elements = { obelisk0, obelisk1, obelisk2, obelisk3 "
                   "}; }"});
  {
    PodmanContainers containers(options_in(state_.path()));
    auto spec = small_lease({});
    EXPECT_TRUE(containers.start(spec).ok());
    EXPECT_GT(testing::slot_number(state_.path(), spec.lease), 3);
    EXPECT_TRUE(containers.wipe(spec.lease).ok());
  }
  must({"nft", "delete", "table", "inet", table});
}

// A host starts again and cannot read what it wrote of a lease: that runs on, and is not let out.
TEST_F(PodmanNetwork, ALeaseWithADamagedRecordIsClosedIn) {
  Listener listener;
  LoginKey key(keys_.path());
  const auto spec = small_lease({key.public_line()});
  const std::string file = testing::layout_of(state_.path()).lease(spec.lease).record;
  std::string record;
  ports::Container lease;
  {
    PodmanContainers first(options_in(state_.path()));
    auto started = first.start(spec);
    ASSERT_TRUE(started.ok()) << started.error().message;
    lease = *started;
    record = *read_file(file);
  }
  ASSERT_TRUE(write_file(file, "{", 0600).ok());
  PodmanContainers again(options_in(state_.path()));
  EXPECT_TRUE(again.list().ok());
  EXPECT_EQ(reach(lease, key, gateway_of(lease), listener.port()), "closed");
  ASSERT_TRUE(write_file(file, record, 0600).ok());
  ASSERT_TRUE(again.wipe(spec.lease).ok());
}

// Somebody flushes the rules while one lease has left them and another is about to: they are loaded
// anew from the records, and the first still has one.
TEST_F(PodmanNetwork, ALeaseThatLeftTheRulesDoesNotComeBackIntoThem) {
  const std::string table = testing::layout_of(state_.path()).table();
  const auto one = small_lease({});
  const auto two = small_lease({});
  PodmanContainers* containers = nullptr;
  bool flushed = false;
  std::jthread other;
  PodmanOptions options = options_in(state_.path());
  options.before = [&](std::string_view what) {
    if (what != "machine.delete_files" || flushed) return;
    flushed = true;
    must({"nft", "delete", "table", "inet", table});
    other = std::jthread([&] { EXPECT_TRUE(containers->wipe(two.lease).ok()); });
    // Two names may share a lock, and then the second waits until the first is gone.
    std::this_thread::sleep_for(std::chrono::seconds(2));
  };
  PodmanContainers real(options);
  containers = &real;
  ASSERT_TRUE(real.start(one).ok() && real.start(two).ok());
  ASSERT_TRUE(real.wipe(one.lease).ok());
  ASSERT_TRUE(flushed);
  other.join();
  auto set =
      run_checked({.argv = {"nft", "-j", "list", "set", "inet", table, "interfaces"}, .input = ""});
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_TRUE(names_in_set(*set)->empty()) << *set;
}

}  // namespace
}  // namespace obelisk::podman
