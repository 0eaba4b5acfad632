// The port Terminal against a real lease's pty, by podman and runc as root, and against its fake.
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "adapters/fake/fake_terminal.hpp"
#include "adapters/podman/testing.hpp"

namespace obelisk {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using Opened = base::Result<std::unique_ptr<ports::Terminal>>;

// A driver of the suite: something that opens terminals.
class Ground {
 public:
  virtual ~Ground() = default;
  virtual Opened open(const ports::TerminalWish& wish) = 0;
};

class FakeGround final : public Ground {
 public:
  Opened open(const ports::TerminalWish& wish) override {
    return std::unique_ptr<ports::Terminal>(std::make_unique<fake::FakeTerminal>(wish));
  }
};

class PodmanGround final : public Ground {
 public:
  PodmanGround() : key_(keys_.path()) {
    containers_ =
        std::make_unique<podman::PodmanContainers>(podman::testing::options_in(state_.path()));
    spec_ = podman::testing::small_lease({key_.public_line()});
    const auto started = containers_->start(spec_);
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    if (started) lease_ = *started;
  }
  ~PodmanGround() override {
    podman::testing::wipe_all(containers_.get());
    containers_.reset();
    EXPECT_EQ(podman::testing::leftovers(state_.path()), "");
  }
  Opened open(const ports::TerminalWish& wish) override {
    return containers_->open_terminal(spec_.lease, wish);
  }
  podman::PodmanContainers& containers() { return *containers_; }
  const std::string& lease() const { return spec_.lease; }
  // Whether a process with this in its command line is anywhere on this machine.
  static bool runs(const std::string& words) {
    return podman::run({.argv = {"pgrep", "-f", words}, .input = ""})->status == 0;
  }
  std::string in_lease(const std::string& script) {
    const std::stop_source never;
    const auto end =
        containers_->execute(spec_.lease, {{"/bin/sh", "-c", script}}, never.get_token());
    EXPECT_TRUE(end) << (end ? "" : end.error().message);
    return end ? end->output : "";
  }

 private:
  podman::testing::Directory keys_;
  podman::testing::Directory state_;
  podman::testing::LoginKey key_;
  std::unique_ptr<podman::PodmanContainers> containers_;
  ports::ContainerSpec spec_;
  ports::Container lease_;
};

// A terminal and all that it has shown.
struct Seen {
  explicit Seen(Opened opened) {
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    if (opened) terminal = *std::move(opened);
  }
  // Whether that is shown by and by, after what was asked for before.
  bool shows(const std::string& what, std::chrono::milliseconds time = 10s) {
    const auto end = steady_clock::now() + time;
    while (true) {
      if (const auto at = text.find(what, from); at != std::string::npos) {
        from = at + what.size();
        return true;
      }
      if (is_over || steady_clock::now() > end) return false;
      read();
    }
  }
  void read() {
    const auto output = terminal->read(100ms);
    text += output.bytes;
    is_over = output.is_over;
  }
  // Reads to the end.
  std::optional<int> ends(std::chrono::milliseconds time = 10s) {
    const auto end = steady_clock::now() + time;
    while (!is_over && steady_clock::now() < end) read();
    EXPECT_TRUE(is_over) << text;
    return terminal->exit_code();
  }
  void type(const std::string& line) { EXPECT_EQ(terminal->write(line), line.size()); }

  std::unique_ptr<ports::Terminal> terminal;
  std::string text;
  std::size_t from = 0;
  bool is_over = false;
};

class TerminalSuite : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string_view(GetParam()) == "fake") {
      ground_ = std::make_unique<FakeGround>();
    } else if (::geteuid() != 0) {
      GTEST_SKIP() << "containers need root; this is not root";
    } else {
      ground_ = std::make_unique<PodmanGround>();
    }
  }
  std::unique_ptr<Ground> ground_;
};

