#include "base/error.hpp"

#include <gtest/gtest.h>

#include "base/result.hpp"

namespace obelisk::base {
namespace {

TEST(Error, EveryCodeHasItsOwnNameAndFindsBack) {
  for (int i = 0; i <= static_cast<int>(Code::unsupported); ++i) {
    const Code code = static_cast<Code>(i);
    EXPECT_EQ(code_from_name(code_name(code)), code);
    EXPECT_GT(exit_code(code), 0);
    EXPECT_GE(http_status(code), 400);
  }
  EXPECT_EQ(code_from_name("something newer"), Code::internal);
}

TEST(Error, ExitCodesOfTheContract) {
  EXPECT_EQ(exit_code(Code::internal), 1);
  EXPECT_EQ(exit_code(Code::usage), 2);
  EXPECT_EQ(exit_code(Code::declined), 3);
  EXPECT_EQ(exit_code(Code::insufficient_funds), 4);
  EXPECT_EQ(exit_code(Code::not_found), 5);
  EXPECT_EQ(exit_code(Code::expired), 5);
  EXPECT_EQ(exit_code(Code::unreachable), 6);
  EXPECT_EQ(exit_code(Code::refunded), 7);
  EXPECT_EQ(exit_code(Code::missing_dependency), 8);
}

Result<int> half(int value) {
  if (value % 2 != 0) return Error{Code::invalid_input, "odd", ""};
  return value / 2;
}

Result<int> quarter(int value) {
  TRY(const int first, half(value));
  TRY(const int second, half(first));
  return second;
}

TEST(Result, TryPassesValuesOnAndErrorsBack) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
}

}  // namespace
}  // namespace obelisk::base
