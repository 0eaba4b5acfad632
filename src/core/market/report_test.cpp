#include "core/market/report.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"

namespace obelisk::market {
namespace {

base::PublicKey key(std::uint8_t seed) {
  base::PublicKey out;
  out.bytes.fill(seed);
  return out;
}

Report report() {
  return {1'795'000'000, key(1), std::nullopt, key(2), "fraud", key(3), "It asked for \"more\"."};
}

TEST(Report, HasOneText) {
  Report one = report();
  EXPECT_EQ(report_text(one), "{\"at_s\":1795000000,\"host\":\"" + key(1).to_string() +
                                  "\",\"market\":\"" + key(2).to_string() +
                                  "\",\"reason\":\"fraud\",\"reporter\":\"" + key(3).to_string() +
                                  "\",\"text\":\"It asked for \\\"more\\\".\"}");
  one.lease = key(4);
  EXPECT_NE(report_text(one).find("\"lease\":\"" + key(4).to_string() + "\",\"market\""),
            std::string::npos);
}

TEST(Report, IsSignedAsNothingElse) {
  const base::Bytes message = report_message("text");
  ASSERT_EQ(message.size(), 8U + 32U);
  EXPECT_EQ(std::string(message.begin(), message.begin() + 8), "OBELISKW");
  EXPECT_NE(report_message("text"), report_message("other"));
}

TEST(Report, WordsAreBoundedAndPlain) {
  Report one = report();
  EXPECT_TRUE(check_report(one).ok());
  one.text = "two\nlines, and é";
  EXPECT_TRUE(check_report(one).ok());
  one.text = std::string(kMaxReportBytes, 'x');
  EXPECT_TRUE(check_report(one).ok());
  for (const std::string& wrong :
       {std::string(kMaxReportBytes + 1, 'x'), std::string(), std::string(" \n "),
        std::string("\x1b[2J"), std::string("a\rb"), std::string("a\x7f")}) {
    one.text = wrong;
    ASSERT_FALSE(check_report(one).ok()) << wrong;
    EXPECT_EQ(check_report(one).error().code, base::Code::invalid_input);
  }
}

TEST(Report, NobodyReportsThemselves) {
  Report one = report();
  one.reporter = one.host;
  ASSERT_FALSE(check_report(one).ok());
  EXPECT_EQ(check_report(one).error().code, base::Code::forbidden);
}

}  // namespace
}  // namespace obelisk::market