TEST_P(TerminalSuite, AShellEchoesObeysAndEnds) {
  Seen seen(ground_->open({{}, "vt100", 91, 33}));
  seen.type("echo word\r");
  EXPECT_TRUE(seen.shows("echo word\r\n")) << seen.text;
  EXPECT_TRUE(seen.shows("word\r\n")) << seen.text;
  seen.type("echo $TERM\rpwd\r");
  EXPECT_TRUE(seen.shows("vt100\r\n")) << seen.text;
  EXPECT_TRUE(seen.shows("/workspace\r\n")) << seen.text;
  EXPECT_FALSE(seen.terminal->exit_code());
  seen.type("exit 7\r");
  EXPECT_EQ(seen.ends(), 7) << seen.text;
  EXPECT_TRUE(seen.terminal->read(0ms).is_over) << "and it stays so";
  EXPECT_EQ(seen.terminal->write("x"), 1u) << "nobody reads it, nobody waits";
  seen.terminal->resize(10, 10);
  seen.terminal->end();
}

TEST_P(TerminalSuite, HasTheSizeItIsGiven) {
  Seen seen(ground_->open({{}, "xterm", 91, 33}));
  seen.type("stty size\r");
  EXPECT_TRUE(seen.shows("33 91\r\n")) << seen.text;
  seen.terminal->resize(132, 50);
  seen.type("stty size\r");
  EXPECT_TRUE(seen.shows("50 132\r\n")) << seen.text;
}

TEST_P(TerminalSuite, ACommandEndsWithItsOwnCodeAndAllItsWords) {
  Seen seven(ground_->open({{"/bin/sh", "-c", "exit 7"}}));
  EXPECT_EQ(seven.ends(), 7);
  Seen many(ground_->open({{"/bin/sh", "-c", "seq 40000"}}));
  EXPECT_EQ(many.ends(30s), 0);
  std::string all;
  for (int i = 1; i <= 40'000; ++i) all += std::to_string(i) + "\r\n";
  EXPECT_TRUE(many.text == all) << many.text.size() << " of " << all.size();
  Seen asleep(ground_->open({{"/bin/sh", "-c", "sleep 600"}}));
  std::this_thread::sleep_for(300ms);
  asleep.type("\x03");
  EXPECT_EQ(asleep.ends(), 130) << "an interrupt reaches it";
  Seen killed(ground_->open({{"/bin/sh", "-c", "sleep 600"}}));
  killed.terminal->end();
  EXPECT_EQ(killed.ends(), 137);
}

TEST_P(TerminalSuite, NobodyWaitsForAProgramThatDoesNotRead) {
  Seen seen(ground_->open({{"/bin/sh", "-c", "sleep 600"}}));
  const auto begun = steady_clock::now();
  const std::string much(1 << 20, '\n');
  std::size_t taken = 0;
  for (int i = 0; i < 10; ++i) taken += seen.terminal->write(much);
  EXPECT_LT(taken, much.size());
  EXPECT_TRUE(seen.terminal->read(50ms).bytes.size() < much.size());
  EXPECT_LT(steady_clock::now() - begun, 5s);
}

INSTANTIATE_TEST_SUITE_P(All, TerminalSuite, ::testing::Values("fake", "podman"),
                         [](const auto& info) { return std::string(info.param); });

class PodmanTerminal : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "containers need root; this is not root";
    ground_ = std::make_unique<PodmanGround>();
  }
  std::unique_ptr<PodmanGround> ground_;
};

