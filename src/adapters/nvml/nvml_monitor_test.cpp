// What cards do, and what their driver reports, through the functions of a shared library.
#include "adapters/nvml/nvml_monitor.hpp"

#include <thread>

#include "adapters/nvml/testing.hpp"

namespace obelisk::nvml {
namespace {

using namespace std::chrono_literals;

constexpr const char* kCard =
    "card name=\"NVIDIA H100 80GB HBM3\" memory_mib=81559 uuid=GPU-1 temperature_c=61 "
    "slowdown_c=87 draw_mw=350000 busy=98 memory_busy=40 sm_now_mhz=1980 memory_now_mhz=2619 "
    "reasons=4 ecc=1 ecc_uncorrected=0 ecc_corrected=3 rows_pending=0 rows_failed=0 "
    "used_mib=40000";

class Monitor : public Scripted {
 protected:
  ports::CardReading read(const std::string& uuid = "GPU-1") {
    const auto got = monitor_.read(uuid);
    EXPECT_TRUE(got.ok()) << (got ? "" : got.error().message);
    return got ? *got : ports::CardReading{};
  }

  NvmlMonitor monitor_{{.library = NVML_SCRIPTED, .log = {}}};
};

TEST_F(Monitor, ReadsACardWhole) {
  script(kCard);
  const auto now = read();
  EXPECT_FALSE(now.is_lost);
  EXPECT_EQ(now.busy_percent, 98u);
  EXPECT_EQ(now.memory_busy_percent, 40u);
  EXPECT_EQ(now.memory_used_bytes, 40000ULL << 20);
  EXPECT_EQ(now.temperature_c, 61u);
  EXPECT_EQ(now.slowdown_c, 87u);
  EXPECT_EQ(now.power_mw, 350'000u);
  EXPECT_EQ(now.sm_mhz, 1980u);
  EXPECT_EQ(now.memory_mhz, 2619u);
  EXPECT_EQ(now.slowed, (ports::CardSlowed{.by_power_limit = true}));
  EXPECT_EQ(now.ecc_on, true);
  EXPECT_EQ(now.ecc_uncorrected, 0u);
  EXPECT_EQ(now.ecc_corrected, 3u);
  EXPECT_EQ(now.repair_pending, false);
  EXPECT_EQ(now.repair_failed, false);
}

// A GeForce has no ECC counters and remaps nothing.
TEST_F(Monitor, WhatACardDoesNotHaveIsAFigureLess) {
  script("card name=\"NVIDIA GeForce RTX 4090\" memory_mib=24564 uuid=GPU-1 temperature_c=40\n");
  const auto now = read();
  EXPECT_FALSE(now.is_lost);
  EXPECT_EQ(now.temperature_c, 40u);
  EXPECT_EQ(now.memory_used_bytes, 0u);
  EXPECT_FALSE(now.busy_percent.has_value());
  EXPECT_FALSE(now.slowed.has_value());
  EXPECT_FALSE(now.ecc_on.has_value());
  EXPECT_FALSE(now.ecc_uncorrected.has_value());
  EXPECT_FALSE(now.repair_pending.has_value());
}

TEST_F(Monitor, AnOldDriverMeansFewerFigures) {
  script(kCard);
  NvmlMonitor old({.library = NVML_MINIMAL, .log = {}});
  const auto now = old.read("GPU-1");
  ASSERT_TRUE(now.ok());
  EXPECT_FALSE(now->is_lost);
  EXPECT_EQ(now->memory_used_bytes, 40000ULL << 20);
  EXPECT_FALSE(now->temperature_c.has_value());
  EXPECT_TRUE(old.read("GPU-2")->is_lost);
  const auto events = old.wait(0ms);
  ASSERT_FALSE(events.ok());
  EXPECT_EQ(events.error().code, base::Code::unsupported);
}

TEST_F(Monitor, FiguresThatNoCardCanHaveAreLeftOut) {
  script(
      "card name=\"NVIDIA A40\" memory_mib=46068 uuid=GPU-1 temperature_c=4000 slowdown_c=0 "
      "draw_mw=4000000000 busy=250 memory_busy=101 sm_now_mhz=4294967295 ecc=7 "
      "ecc_uncorrected=18446744073709551615 pages_pending=9 used_mib=99999999\n");
  const auto now = read();
  EXPECT_FALSE(now.is_lost);
  EXPECT_FALSE(now.temperature_c.has_value());
  EXPECT_FALSE(now.slowdown_c.has_value());
  EXPECT_FALSE(now.power_mw.has_value());
  EXPECT_FALSE(now.busy_percent.has_value());
  EXPECT_FALSE(now.memory_busy_percent.has_value());
  EXPECT_FALSE(now.sm_mhz.has_value());
  EXPECT_FALSE(now.ecc_on.has_value());
  EXPECT_FALSE(now.ecc_uncorrected.has_value());
  EXPECT_FALSE(now.repair_pending.has_value());
  EXPECT_FALSE(now.memory_used_bytes.has_value());
}

TEST_F(Monitor, ACardThatHeatsUpAndSlowsDown) {
  script(
      "card name=\"NVIDIA A40\" memory_mib=1 uuid=GPU-1 temperature_c=60,80,95 reasons=0,4,72\n");
  EXPECT_EQ(read().temperature_c, 60u);
  EXPECT_EQ(read().slowed, (ports::CardSlowed{.by_power_limit = true}));
  const auto hot = read();
  EXPECT_EQ(hot.temperature_c, 95u);
  EXPECT_EQ(hot.slowed, (ports::CardSlowed{.by_heat = true}));
  EXPECT_EQ(read().temperature_c, 95u) << "the last value stays";
}

TEST_F(Monitor, ARampGoesWithTime) {
  script("card name=\"NVIDIA A40\" memory_mib=1 uuid=GPU-1 temperature_c=40..90/3600\n");
  EXPECT_EQ(read().temperature_c, 40u);
}

TEST_F(Monitor, EccErrorsRiseAndARepairIsDue) {
  script(
      "card name=\"NVIDIA A40\" memory_mib=1 uuid=GPU-1 ecc=1 ecc_uncorrected=0,0,2 "
      "rows_pending=0,0,1 pages_pending=0\n");
  EXPECT_EQ(read().ecc_uncorrected, 0u);
  EXPECT_EQ(read().repair_pending, false);
  EXPECT_EQ(read().ecc_uncorrected, 2u);
  EXPECT_EQ(read().repair_pending, true);
}

TEST_F(Monitor, OnlyOneOfTwoCardsIsPulledOut) {
  script(std::string(kCard) + " lost=0,0,1\n" +
         "card name=\"NVIDIA H100 80GB HBM3\" memory_mib=81559 uuid=GPU-2\n");
  EXPECT_FALSE(read().is_lost);
  EXPECT_FALSE(read().is_lost);
  const auto gone = read();
  EXPECT_TRUE(gone.is_lost);
  EXPECT_FALSE(gone.temperature_c.has_value());
  EXPECT_FALSE(read("GPU-2").is_lost);
}

TEST_F(Monitor, ACardThatLeavesTheMachineAndComesBack) {
  script(kCard);
  EXPECT_FALSE(read().is_lost);
  script("driver 550.54.15\n");
  EXPECT_TRUE(read().is_lost);
  script(kCard);
  EXPECT_FALSE(read().is_lost);
}

TEST_F(Monitor, ALostCardIsNotAMissingFigure) {
  script(std::string(kCard) + "\nfail nvmlDeviceGetTemperature 15\n");
  EXPECT_TRUE(read().is_lost);
  script(std::string(kCard) + "\nfail nvmlDeviceGetTemperature 999\n");
  EXPECT_FALSE(read().is_lost);
  EXPECT_FALSE(read().temperature_c.has_value());
}

TEST_F(Monitor, ADriverThatIsGoneIsAnErrorAndNoLostCard) {
  script(std::string(kCard) + "\nfail nvmlDeviceGetHandleByUUID 9\n");
  const auto got = monitor_.read("GPU-1");
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, base::Code::missing_dependency);
  script(kCard);
  EXPECT_FALSE(read().is_lost) << "it begins anew";
}

TEST_F(Monitor, WhatIsNoNameIsNotAskedFor) {
  script(kCard);
  EXPECT_EQ(monitor_.read("all").error().code, base::Code::invalid_input);
  EXPECT_EQ(monitor_.read("GPU-1;rm").error().code, base::Code::invalid_input);
}

TEST_F(Monitor, XidsComeWithTheCardTheyAreOf) {
  script(std::string(kCard) +
         "\ncard name=\"NVIDIA A40\" memory_mib=1 uuid=GPU-2\n"
         "event card=1 xid=31\nevent card=0 xid=79\nevent card=0 ecc=1\n");
  const auto events = monitor_.wait(2s);
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 3u) << "what is held back comes at once";
  EXPECT_EQ((*events)[0].uuid, "GPU-2");
  EXPECT_EQ((*events)[0].xid, 31u);
  EXPECT_EQ((*events)[1].uuid, "GPU-1");
  EXPECT_EQ((*events)[1].xid, 79u);
  EXPECT_EQ((*events)[2].kind, ports::CardEvent::Kind::ecc_uncorrected);
  EXPECT_TRUE(monitor_.wait(0ms)->empty()) << "each once";
}

TEST_F(Monitor, ACardThatFellOffTheBusIsStillNamed) {
  script(kCard);
  EXPECT_TRUE(monitor_.wait(0ms)->empty());
  script(std::string(kCard) + " lost=1\nevent card=0 xid=79\n");
  const auto events = monitor_.wait(2s);
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 1u);
  EXPECT_EQ((*events)[0].uuid, "GPU-1");
}

