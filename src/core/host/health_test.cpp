#include "core/host/health.hpp"

#include <gtest/gtest.h>

namespace obelisk::host {
namespace {

CardNow well() {
  CardNow out;
  out.uuid = "GPU-1";
  out.name = "NVIDIA A40";
  out.temperature_c = 61;
  out.slowdown_c = 95;
  out.power_mw = 250'400;
  out.busy_percent = 98;
  out.memory_used_bytes = 39'400'000'000;
  out.ecc_uncorrected = 0;
  return out;
}

TEST(Health, WordsForPeople) {
  CardNow card = well();
  EXPECT_EQ(to_text(card),
            "GPU-1 NVIDIA A40: 39 GB of memory in use, 61 degrees, 250 W, 98 % busy");
  card.ecc_uncorrected = 2;
  card.repair_pending = true;
  card.is_slowed_by_heat = true;
  EXPECT_EQ(to_text(card),
            "GPU-1 NVIDIA A40: 39 GB of memory in use, 61 degrees, 250 W, 98 % busy, slowed by "
            "heat, 2 memory errors that ECC could not correct, a repair of its memory waits for a "
            "reset");
  EXPECT_EQ(to_text({"GPU-1", "NVIDIA A40"}), "GPU-1 NVIDIA A40: says nothing of itself");
  EXPECT_EQ(to_text({"GPU-1", "NVIDIA A40", true}), "GPU-1 NVIDIA A40: does not answer any more");
}

TEST(Health, FiguresForPrograms) {
  EXPECT_EQ(to_json(well()),
            R"({"uuid":"GPU-1","part_of":null,"name":"NVIDIA A40","lost":false,"temperature_c":61,)"
            R"("slowdown_c":95,"slowed_by_heat":null,"power_mw":250400,"busy_percent":98,)"
            R"("memory_used_bytes":39400000000,"ecc_uncorrected":0,"ecc_corrected":null,)"
            R"("repair_pending":null,"repair_failed":null})");
}

TEST(Health, TheGravestIsTheFinding) {
  CardNow second = well();
  second.uuid = "GPU-2";
  second.temperature_c = 40;
  const auto good = judge_health({well(), second});
  EXPECT_EQ(good, (Finding{"health", Level::ok, "61 degrees at most, 501 W in all.", ""}));
  EXPECT_EQ(judge_health({well()})->text, "61 degrees, 250 W.");

  CardNow hot = well();
  hot.temperature_c = 95;
  EXPECT_EQ(judge_health({well(), hot})->level, Level::warning);
  EXPECT_EQ(judge_health({hot})->text, "NVIDIA A40 (GPU-1) is slowed by heat: 95 degrees.");

  CardNow worn = well();
  worn.ecc_uncorrected = 1;
  EXPECT_EQ(judge_health({worn})->text,
            "NVIDIA A40 (GPU-1): 1 memory error that ECC could not correct.");
  EXPECT_NE(judge_health({worn})->fix.find("--gpu-reset -i GPU-1"), std::string::npos);

  CardNow broken = well();
  broken.repair_failed = true;
  EXPECT_EQ(judge_health({hot, worn, broken})->level, Level::error);
  EXPECT_EQ(judge_health({well(), {"GPU-2", "NVIDIA A40", true}})->level, Level::error);
}

// Three instances do not draw three times the power of their card.
TEST(Health, OfInstancesTheCardCountsOnce) {
  CardNow part = well();
  part.uuid = "MIG-1";
  part.parent_uuid = "GPU-1";
  CardNow other = part;
  other.uuid = "MIG-2";
  EXPECT_EQ(judge_health({part, other})->text, "61 degrees, 250 W.");
  EXPECT_EQ(to_text(part),
            "MIG-1 NVIDIA A40: 39 GB of memory in use, the whole card: 61 degrees, 250 W, 98 % "
            "busy");
  EXPECT_NE(to_json(part).find(R"("part_of":"GPU-1")"), std::string::npos);
  part.ecc_uncorrected = 1;
  EXPECT_NE(judge_health({part})->fix.find("-i GPU-1"), std::string::npos);
}

TEST(Health, WhereNothingIsKnownNothingIsSaid) {
  EXPECT_FALSE(judge_health({}));
  EXPECT_FALSE(judge_health({{"GPU-1", "NVIDIA A40"}}));
}

}  // namespace
}  // namespace obelisk::host
