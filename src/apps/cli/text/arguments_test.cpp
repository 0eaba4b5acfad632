#include "apps/cli/text/arguments.hpp"

#include <gtest/gtest.h>

namespace obelisk::cli {
namespace {

TEST(Arguments, DecimalsAreExactAndRoundedUp) {
  EXPECT_EQ(decimal("1.5", 3600), 5400u);
  EXPECT_EQ(decimal("0.0001", 3600), 1u);
  EXPECT_EQ(decimal("12", 1), 12u);
  EXPECT_EQ(decimal("0.000000001", 1'000'000'000), 1u);
  EXPECT_EQ(decimal("000.5", 10), 5u);
}

TEST(Arguments, NothingButDigitsAndAPointIsANumber) {
  for (const char* text : {"", ".", "1.", ".5", "-1", "+1", "1e9", "nan", "inf", "0x10", " 1", "1 ",
                           "1,5", "1.2.3", "١", "1234567890123456789"}) {
    EXPECT_FALSE(decimal(text, 3600)) << text;
  }
  EXPECT_FALSE(decimal("999999999999999999", 3600));
}

std::optional<std::uint32_t> hours(const char* text) {
  const auto read = read_time({text, std::nullopt, std::nullopt});
  if (!read) return std::nullopt;
  return *read;
}

TEST(Arguments, HoursAreOneMinuteToOneYear) {
  EXPECT_EQ(hours("1"), 3600u);
  EXPECT_EQ(hours("0.0167"), 61u);
  EXPECT_EQ(hours("8760"), 31'536'000u);
  for (const char* text : {"0", "-1", "1e9", "1000000000", "nan", "0.016", "8760.001", "inf", ""}) {
    EXPECT_FALSE(hours(text)) << text;
  }
}

TEST(Arguments, ErrorsNameTheFlagTheValueAndTheWayOut) {
  const auto read = read_time({"1e9", std::nullopt, std::nullopt});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, base::Code::invalid_input);
  EXPECT_EQ(base::exit_code(read.error().code), 2);
  EXPECT_EQ(read.error().message, "--hours cannot be \"1e9\".");
  EXPECT_NE(read.error().action.find("one minute to 365 days"), std::string::npos);
  EXPECT_EQ(read.error().charged_lamports, 0u);
  const auto evil = read_time({"\033[2J", std::nullopt, std::nullopt});
  EXPECT_EQ(evil.error().message, "--hours cannot be \"[2J\".");
}

TEST(Arguments, TimeIsSaidExactlyOnce) {
  EXPECT_EQ(*read_time({std::nullopt, "30", std::nullopt}), 1800u);
  EXPECT_EQ(*read_time({std::nullopt, std::nullopt, "60"}), 60u);
  EXPECT_FALSE(read_time({std::nullopt, std::nullopt, "59"}));
  EXPECT_EQ(read_time({}).error().code, base::Code::usage);
  EXPECT_EQ(read_time({"1", "1", std::nullopt}).error().code, base::Code::usage);
}

TEST(Arguments, CountsAreWhole) {
  EXPECT_EQ(*read_count("16"), 16u);
  for (const char* text : {"0", "17", "1.5", "-1", "two"}) EXPECT_FALSE(read_count(text)) << text;
}

TEST(Arguments, DisksHaveUnits) {
  EXPECT_EQ(*read_disk("50"), 50'000'000'000u);
  EXPECT_EQ(*read_disk("50GB"), 50'000'000'000u);
  EXPECT_EQ(*read_disk("1.5TB"), 1'500'000'000'000u);
  for (const char* text : {"1", "0GB", "-5GB", "101TB", "5MB", "GB", "5 GB"}) {
    EXPECT_FALSE(read_disk(text)) << text;
  }
}

TEST(Arguments, SolIsAboveZero) {
  EXPECT_EQ(read_sol("The amount", "0.5")->count, 500'000'000u);
  for (const char* text : {"0", "-1", "nan", "99999999999999999"}) {
    EXPECT_FALSE(read_sol("The amount", text)) << text;
  }
}

}  // namespace
}  // namespace obelisk::cli