TEST_F(Monitor, EventsOfNobodyAndOfNoKindAreLeftOut) {
  script(std::string(kCard) + "\nevent card=40 xid=79\nevent card=0 xid=99999999\n");
  EXPECT_TRUE(monitor_.wait(20ms)->empty());
}

TEST_F(Monitor, AWaitEndsWithinItsTime) {
  script(std::string(kCard) + "\nevent card=0 xid=79 after_ms=3600000\n");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(monitor_.wait(20ms)->empty());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

// What a host does: one thread waits, another reads, and both end.
TEST_F(Monitor, ReadsWhileAnotherThreadWaits) {
  script(std::string(kCard) + "\nevent card=0 xid=43 after_ms=30\n");
  std::vector<ports::CardEvent> seen;
  {
    std::jthread waiting([&](const std::stop_token& stop) {
      while (!stop.stop_requested() && seen.empty()) {
        const auto events = monitor_.wait(10ms);
        if (events) seen.insert(seen.end(), events->begin(), events->end());
      }
    });
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(read().is_lost);
    waiting.join();
  }
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].xid, 43u);
}

TEST_F(Monitor, ACardThatComesLaterIsListenedTo) {
  script(kCard);
  EXPECT_TRUE(monitor_.wait(0ms)->empty());
  script(std::string(kCard) +
         "\ncard name=\"NVIDIA A40\" memory_mib=1 uuid=GPU-2\nevent card=1 xid=48\n");
  const auto events = monitor_.wait(2s);
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 1u);
  EXPECT_EQ((*events)[0].uuid, "GPU-2");
}

