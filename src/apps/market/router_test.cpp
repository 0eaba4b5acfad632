#include "apps/market/router.hpp"

#include <gtest/gtest.h>

namespace obelisk::market_app {
namespace {

const Matched* matched(const std::variant<Matched, UnknownPath, WrongMethod>& result) {
  return std::get_if<Matched>(&result);
}

TEST(Router, EveryRouteOfTheDescriptionIsReached) {
  for (const api::Route& route : api::kRoutes) {
    std::string path(route.path);
    const auto open = path.find('{');
    if (open != std::string::npos) path.replace(open, path.find('}') - open + 1, "some%2Fvalue");
    const auto result = match_route(route.method, path);
    ASSERT_NE(matched(result), nullptr) << path;
    EXPECT_EQ(matched(result)->operation, route.operation) << path;
    EXPECT_EQ(matched(result)->route, route.path);
    EXPECT_EQ(matched(result)->argument, open == std::string::npos ? "" : "some/value");
  }
}

TEST(Router, AnythingElseIsUnknown) {
  for (const char* path :
       {"", "/", "//", "v1/cards", "/v1", "/v1/", "/v1/cards/", "/v1//cards", "/V1/cards",
        "/v1/cards/a40", "/v1/leases/", "/v1/leases/%zz", "/v1/leases/x/stop/now",
        "/v1/leases//stop", "/../v1/cards", "/v1/%63ards", "/metrics/"}) {
    EXPECT_TRUE(std::holds_alternative<UnknownPath>(match_route("GET", path))) << path;
  }
  EXPECT_TRUE(std::holds_alternative<UnknownPath>(
      match_route("GET", "/v1/leases/" + std::string(300, 'x'))));
}

TEST(Router, AWrongMethodSaysWhichAreRight) {
  const auto only_get = match_route("DELETE", "/v1/cards");
  ASSERT_TRUE(std::holds_alternative<WrongMethod>(only_get));
  EXPECT_EQ(std::get<WrongMethod>(only_get).allowed, "GET");
  const auto only_post = match_route("GET", "/v1/leases/abc/stop");
  ASSERT_TRUE(std::holds_alternative<WrongMethod>(only_post));
  EXPECT_EQ(std::get<WrongMethod>(only_post).allowed, "POST");
  EXPECT_TRUE(std::holds_alternative<WrongMethod>(match_route("", "/v1/cards")));
}

}  // namespace
}  // namespace obelisk::market_app
