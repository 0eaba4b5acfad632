#include "base/canonical_json.hpp"

#include <gtest/gtest.h>

namespace obelisk::base {
namespace {

TEST(CanonicalJson, SortsKeysAndLeavesNoSpace) {
  const CanonicalJson value(CanonicalJson::Object{
      {"zeta", 1}, {"Alpha", true}, {"alpha", CanonicalJson::Array{"x", std::int64_t{-5}}}});
  EXPECT_EQ(value.text(), R"({"Alpha":true,"alpha":["x",-5],"zeta":1})");
}

TEST(CanonicalJson, EscapesExactlyWhatTheStandardSays) {
  const CanonicalJson value(std::string("\"\\\b\t\n\f\r\x01/\x7f\xc3\xa9"));
  EXPECT_EQ(value.text(), "\"\\\"\\\\\\b\\t\\n\\f\\r\\u0001/\x7f\xc3\xa9\"");
}

TEST(CanonicalJson, WritesEmptyContainers) {
  EXPECT_EQ(CanonicalJson(CanonicalJson::Array{}).text(), "[]");
  EXPECT_EQ(CanonicalJson(CanonicalJson::Object{}).text(), "{}");
}

TEST(CanonicalJsonDeathTest, RefusesIntegersThatOtherLanguagesRound) {
  EXPECT_DEATH((void)CanonicalJson(std::int64_t{1} << 53).text(), "bug");
}

}  // namespace
}  // namespace obelisk::base
