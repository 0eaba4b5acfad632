#include "apps/host/cards_now.hpp"

#include <gtest/gtest.h>

#include <map>

namespace obelisk::host {
namespace {

class ReadCards final : public ports::CardMonitor {
 public:
  base::Result<ports::CardReading> read(const std::string& uuid) override {
    if (const auto found = readings.find(uuid); found != readings.end()) return found->second;
    return base::Error{base::Code::missing_dependency, "no", "no"};
  }
  base::Result<std::vector<ports::CardEvent>> wait(std::chrono::milliseconds) override {
    return std::vector<ports::CardEvent>{};
  }
  std::map<std::string, ports::CardReading> readings;
};

ports::Gpu gpu(const char* uuid) {
  ports::Gpu out;
  out.uuid = uuid;
  out.name = "NVIDIA A40";
  return out;
}

TEST(CardsNow, EveryCardThatComputesIsThere) {
  ReadCards monitor;
  monitor.readings["GPU-1"].temperature_c = 60;
  monitor.readings["GPU-1"].slowed = ports::CardSlowed{true, false, false};
  monitor.readings["GPU-2"].is_lost = true;
  ports::Gpu cut = gpu("GPU-3");
  cut.is_cut = true;
  const auto now = look_at_cards({gpu("GPU-1"), gpu("GPU-2"), cut, gpu("MIG-4")}, monitor);
  ASSERT_EQ(now.size(), 3u);
  EXPECT_EQ(now[0].temperature_c, 60u);
  EXPECT_EQ(now[0].is_slowed_by_heat, false);
  EXPECT_TRUE(now[1].is_lost);
  EXPECT_EQ(now[2].uuid, "MIG-4");
  EXPECT_FALSE(now[2].is_lost) << "what was not read is not lost";
}

TEST(CardsNow, TroubleSeesWhatTheDriverSaid) {
  ports::CardReading reading;
  reading.temperature_c = 91;
  reading.slowdown_c = 90;
  reading.ecc_uncorrected = 3;
  TroubleWatch watch({"GPU-1"});
  Seen seen;
  seen.cards = {seen_card("GPU-1", reading)};
  seen.xids = seen_xids({{"GPU-1", ports::CardEvent::Kind::xid, 79},
                         {"GPU-1", ports::CardEvent::Kind::ecc_uncorrected, 0}});
  const auto told = watch.look(seen, 1'000'000);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].kind, TroubleKind::xid);
  EXPECT_EQ(told[1].kind, TroubleKind::hot);
}

}  // namespace
}  // namespace obelisk::host
