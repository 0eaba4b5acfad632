#include "adapters/http/message.hpp"

#include <gtest/gtest.h>

namespace obelisk::http {
namespace {

TEST(Message, FindsHeadersWhateverTheirCase) {
  Request request;
  request.headers = {{"X-First", "1"}, {"x-first", "2"}, {"Empty", ""}};
  EXPECT_EQ(request.header("x-FIRST"), "1");
  EXPECT_EQ(request.header("empty"), "");
  EXPECT_EQ(request.header("x-firs"), std::nullopt);
  EXPECT_EQ(request.header(""), std::nullopt);
}

TEST(Message, DecodesQueryValues) {
  Request request;
  request.query = "a=1&b=x%20y+z&a=2&c&d=&%65=f&g=1%2&h=%zz&=i";
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_EQ(request.query_value("b"), "x y z");
  EXPECT_EQ(request.query_value("c"), "");
  EXPECT_EQ(request.query_value("d"), "");
  EXPECT_EQ(request.query_value("e"), "f");
  EXPECT_EQ(request.query_value("g"), std::nullopt);
  EXPECT_EQ(request.query_value("h"), std::nullopt);
  EXPECT_EQ(request.query_value("absent"), std::nullopt);
}

TEST(Message, BoundsQueryValues) {
  Request request;
  request.query = "a=" + std::string(4096, 'x') + "&b=" + std::string(4097, 'x');
  EXPECT_EQ(request.query_value("a"), std::string(4096, 'x'));
  EXPECT_EQ(request.query_value("b"), std::nullopt);
}

TEST(Message, PercentCodingIsItsOwnInverse) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every.push_back(static_cast<char>(byte));
  const std::string encoded = percent_encode(every);
  EXPECT_EQ(encoded.find_first_of("/?#&+ \r\n"), std::string::npos);
  EXPECT_EQ(percent_decode(encoded), every);
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("%4"), std::nullopt);
}

TEST(Message, RefusesHeadersThatSmuggle) {
  EXPECT_TRUE(valid_header({"X-A", "plain \t text"}));
  EXPECT_FALSE(valid_header({"X-A", "a\r\nSet-Cookie: b"}));
  EXPECT_FALSE(valid_header({"X-A", std::string("a\0b", 3)}));
  EXPECT_FALSE(valid_header({"X A", "v"}));
  EXPECT_FALSE(valid_header({"X:", "v"}));
  EXPECT_FALSE(valid_header({"", "v"}));
}

}  // namespace
}  // namespace obelisk::http
