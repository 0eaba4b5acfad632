#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "adapters/crash/crash_point.hpp"
#include "adapters/crash/crashing_containers.hpp"
#include "ports/containers_testing.hpp"

namespace obelisk::crash {
namespace {

std::unique_ptr<CrashPoint> point(const CrashAt& where, const std::string& log = {}) {
  auto opened = CrashPoint::open(where, log);
  EXPECT_TRUE(opened);
  return std::move(opened).value();
}

// Says aloud what it does, so that a test sees what was not done any more.
class LoudContainers final : public ports::testing::NoContainers {
 public:
  base::Result<ports::Container> start(const ports::ContainerSpec&) override {
    std::fprintf(stderr, "started\n");
    return ports::Container{};
  }
};

TEST(CrashAt, IsANumberOrTheNumberOfAName) {
  EXPECT_EQ(*parse_crash_at(""), (CrashAt{0, ""}));
  EXPECT_EQ(*parse_crash_at("17"), (CrashAt{17, ""}));
  EXPECT_EQ(*parse_crash_at("store.apply:3"), (CrashAt{3, "store.apply"}));
  for (const char* wrong : {"0", "-1", "1x", "x", "a:", ":1", "a:0", "18446744073709551616"}) {
    const auto parsed = parse_crash_at(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, base::Code::usage);
  }
}

TEST(CrashPoint, OnlyCountsWhereNoneIsChosen) {
  const auto counting = point({});
  for (int i = 0; i < 100; ++i) counting->hit("a");
  EXPECT_EQ(counting->count(), 100u);
}

TEST(CrashPointDeathTest, EndsAtTheChosenOneAndSaysWhich) {
  const auto run = [] {
    const auto third = point({3, ""});
    for (const char* name : {"a", "b", "c", "d"}) third->hit(name);
  };
  EXPECT_EXIT(run(), testing::KilledBySignal(SIGABRT), "^crash point 3: c\n$");
}

TEST(CrashPointDeathTest, CountsTheChosenNameAlone) {
  const auto run = [] {
    const auto second = point({2, "store.apply"});
    for (const char* name : {"store.apply", "chain.now", "chain.now", "store.apply"}) {
      second->hit(name);
    }
  };
  EXPECT_EXIT(run(), testing::KilledBySignal(SIGABRT), "^crash point 4: store.apply\n$");
}

TEST(CrashPointDeathTest, TheChosenOperationIsNotDone) {
  const auto run = [] {
    const auto second = point({2, ""});
    CrashingContainers containers(std::make_unique<LoudContainers>(), *second);
    (void)containers.check();
    (void)containers.start({});
  };
  EXPECT_EXIT(run(), testing::KilledBySignal(SIGABRT), "^crash point 2: containers.start\n$");
}

TEST(CrashPointDeathTest, NobodyPassesTheChosenOne) {
  const auto run = [] {
    const auto tenth = point({10, ""});
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&tenth] {
        for (int n = 0; n < 10'000; ++n) {
          tenth->hit("a");
          if (tenth->count() > 10) std::fprintf(stderr, "passed\n");
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  };
  EXPECT_EXIT(run(), testing::KilledBySignal(SIGABRT), "^crash point 10: a\n$");
}

TEST(CrashPoint, LogsNumbersAndNames) {
  char name[] = "/tmp/obelisk-crash-XXXXXX";
  const int file = mkstemp(name);
  ASSERT_GE(file, 0);
  {
    const auto logging = point({}, name);
    logging->hit("store.apply");
    logging->hit("chain.send");
  }
  char text[64] = {};
  EXPECT_EQ(::read(file, text, sizeof text - 1), 27);
  EXPECT_STREQ(text, "1 store.apply\n2 chain.send\n");
  ::close(file);
  std::filesystem::remove(name);
}

TEST(CrashPoint, SaysThatItsLogCannotBeWritten) {
  const auto opened = CrashPoint::open({}, "/nowhere/log");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Code::usage);
}

}  // namespace
}  // namespace obelisk::crash
