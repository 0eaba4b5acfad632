#include "apps/cli/next_steps.hpp"

#include <gtest/gtest.h>

#include "core/papers/receipt_testing.hpp"

namespace obelisk::cli {
namespace {

using escrow::StopHow;

LeaseAccount account_of(const papers::LeaseHistory& history) {
  return {history.address, history.program, {history.lamports}, history.lease, 1};
}

// "renter cancel", "anyone finish later".
std::vector<std::string> short_names(const papers::LeaseHistory& history, base::UnixSeconds now_s) {
  std::vector<std::string> out;
  for (const NextStep& step : next_steps(account_of(history), now_s)) {
    std::string name = step.who + " " + step.verb;
    if (step.how) name += " " + std::string(how_name(*step.how));
    if (!step.moves) name += " at " + std::to_string(step.from_s);
    out.push_back(std::move(name));
  }
  return out;
}

TEST(NextSteps, OfEveryState) {
  using Names = std::vector<std::string>;
  papers::LeaseHistory history;
  history.open();
  EXPECT_EQ(short_names(history, 1010), (Names{"renter cancel", "anyone cancel at 1061"}));
  EXPECT_EQ(short_names(history, 1061), (Names{"renter cancel", "anyone cancel"}));
  history.ready(1004);
  EXPECT_EQ(short_names(history, 2000),
            (Names{"renter stop served", "renter stop dispute", "renter attest", "host stop waive",
                   "attestor stop dark", "anyone claim", "anyone finish at 4604"}));
  EXPECT_EQ(short_names(history, 4604).back(), "anyone finish");
  history.stop(2004, StopHow::dispute);
  // A gap of 1,000 s: the attestor cannot end it, and nobody disputes twice.
  EXPECT_EQ(short_names(history, 2005), (Names{"anyone claim", "renter stop served",
                                               "host stop waive", "anyone finish at 23605"}));
  EXPECT_EQ(short_names(history, 23'605).back(), "anyone finish");
  history.finish(23'605);
  EXPECT_TRUE(short_names(history, 23'606).empty());
}

TEST(NextSteps, SayWhatMoves) {
  papers::LeaseHistory history;
  history.open();
  history.ready(1004);
  const auto steps = next_steps(account_of(history), 1004 + 1800);
  ASSERT_TRUE(steps[0].moves);
  EXPECT_EQ(steps[0].moves->host.count + steps[0].moves->fee.count, 4'928'571u);
  EXPECT_EQ(steps[1].moves->held.count, 4'928'571u);
  const auto lines = next_steps_lines(steps);
  EXPECT_EQ(lines[0], "What can be done now:");
  EXPECT_EQ(lines[1],
            "  renter: obelisk escrow stop " + history.address.to_string() + " --how served");
  EXPECT_NE(lines[2].find("0.004929 SOL"), std::string::npos) << lines[2];
  EXPECT_NE(next_steps_json(steps).find("\"how\":\"waive\""), std::string::npos);
  EXPECT_NE(lines.back().find("From 1970-01-01T01:16:44Z"), std::string::npos) << lines.back();
}

}  // namespace
}  // namespace obelisk::cli
