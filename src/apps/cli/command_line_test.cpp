#include "apps/cli/command_line.hpp"

#include <gtest/gtest.h>

namespace obelisk::cli {
namespace {

using Words = std::vector<std::string>;

TEST(CommandLine, KnowsEveryVerbOfTheContract) {
  for (const Words& words :
       {Words{"wallet", "new"},
        Words{"wallet", "show"},
        Words{"wallet", "airdrop", "2"},
        Words{"cards"},
        Words{"offers", "--card", "a40", "--count", "2"},
        Words{"offers", "--fields"},
        Words{"offers", "vram>=24GB", "price<=1.50", "--sort", "-price", "--limit", "5"},
        Words{"offers", "not simulated"},
        Words{"quote", "a40", "--hours", "1"},
        Words{"rent", "a40", "--minutes", "5", "--yes"},
        Words{"ls"},
        Words{"login", "--days", "3", "--label", "x"},
        Words{"logout"},
        Words{"logout", "abc"},
        Words{"sessions"},
        Words{"show", "X"},
        Words{"ssh", "X"},
        Words{"open", "X", "8888"},
        Words{"open", "X", "8888", "--for", "1h", "--print"},
        Words{"open", "X", "8888", "--public"},
        Words{"extend", "X", "--hours", "1"},
        Words{"stop", "X", "--yes"},
        Words{"receipt", "X"},
        Words{"report", "X", "--reason", "fraud", "--text", "words", "--lease", "X"},
        Words{"escrow", "show", "X"},
        Words{"escrow", "cancel", "X"},
        Words{"escrow", "claim", "X"},
        Words{"escrow", "attest", "X"},
        Words{"escrow", "stop", "X", "--how", "1"},
        Words{"escrow", "finish", "X"}}) {
    const auto line = read_command_line(words);
    ASSERT_TRUE(line) << words[0] << ": " << line.error().message;
    EXPECT_TRUE(line->verb) << words[0];
  }
}

TEST(CommandLine, EveryVerbHasHelpWithAnExample) {
  for (const Words& words : {Words{"cards", "--help"}, Words{"rent", "--help"}, Words{"stop", "-h"},
                             Words{"escrow", "claim", "--help"}}) {
    const auto line = read_command_line(words);
    ASSERT_TRUE(line) << words[0];
    EXPECT_FALSE(line->verb);
    EXPECT_NE(line->text.find("Examples:"), std::string::npos) << line->text;
  }
  EXPECT_EQ(read_command_line({"--version"})->text, std::string("obelisk ") + OBELISK_VERSION);
}

TEST(CommandLine, CommonFlagsStandAnywhere) {
  for (const Words& words : {Words{"--json", "--rpc-url", "http://x", "cards"},
                             Words{"cards", "--json", "--rpc-url", "http://x"},
                             Words{"escrow", "show", "X", "--rpc-url", "http://x", "--json"}}) {
    const auto line = read_command_line(words);
    ASSERT_TRUE(line) << line.error().message;
    EXPECT_TRUE(line->flags.json);
    EXPECT_EQ(line->flags.rpc_url, "http://x");
  }
}

TEST(CommandLine, NonsenseIsAUsageError) {
  for (const Words& words :
       {Words{"frob"}, Words{"wallet"}, Words{"cards", "--no-such"}, Words{"stop"},
        Words{"escrow", "stop", "X"}, Words{"rent", "a40", "extra", "words"},
        Words{"cards", "--", "ls"}, Words{"--json=maybe", "cards"}, Words{"cards", "offers"}}) {
    const auto line = read_command_line(words);
    ASSERT_FALSE(line) << words[0];
    EXPECT_EQ(base::exit_code(line.error().code), 2);
    EXPECT_EQ(line.error().message.find('\n'), std::string::npos);
  }
}

TEST(CommandLine, NumbersAreForTheVerbToRead) {
  // So that "-1" is an error of ours with a way out, not of the parser.
  for (const char* hours : {"0", "-1", "1e9", "nan"}) {
    EXPECT_TRUE(read_command_line({"rent", "a40", "--hours", hours})) << hours;
  }
}

TEST(CommandLine, WhatStandsAfterTheDashesIsTheLeases) {
  EXPECT_TRUE(wants_json({"cards", "--json"}));
  EXPECT_FALSE(wants_json({"ssh", "X", "--", "ls", "--json"}));
  const auto line = read_command_line({"ssh", "X", "--", "ls", "--no-such", "--json"});
  ASSERT_TRUE(line);
  EXPECT_FALSE(line->flags.json);
}

}  // namespace
}  // namespace obelisk::cli
