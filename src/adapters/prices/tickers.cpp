#include "adapters/prices/tickers.hpp"

#include <boost/json.hpp>
#include <charconv>

#include "adapters/prices/pyth.hpp"

namespace obelisk::prices {
namespace {

namespace json = boost::json;
using market::PriceReading;

constexpr std::size_t kMaxDepth = 16;

base::Error refused(std::string_view source, const std::string& what) {
  return {base::Code::refused,
          "The answer of " + std::string(source) + " is no price: " + what + ".",
          "Look at the service's status page."};
}

base::Result<json::object> object_of(std::string_view source, std::string_view body) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::value value = json::parse(body, error, {}, options);
  if (error || !value.is_object()) return refused(source, "not a JSON object");
  return std::move(value).as_object();
}

const json::value* member(const json::object& object, std::string_view name) {
  return object.if_contains(name);
}

std::optional<std::string_view> text_of(const json::value* value) {
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::nullopt : std::optional<std::string_view>(*text);
}

// The first of a list, as Kraken gives [price, whole lots, lots].
const json::value* first_of(const json::value* value) {
  const json::array* list = value == nullptr ? nullptr : value->if_array();
  return list == nullptr || list->empty() ? nullptr : &list->front();
}

base::Result<PriceReading> two_sided(std::string_view source, const json::value* bid,
                                     const json::value* ask, base::UnixMillis at_ms) {
  const auto bid_text = text_of(bid);
  const auto ask_text = text_of(ask);
  const auto bid_usd = bid_text ? market::micro_usd_from_decimal(*bid_text) : std::nullopt;
  const auto ask_usd = ask_text ? market::micro_usd_from_decimal(*ask_text) : std::nullopt;
  if (!bid_usd || !ask_usd) return refused(source, "it has no bid or no ask");
  return PriceReading{std::string(source), *bid_usd, *ask_usd, at_ms, true};
}

template <class Integer>
std::optional<Integer> integer_of(const json::value* value) {
  const auto text = text_of(value);
  Integer out{};
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return out;
}

}  // namespace

base::Result<PriceReading> read_coinbase(std::string_view body, base::UnixMillis) {
  TRY(const json::object answer, object_of("coinbase", body));
  const auto time = text_of(member(answer, "time"));
  const auto at_ms = time ? base::parse_rfc3339(*time) : std::nullopt;
  if (!at_ms) return refused("coinbase", "it has no time");
  return two_sided("coinbase", member(answer, "bid"), member(answer, "ask"), *at_ms);
}

base::Result<PriceReading> read_kraken(std::string_view body, base::UnixMillis came_ms) {
  TRY(const json::object answer, object_of("kraken", body));
  // A failure comes as HTTP 200 with a list of errors.
  const json::value* errors = member(answer, "error");
  if (errors == nullptr || !errors->is_array() || !errors->get_array().empty()) {
    return refused("kraken", "it reports an error");
  }
  const json::value* result = member(answer, "result");
  // The pair may be named otherwise than it was asked for; there must be exactly one.
  if (result == nullptr || !result->is_object() || result->get_object().size() != 1) {
    return refused("kraken", "it is not about one pair");
  }
  const json::value& pair = result->get_object().begin()->value();
  if (!pair.is_object()) return refused("kraken", "it is not about one pair");
  return two_sided("kraken", first_of(member(pair.get_object(), "b")),
                   first_of(member(pair.get_object(), "a")), came_ms);
}

base::Result<PriceReading> read_binance(std::string_view body, base::UnixMillis came_ms) {
  TRY(const json::object answer, object_of("binance", body));
  TRY(PriceReading reading,
      two_sided("binance", member(answer, "bidPrice"), member(answer, "askPrice"), came_ms));
  reading.in_dollars = false;
  return reading;
}

base::Result<PriceReading> read_hermes(std::string_view body, base::UnixMillis) {
  TRY(const json::object answer, object_of("pyth", body));
  const json::value* feed = first_of(member(answer, "parsed"));
  if (feed == nullptr || !feed->is_object()) return refused("pyth", "it has no feed");
  if (text_of(member(feed->get_object(), "id")) != kPythSolUsd) {
    return refused("pyth", "it is another feed");
  }
  const json::value* inner = member(feed->get_object(), "price");
  if (inner == nullptr || !inner->is_object()) return refused("pyth", "it has no price");
  const json::object& price = inner->get_object();
  const auto mantissa = integer_of<std::int64_t>(member(price, "price"));
  const auto confidence = integer_of<std::int64_t>(member(price, "conf"));
  const json::value* exponent = member(price, "expo");
  const json::value* time = member(price, "publish_time");
  if (!mantissa || !confidence || exponent == nullptr || !exponent->is_int64() || time == nullptr ||
      !time->is_int64()) {
    return refused("pyth", "a number is missing");
  }
  return pyth_reading({*mantissa, *confidence, exponent->get_int64(), time->get_int64()});
}

}  // namespace obelisk::prices
