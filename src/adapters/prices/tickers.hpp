// What price services answer, read into a PriceReading. Formats, each from its service's own
// documentation:
//   Coinbase Exchange, GET /products/SOL-USD/ticker: {bid, ask, time, ...}, texts
//   Kraken, GET /0/public/Ticker?pair=SOLUSD: {error: [], result: {PAIR: {a: [ask, ...], b:
//   [...]}}} Binance, GET /api/v3/ticker/bookTicker?symbol=SOLUSDT: {bidPrice, askPrice, ...}; in
//   USDT Pyth Hermes, GET /v2/updates/price/latest?ids[]=ID&parsed=true: {parsed: [{id, price:
//   {price,
//     conf, expo, publish_time}}]}; price and conf as texts
// They must never take an answer of another shape for a price.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "core/market/sol_price.hpp"

namespace obelisk::prices {

// Pyth's feed of SOL in US dollars, the same on every network.
inline constexpr std::string_view kPythSolUsd =
    "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d";

// `came_ms`: when the answer came, for services that give no time of their own. Errors: refused,
// with what is wrong.
using TickerReader = base::Result<market::PriceReading> (*)(std::string_view body,
                                                            base::UnixMillis came_ms);
base::Result<market::PriceReading> read_coinbase(std::string_view body, base::UnixMillis came_ms);
base::Result<market::PriceReading> read_kraken(std::string_view body, base::UnixMillis came_ms);
base::Result<market::PriceReading> read_binance(std::string_view body, base::UnixMillis came_ms);
base::Result<market::PriceReading> read_hermes(std::string_view body, base::UnixMillis came_ms);

}  // namespace obelisk::prices