TEST_F(PodmanTerminal, IsTheLeasesOwnWithinItsWalls) {
  Seen seen(ground_->open({{"/bin/bash", "--norc"}}));
  seen.type("id -u; tty; echo $OBELISK_WORD; echo $HOME\r");
  EXPECT_TRUE(seen.shows("\r0\r\n/dev/pts/")) << seen.text;
  EXPECT_TRUE(seen.shows("\r\na word\r\n/root\r\n")) << seen.text;
  seen.type("unshare -Ur true || echo wall\r");
  EXPECT_TRUE(seen.shows("\r\nwall\r\n")) << seen.text;
  seen.type("cat /proc/self/cgroup | grep -c obelisk-exec-\r");
  EXPECT_TRUE(seen.shows("\r1\r\n")) << seen.text;
  // Jobs and full-screen programs work: it is a session with a controlling terminal.
  seen.type("sleep 100 & jobs; kill %1; wait; echo gone\r");
  EXPECT_TRUE(seen.shows("Running")) << seen.text;
  EXPECT_TRUE(seen.shows("\r\ngone\r\n")) << seen.text;
  const auto none = ground_->open({{"/no/such/program"}});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, base::Code::not_found);
  EXPECT_NE(none.error().message.find("/no/such/program"), std::string::npos);
  EXPECT_FALSE(ground_->containers().open_terminal(podman::testing::random_lease(), {}));
  EXPECT_FALSE(ground_->open({{std::string("a\0b", 3)}}));
}

TEST_F(PodmanTerminal, NothingOfItIsLeft) {
  const std::string mark = "96" + std::to_string(::getpid()) + "74";
  {
    Seen seen(ground_->open({}));
    seen.type("setsid sleep " + mark + " & trap '' HUP TERM; sleep " + mark + "\r");
    const auto until = steady_clock::now() + 10s;
    while (!PodmanGround::runs(mark) && steady_clock::now() < until) seen.read();
    EXPECT_TRUE(PodmanGround::runs(mark));
  }
  EXPECT_FALSE(PodmanGround::runs(mark)) << "with the terminal goes what was started on it";
  {
    Seen seen(ground_->open({}));
    seen.type("setsid sleep " + mark + " & exit 3\r");
    EXPECT_EQ(seen.ends(), 3) << "what is in the background holds nobody up";
    EXPECT_FALSE(PodmanGround::runs(mark));
  }
  Seen seen(ground_->open({}));
  seen.type("sleep " + mark + "\r");
  const auto wiped = ground_->containers().wipe(ground_->lease());
  EXPECT_TRUE(wiped) << (wiped ? "" : wiped.error().message);
  EXPECT_EQ(seen.ends(), 137) << "the lease's end is its own";
  EXPECT_FALSE(PodmanGround::runs(mark));
  EXPECT_FALSE(ground_->open({}));
}

TEST_F(PodmanTerminal, TakesTheRootsShellAndNothingElseForAPty) {
  ground_->in_lease(
      "printf '#!/bin/sh\\necho own shell $1; exit 9\\n' > /usr/local/bin/own; "
      "chmod 755 /usr/local/bin/own; "
      "sed -i 's,^\\(root:.*:\\)[^:]*$,\\1/usr/local/bin/own,' /etc/passwd");
  Seen own(ground_->open({}));
  EXPECT_EQ(own.ends(), 9);
  EXPECT_EQ(own.text, "own shell -l\r\n");
  // Other file systems are not read: in procfs a file may be the machine's.
  for (const char* place : {"/dev/shm/passwd", "/proc/1/root/dev/shm/passwd"}) {
    ground_->in_lease(std::string("cp -n /etc/passwd /dev/shm/passwd; ln -sf ") + place +
                      " /etc/passwd");
    Seen elsewhere(ground_->open({}));
    elsewhere.type("exit 5\r");
    EXPECT_EQ(elsewhere.ends(), 5) << place << ": " << elsewhere.text;
  }
  ground_->in_lease("rm /etc/passwd; cp /dev/shm/passwd /etc/passwd");
  Seen again(ground_->open({}));
  EXPECT_EQ(again.ends(), 9) << again.text;
  // One that is not there: any shell is better than none.
  ground_->in_lease("rm /usr/local/bin/own");
  Seen other(ground_->open({}));
  other.type("exit 4\r");
  EXPECT_EQ(other.ends(), 4);
  ground_->in_lease("umount /dev/ptmx; rm -f /dev/ptmx; mkfifo /dev/ptmx");
  const auto begun = steady_clock::now();
  const auto none = ground_->open({});
  EXPECT_LT(steady_clock::now() - begun, 30s);
  if (none) (*none)->end();  // where its root may not take the real one away
}

}  // namespace
}  // namespace obelisk
