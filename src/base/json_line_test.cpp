#include "base/json_line.hpp"

#include <gtest/gtest.h>

namespace obelisk::base {
namespace {

TEST(JsonLine, WritesAmountsAsTextAndWhatIsMissingAsNull) {
  const std::string line = JsonLine()
                               .text("name", "a\"b\\\n")
                               .lamports("paid", Lamports{UINT64_MAX})
                               .lamports("quoted", std::optional<Lamports>())
                               .number("ms", 12)
                               .flag("yes", true)
                               .signature("ready", std::optional<Signature>())
                               .raw("list", json_array({"1", "2"}))
                               .done();
  EXPECT_EQ(line, R"({"name":"a\"b\\\u000a","paid":"18446744073709551615","quoted":null,"ms":12,)"
                  R"("yes":true,"ready":null,"list":[1,2]})");
}

TEST(JsonLine, CanBeEmpty) { EXPECT_EQ(JsonLine().done(), "{}"); }

}  // namespace
}  // namespace obelisk::base
