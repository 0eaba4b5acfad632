// The parts of a terminal that need no container: which shell, and how one hears of an orphan's
// end.
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <functional>

#include "adapters/podman/files.hpp"
#include "adapters/podman/login_shell.hpp"
#include "adapters/podman/reaper.hpp"
#include "adapters/podman/testing.hpp"

namespace obelisk::podman {
namespace {

TEST(LoginShell, IsTheRootUsers) {
  EXPECT_EQ(shell_in("daemon:x:1:1:d:/:/bin/d\nroot:x:0:0:root:/root:/bin/bash\n"), "/bin/bash");
  EXPECT_EQ(shell_in("toor:x:0:0::/:/bin/zsh\nroot:x:0:0::/root:/bin/bash"), "/bin/zsh");
  for (const char* none :
       {"", "\n\n", "root", "root:x:0:0:root:/root", "root:x:0:0:root:/root:", "a:x:10:0:::/bin/sh",
        "root:x:0:0::/:/usr/sbin/nologin", "root:x:0:0::/:/bin/false", "root:x:0:0::/:bash"}) {
    EXPECT_EQ(shell_in(none), "") << none;
  }
  EXPECT_EQ(login_shell(::getpid()).front(), '/');
  EXPECT_EQ(login_shell(1 << 30), "/bin/sh");
}

// Whatever has ended by then.
bool hears(Reaper& reaper, const std::function<bool()>& all) {
  for (int i = 0; i < 100 && !all(); ++i) {
    pollfd polled{reaper.news(), POLLIN, 0};
    ::poll(&polled, 1, 100);
    reaper.look();
  }
  return all();
}

TEST(Reaper, HearsHowAnOrphanEnded) {
  const testing::Directory folder;
  auto reaper = Reaper::start(
      {"/bin/sh", {"sh", "-c", "(sleep 0.1; exit 7) & echo said >&2; exit 3"}, folder.path()});
  ASSERT_TRUE(reaper);
  EXPECT_TRUE(hears(*reaper, [&] { return reaper->starter_status() == 3; }));
  EXPECT_TRUE(hears(*reaper, [&] { return reaper->status() == 7; }));
  EXPECT_TRUE(hears(*reaper, [&] { return reaper->is_over(); }));
  EXPECT_EQ(*read_file(folder.path() + "/errors"), "said\n");
  auto killed = Reaper::start({"/bin/sh",
                               {"sh", "-c",
                                "(kill -9 $BASHPID; kill -9 $(exec sh -c "
                                "'echo $PPID')) & exit 0"},
                               folder.path()});
  ASSERT_TRUE(killed);
  EXPECT_TRUE(hears(*killed, [&] { return killed->status() == 137; }));
  auto none = Reaper::start({"/no/such/program", {"x"}, folder.path()});
  ASSERT_TRUE(none);
  EXPECT_TRUE(hears(*none, [&] { return none->starter_status() == 127; }));
  EXPECT_FALSE(none->status());
}

TEST(Reaper, WaitsForNothingThatIsStillThere) {
  const testing::Directory folder;
  const auto begun = std::chrono::steady_clock::now();
  {
    auto reaper = Reaper::start({"/bin/sleep", {"sleep", "60"}, folder.path()});
    ASSERT_TRUE(reaper);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

}  // namespace
}  // namespace obelisk::podman
