#include "apps/cli/text/amounts.hpp"

#include <gtest/gtest.h>

namespace obelisk::cli {
namespace {

TEST(Amounts, SolHasFourSignificantFigures) {
  EXPECT_EQ(sol_figure({9'857'143}), "0.009857");
  EXPECT_EQ(sol_figure({0}), "0");
  EXPECT_EQ(sol_figure({12'345'678'901}), "12.35");
}

TEST(Amounts, UsdIsNeverZeroForSomething) {
  EXPECT_EQ(usd_text(0), "$0.00");
  EXPECT_EQ(usd_text(1), "$0.0001");
  EXPECT_EQ(usd_text(2'100), "$0.0021");
  EXPECT_EQ(usd_text(99'999), "$0.1000");
  EXPECT_EQ(usd_text(1'380'000), "$1.38");
  EXPECT_EQ(usd_text(4'335'000), "$4.34");
  EXPECT_EQ(usd_text(UINT64_MAX), "$18446744073709.55");
}

TEST(Amounts, BothTogether) {
  EXPECT_EQ(sol_and_usd({9'857'143}, 140'000'000), "0.009857 SOL ($1.38)");
}

TEST(Amounts, MemoryIsBinaryAndDisksAreDecimal) {
  EXPECT_EQ(memory_text(std::uint64_t{24} << 30), "24 GB");
  EXPECT_EQ(memory_text(25'757'220'864), "24 GB");
  EXPECT_EQ(memory_text(0), "-");
  EXPECT_EQ(disk_text(50'000'000'000), "50 GB");
  EXPECT_EQ(disk_text(900'000'000), "900 MB");
  EXPECT_EQ(disk_text(0), "0 MB");
}

TEST(Amounts, TimesAreShort) {
  EXPECT_EQ(milliseconds_text(417), "417 ms");
  EXPECT_EQ(milliseconds_text(4'260), "4.2 s");
  EXPECT_EQ(milliseconds_text(61'000), "61 s");
  EXPECT_EQ(whole_seconds_text(3'001), "4 s");
  EXPECT_EQ(whole_seconds_text(10), "1 s");
  EXPECT_EQ(whole_seconds_text(0), "1 s");
}

TEST(Amounts, KeysAreRecognisable) {
  const auto key = base::PublicKey::parse("9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj");
  EXPECT_EQ(short_key(*key), "9C6hyb..Jtpj");
}

}  // namespace
}  // namespace obelisk::cli
