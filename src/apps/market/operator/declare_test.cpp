#include <gtest/gtest.h>

#include "apps/market/command_line.hpp"
#include "apps/market/testing.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::market_app::operators {
namespace {

using testing::key;

base::Result<Command> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "obelisk-market");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  const auto nothing = [](const char*) { return std::optional<std::string>{}; };
  return parse_command_line(static_cast<int>(pointers.size()), pointers.data(), nothing);
}

template <class T>
T as(const std::vector<std::string>& words) {
  const auto command = parse(words);
  if (!command.ok() || !std::holds_alternative<Request>(*command) ||
      !std::holds_alternative<T>(std::get<Request>(*command))) {
    ADD_FAILURE() << words[0] << (command.ok() ? "" : ": " + command.error().message);
    return {};
  }
  return std::get<T>(std::get<Request>(*command));
}

TEST(OperatorLine, TermsNamesOnlyWhatIsToChange) {
  const std::string program = key(1).to_string();
  const auto shown =
      as<TermsRequest>({"terms", "--program", program, "--operator", key(2).to_string(), "--json"});
  EXPECT_FALSE(shown.news.any());
  EXPECT_TRUE(shown.json);
  EXPECT_EQ(shown.ground.market, settlement::market_address(key(1), key(2)).address);
  const auto changed =
      as<TermsRequest>({"terms", "--program", program, "--operator-keypair", "op.json", "--fee-bps",
                        "300", "--treasury", key(3).to_string()});
  EXPECT_EQ(changed.operator_keypair, "op.json");
  EXPECT_EQ(changed.news.fee_bps, 300);
  EXPECT_EQ(changed.news.treasury, key(3));
  EXPECT_FALSE(changed.news.paused || changed.news.gap_limit_s || changed.news.attestor);
  EXPECT_EQ(parse({"terms"}).error().code, base::Code::usage) << "of which program?";
}

TEST(OperatorLine, PauseAndRotateAreChangesOfOneTerm) {
  const std::string program = key(1).to_string();
  const auto paused =
      as<TermsRequest>({"pause", "--program", program, "--operator-keypair", "op.json"});
  EXPECT_EQ(paused.verb, "pause");
  EXPECT_EQ(paused.news.paused, true);
  EXPECT_EQ(as<TermsRequest>({"pause", "--lift", "--program", program}).news.paused, false);
  const auto rotated =
      as<TermsRequest>({"rotate-attestor", "--new-keypair", "new.json", "--program", program});
  EXPECT_EQ(rotated.new_keypair, "new.json");
  EXPECT_EQ(std::get<Finished>(*parse({"rotate-attestor", "--program", program})).exit_code, 2);
}

TEST(OperatorLine, RefuseTakesAnAddressOrTheList) {
  const auto refused =
      as<RefuseRequest>({"refuse", key(5).to_string(), "--why", "words", "--state", "s"});
  EXPECT_EQ(refused.address, key(5));
  EXPECT_EQ(refused.why, "words");
  EXPECT_EQ(refused.ground.state_dir, "s");
  EXPECT_TRUE(as<RefuseRequest>({"refuse", key(5).to_string(), "--lift"}).lift);
  EXPECT_FALSE(as<RefuseRequest>({"refuse", "--list"}).address.has_value());
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"refuse"},
                                                {"refuse", "nobody"},
                                                {"refuse", key(5).to_string(), "--list"}}) {
    EXPECT_EQ(parse(wrong).error().code, base::Code::usage);
  }
}

TEST(OperatorLine, TheOthersSayWhereAndWhat) {
  EXPECT_EQ(as<BackupRequest>({"backup", "--to", "f", "--state", "s"}).to, "f");
  const auto restored = as<RestoreRequest>({"restore", "--from", "f", "--force", "--json"});
  EXPECT_TRUE(restored.force && restored.json);
  EXPECT_EQ(restored.from, "f");
  const auto audit = as<TrailRequest>({"audit", "--limit", "7", "--before", "40"});
  EXPECT_EQ(audit.limit, 7U);
  EXPECT_EQ(audit.before, 40U);
  EXPECT_FALSE(audit.reports);
  EXPECT_TRUE(as<TrailRequest>({"reports"}).reports);
  EXPECT_EQ(std::get<Finished>(*parse({"audit", "--limit", "0"})).exit_code, 2);
  const auto made = as<InitRequest>({"init", "--dir", "d", "--program", key(1).to_string()});
  EXPECT_EQ(made.folder, "d");
  EXPECT_EQ(made.program, key(1));
}

}  // namespace
}  // namespace obelisk::market_app::operators