TEST_F(Monitor, ADriverThatReportsNothingSaysSoForGood) {
  script(std::string(kCard) + "\nfail nvmlDeviceRegisterEvents 3\n");
  EXPECT_EQ(monitor_.wait(0ms).error().code, base::Code::unsupported);
  script(std::string(kCard) + "\nfail nvmlEventSetCreate 3\n");
  EXPECT_EQ(monitor_.wait(0ms).error().code, base::Code::unsupported);
  NvmlMonitor none({.library = "libobelisk-is-not-there.so.1", .log = {}});
  EXPECT_EQ(none.wait(0ms).error().code, base::Code::unsupported);
}

// A card that does not answer now may report later.
TEST_F(Monitor, NobodyToListenToIsNotForGood) {
  script("driver 550.54.15\n");
  EXPECT_EQ(monitor_.wait(0ms).error().code, base::Code::not_found);
  script(std::string(kCard) + " lost=1\n");
  EXPECT_EQ(monitor_.wait(0ms).error().code, base::Code::not_found);
  script(kCard);
  EXPECT_TRUE(monitor_.wait(0ms).ok());
}

TEST_F(Monitor, AfterAFailureItListensAnew) {
  script(std::string(kCard) + "\nfail nvmlEventSetWait_v2 15\n");
  EXPECT_EQ(monitor_.wait(0ms).error().code, base::Code::missing_dependency);
  script(std::string(kCard) + "\nfail nvmlEventSetWait_v2 999\n");
  EXPECT_EQ(monitor_.wait(0ms).error().code, base::Code::missing_dependency);
  script(std::string(kCard) + "\nevent card=0 xid=13\n");
  EXPECT_EQ(monitor_.wait(2s)->size(), 1u);
}

}  // namespace
}  // namespace obelisk::nvml
