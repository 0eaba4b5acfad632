// Answers written from the services' documented formats; none of them was recorded.
#include "adapters/prices/tickers.hpp"

#include <gtest/gtest.h>

namespace obelisk::prices {
namespace {

constexpr base::UnixMillis kCame = 1'795'348'800'500;

TEST(Tickers, Coinbase) {
  const auto reading = read_coinbase(
      R"({"ask":"142.38","bid":"142.36","volume":"1000.5","trade_id":7,"price":"142.37",)"
      R"("size":"0.1","time":"2026-11-22T12:00:00.123456Z"})",
      kCame);
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->source, "coinbase");
  EXPECT_EQ(reading->bid, 142'360'000u);
  EXPECT_EQ(reading->ask, 142'380'000u);
  EXPECT_EQ(reading->at_ms, 1'795'348'800'123);
  EXPECT_TRUE(reading->in_dollars);
  EXPECT_FALSE(read_coinbase(R"({"ask":"142.38","bid":"142.36"})", kCame)) << "no time";
  EXPECT_FALSE(read_coinbase(R"({"message":"rate limit exceeded"})", kCame));
}

TEST(Tickers, Kraken) {
  const auto reading = read_kraken(
      R"({"error":[],"result":{"SOLUSD":{"a":["142.39","12","12.000"],"b":["142.35","3","3.000"],)"
      R"("c":["142.37","0.5"],"o":"140.00"}}})",
      kCame);
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->bid, 142'350'000u);
  EXPECT_EQ(reading->ask, 142'390'000u);
  EXPECT_EQ(reading->at_ms, kCame);
  for (const char* body :
       {R"({"error":["EQuery:Unknown asset pair"],"result":{}})", R"({"error":[]})",
        R"({"result":{"SOLUSD":{"a":["1"],"b":["1"]}}})",
        R"({"error":[],"result":{"A":{"a":["1"],"b":["1"]},"B":{"a":["1"],"b":["1"]}}})",
        R"({"error":[],"result":{"SOLUSD":{"a":[],"b":["1"]}}})",
        R"({"error":[],"result":{"SOLUSD":[]}})", R"({"error":[],"result":[]})"}) {
    EXPECT_FALSE(read_kraken(body, kCame)) << body;
  }
}

TEST(Tickers, BinanceIsNotInDollars) {
  const auto reading = read_binance(
      R"({"symbol":"SOLUSDT","bidPrice":"142.30000000","bidQty":"1","askPrice":"142.31000000",)"
      R"("askQty":"2"})",
      kCame);
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->bid, 142'300'000u);
  EXPECT_FALSE(reading->in_dollars);
  EXPECT_FALSE(read_binance(R"({"code":-1121,"msg":"Invalid symbol."})", kCame));
}

std::string hermes(const std::string& price, const std::string& id = std::string(kPythSolUsd)) {
  return R"({"binary":{"encoding":"hex","data":["504e"]},"parsed":[{"id":")" + id +
         R"(","price":)" + price + R"(,"ema_price":{},"metadata":{"slot":1}}]})";
}

TEST(Tickers, Hermes) {
  const auto reading = read_hermes(
      hermes(R"({"price":"14237000000","conf":"9000000","expo":-8,"publish_time":1795348800})"),
      kCame);
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->source, "pyth");
  EXPECT_EQ(reading->bid, 142'280'000u);
  EXPECT_EQ(reading->ask, 142'460'000u);
  EXPECT_EQ(reading->at_ms, 1'795'348'800'000);
  for (const char* price :
       {R"({"price":"14237000000","conf":"9000000","expo":-13,"publish_time":1795348800})",
        R"({"price":"14237000000","conf":"9000000","expo":1,"publish_time":1795348800})",
        R"({"price":"-14237000000","conf":"9000000","expo":-8,"publish_time":1795348800})",
        R"({"price":"5","conf":"9000000","expo":-8,"publish_time":1795348800})",
        R"({"price":"14237000000","conf":"-1","expo":-8,"publish_time":1795348800})",
        R"({"price":14237000000,"conf":"9000000","expo":-8,"publish_time":1795348800})",
        R"({"price":"9223372036854775807","conf":"1","expo":-8,"publish_time":1795348800})",
        R"({"price":"14237000000","conf":"9000000","expo":-8,"publish_time":-5})",
        R"({"price":"14237000000","conf":"9000000","expo":-8})", "{}", "[]"}) {
    EXPECT_FALSE(read_hermes(hermes(price), kCame)) << price;
  }
  EXPECT_FALSE(read_hermes(hermes("{}", std::string(64, 'a')), kCame)) << "another feed";
  EXPECT_FALSE(read_hermes(R"({"parsed":[]})", kCame));
}

TEST(Tickers, NoReaderTakesWhatIsNoJson) {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  for (const TickerReader read : {&read_coinbase, &read_kraken, &read_binance, &read_hermes}) {
    for (const std::string& body : {std::string(), std::string("null"), std::string("[]"),
                                    std::string("<html>"), deep, std::string("{\"a\":") + deep}) {
      const auto reading = read(body, kCame);
      ASSERT_FALSE(reading) << body;
      EXPECT_EQ(reading.error().code, base::Code::refused);
    }
  }
}

}  // namespace
}  // namespace obelisk::prices
