#include <gtest/gtest.h>

#include "api/types.hpp"
#include "base/crypto.hpp"

namespace obelisk::api {
namespace {

QuoteRequest example() {
  QuoteRequest request;
  request.renter = *base::PublicKey::parse("9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj");
  request.card = "rtx-4090";
  request.seconds = 3600;
  request.ssh_key = "ssh-ed25519 AAAA\" \n x";
  return request;
}

TEST(Api, ARequestSurvivesTheWire) {
  const auto back = quote_request_from_json(to_json(example()));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, example());
  EXPECT_FALSE(back->offer);
}

TEST(Api, BoundsOfTheDescriptionAreChecked) {
  const std::string good = to_json(example());
  const struct {
    const char* from;
    const char* to;
    const char* field;
  } cases[] = {
      {"3600", "0", "seconds"},
      {"3600", "59", "seconds"},
      {"3600", "-1", "seconds"},
      {"3600", "1000000000", "seconds"},
      {"3600", "1e3", "seconds"},
      {"3600", "\"3600\"", "seconds"},
      {"9C6hy", "0C6hy", "renter"},
      {"rtx-4090", "x01234567890123456789012345678901234567890", "card"},
      {"\"seconds\"", "\"second\"", "seconds"},
  };
  for (const auto& c : cases) {
    std::string text = good;
    text.replace(text.find(c.from), std::string(c.from).size(), c.to);
    const auto parsed = quote_request_from_json(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message.find(c.field), std::string::npos) << parsed.error().message;
  }
}

TEST(Api, UnknownFieldsAreIgnoredAndNullIsAbsent) {
  std::string text = to_json(example());
  text.insert(1, R"("from_the_future":[1,2],"count":null,)");
  const auto parsed = quote_request_from_json(text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, example());
}

TEST(Api, HostileTextIsAnErrorAndNoMore) {
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[]"), std::string("{"),
        std::string(2000000, ' '), std::string(100000, '['),
        std::string("{\"a\":") + "\xff" + "}"}) {
    EXPECT_FALSE(quote_request_from_json(text));
  }
}

TEST(Api, DeepAndHugeJsonIsRefused) {
  const std::string good = to_json(example());
  const auto with = [&](const std::string& field) {
    std::string text = good;
    return text.insert(1, "\"x\":" + field + ",");
  };
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(quote_request_from_json(with(nested(15))));
  for (const std::string& field :
       {nested(16), nested(10'000), std::string(10'000, '['), std::string(10'000, '{'),
        std::string("\"") + std::string(2 << 20, 'a') + "\""}) {
    EXPECT_FALSE(quote_request_from_json(with(field))) << field.size();
  }
  for (const std::string& number :
       {"1" + std::string(10'000, '0'), "-" + std::string(10'000, '9'), std::string("1e999999999"),
        std::string("18446744073709551616"), std::string("3600.5"), std::string("NaN")}) {
    std::string text = good;
    text.replace(text.find("3600"), 4, number);
    EXPECT_FALSE(quote_request_from_json(text)) << number.substr(0, 20);
  }
}

TEST(Api, EnumsHaveTheNamesOfTheDescription) {
  EXPECT_EQ(to_string(LeaseState::contested), "contested");
  EXPECT_EQ(lease_state_from("ended"), LeaseState::ended);
  EXPECT_FALSE(lease_state_from("Ended"));
  EXPECT_NE(openapi_text().find("\"3.1.0\""), std::string_view::npos);
}

}  // namespace
}  // namespace obelisk::api
