#include "core/host/judge.hpp"

#include <gtest/gtest.h>

namespace obelisk::host {
namespace {

DriverFacts with(std::vector<CardFacts> cards) {
  DriverFacts out;
  out.version = "580.65.06";
  out.cuda_version = 13'000;
  out.cards = std::move(cards);
  return out;
}

CardFacts card(const char* id = "rtx-4090") {
  return {"NVIDIA GeForce RTX 4090", id, true, false, 0};
}

TEST(JudgeDriver, ACutCardIsSaid) {
  CardFacts cut = card();
  cut.is_cut = true;
  const auto level_of = [](const DriverFacts& facts) { return judge_driver(facts).back().level; };
  EXPECT_EQ(level_of(with({cut})), Level::error);
  EXPECT_EQ(level_of(with({card(), cut})), Level::warning);
  EXPECT_NE(judge_driver(with({cut})).back().text.find("MIG"), std::string::npos);
}

TEST(Judge, AGoodMachineHasNothingToMend) {
  auto findings = judge_driver(with({card(), card()}));
  findings.push_back(judge_cgroups(Cgroups::hybrid));
  findings.push_back(judge_clock(-1'999));
  findings.push_back(judge_wallet("W", kLeastWalletLamports));
  findings.push_back(judge_disk_speed(2'000'000'000));
  EXPECT_EQ(worst(findings), Level::ok);
  for (const Finding& finding : findings) EXPECT_EQ(finding.fix, "") << finding.id;
  EXPECT_EQ(findings[2].text, "2 x rtx-4090.");
}

TEST(Judge, ADriverThatDoesNotAnswerIsTheOnlyWordOnCards) {
  DriverFacts facts;
  facts.problem = "NVML does not start: driver/library version mismatch.";
  facts.fix = "Restart the machine.";
  EXPECT_EQ(judge_driver(facts),
            (std::vector<Finding>{{"driver", Level::error, facts.problem, facts.fix}}));
}

TEST(Judge, WithoutAGpuTheOwnerHasToSaySo) {
  DriverFacts facts;
  EXPECT_EQ(worst(judge_driver(facts)), Level::error);
  facts.allow_cpu = true;
  EXPECT_EQ(worst(judge_driver(facts)), Level::ok);
}

TEST(Judge, CardsThatCannotBeOfferedSaySo) {
  EXPECT_EQ(judge_driver(with({card("")})).back().level, Level::error);
  auto lies = card();
  lies.is_plausible = false;
  EXPECT_EQ(judge_driver(with({lies})).back().level, Level::error);
  const auto mixed = judge_driver(with({card(), card("a40"), card()})).back();
  EXPECT_EQ(mixed.level, Level::warning);
  EXPECT_NE(mixed.text.find("2 x rtx-4090"), std::string::npos);
  auto busy = card();
  busy.processes = 3;
  EXPECT_EQ(judge_driver(with({card(), busy})).back().level, Level::warning);
}

TEST(Judge, AnOldDriverIsAWarning) {
  auto facts = with({card()});
  facts.cuda_version = 12'040;
  EXPECT_EQ(judge_driver(facts)[1].level, Level::warning);
  EXPECT_NE(judge_driver(facts)[1].text.find("12.4"), std::string::npos);
  facts.cuda_version = 0;
  EXPECT_EQ(judge_driver(facts)[1].level, Level::warning);
}

TEST(Judge, BoundsAreWhereTheyAreSaid) {
  EXPECT_EQ(judge_clock(2'001).level, Level::warning);
  EXPECT_EQ(judge_clock(-30'000).level, Level::warning);
  EXPECT_EQ(judge_clock(-30'001).level, Level::error);
  EXPECT_EQ(judge_clock({}).level, Level::warning);
  EXPECT_EQ(judge_wallet("W", kLeastWalletLamports - 1).level, Level::error);
  EXPECT_NE(judge_wallet("W", 0).fix.find("to W."), std::string::npos);
  EXPECT_EQ(judge_wallet("W", {}).level, Level::warning);
  EXPECT_EQ(judge_disk_speed(149'999'999).level, Level::warning);
  EXPECT_EQ(judge_disk_speed({}).level, Level::warning);
  EXPECT_EQ(judge_cgroups(Cgroups::v2).level, Level::warning);
  EXPECT_EQ(judge_cgroups(Cgroups::none).level, Level::error);
}

TEST(Finding, IsForPeopleAndForPrograms) {
  const std::vector<Finding> findings{{"key", Level::ok, "Fine.", ""},
                                      {"image", Level::error, "None.", "Make \"one\"."}};
  EXPECT_EQ(to_lines(findings),
            (std::vector<std::string>{"ok  key         Fine.", "x   image       None.",
                                      "                Make \"one\"."}));
  EXPECT_EQ(to_json(findings),
            R"({"findings":[{"fix":"","id":"key","level":"ok","text":"Fine."},)"
            R"({"fix":"Make \"one\".","id":"image","level":"error","text":"None."}],)"
            R"("level":"error"})");
  EXPECT_EQ(worst({}), Level::ok);
}

}  // namespace
}  // namespace obelisk::host
