#include "adapters/prices/price_source.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "adapters/files/files.hpp"
#include "adapters/http/client.hpp"
#include "adapters/prices/pyth.hpp"
#include "adapters/prices/tickers.hpp"

namespace obelisk::prices {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kFixed = "fixed:";
constexpr std::string_view kLive = "live";
constexpr std::string_view kUsual = "coinbase,kraken,binance";
constexpr std::chrono::milliseconds kTimeout{3000};
constexpr std::size_t kMaxAnswer = 64 << 10;

struct Service {
  std::string_view name;
  std::string_view url;
  TickerReader read;
};
constexpr std::array<Service, 4> kServices{{
    {"coinbase", "https://api.exchange.coinbase.com/products/SOL-USD/ticker", read_coinbase},
    {"kraken", "https://api.kraken.com/0/public/Ticker?pair=SOLUSD", read_kraken},
    {"binance", "https://api.binance.com/api/v3/ticker/bookTicker?symbol=SOLUSDT", read_binance},
    {"hermes",
     "https://pyth.dourolabs.app/hermes/v2/updates/price/latest?parsed=true&ids[]="
     "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d",
     read_hermes},
}};

Error usage(const std::string& what, std::string action) {
  return {Code::usage, what, std::move(action)};
}

Error unknown_choice(std::string_view choice) {
  return usage("'" + std::string(choice.substr(0, 40)) + "' is no source of a SOL price.",
               "Use live, live:coinbase,kraken, or fixed:<dollars a SOL> such as fixed:142.37.");
}

base::Result<market::PriceReading> ask(http::Client& client, const http::Request& request,
                                       const Service& service, ports::Clock& clock) {
  TRY(const http::Response answer, client.call(request, kTimeout));
  if (answer.status != 200) {
    return Error{Code::unreachable,
                 std::string(service.name) + " answers " + std::to_string(answer.status) + ".",
                 "It is asked again in a few seconds."};
  }
  return service.read(answer.body, clock.now_ms());
}

base::Result<Feed> web_feed(const Service& service, const PriceOptions& options,
                            ports::Clock& clock) {
  const auto other = options.urls.find(service.name);
  const std::string text(other == options.urls.end() ? std::string(service.url) : other->second);
  TRY(http::Url url, http::Url::parse(text));
  http::ClientOptions limits;
  limits.max_response_bytes = kMaxAnswer;
  limits.headers = {{"User-Agent", std::string("obelisk-market/") + OBELISK_VERSION},
                    {"Accept", "application/json"}};
  if (service.name == "hermes" && !options.hermes_token_file.empty()) {
    TRY(const auto token, files::read_secret(options.hermes_token_file));
    limits.headers.push_back({"Authorization", "Bearer " + token});
  }
  http::Request request;
  request.path = std::exchange(url.path, "/");
  request.query = std::exchange(url.query, "");
  auto client = std::make_shared<http::Client>(std::move(url), std::move(limits));
  return Feed{std::string(service.name), [client, request, &service, &clock] {
                return ask(*client, request, service, clock);
              }};
}

base::Result<Feed> chain_feed(const PriceOptions& options) {
  const auto account = base::PublicKey::parse(options.pyth_account);
  if (!account || options.chain == nullptr) {
    return usage("The price source 'pyth' needs the address of Pyth's SOL/USD account.",
                 "Give --pyth-account; Pyth's list of price feeds has it.");
  }
  return Feed{
      "pyth", [chain = options.chain, key = *account]() -> base::Result<market::PriceReading> {
        TRY(const ports::AccountAt found, chain->account(key, ports::Commitment::confirmed));
        if (!found.account) {
          return Error{Code::not_found, "There is no account " + key.to_string() + ".",
                       "Look the address up in Pyth's list."};
        }
        return read_price_update(*found.account);
      }};
}

base::Result<Feed> make_feed(std::string_view name, const PriceOptions& options,
                             ports::Clock& clock) {
  if (name == "pyth") return chain_feed(options);
  const auto* service =
      std::ranges::find_if(kServices, [&](const Service& known) { return known.name == name; });
  if (service == kServices.end()) {
    return usage("'" + std::string(name.substr(0, 40)) + "' is no price service that is known.",
                 "There are coinbase, kraken, binance, hermes and pyth.");
  }
  return web_feed(*service, options, clock);
}

base::Result<std::unique_ptr<ports::PriceSource>> make_live(std::string_view names,
                                                            const PriceOptions& options,
                                                            ports::Clock& clock, Log log) {
  std::vector<Feed> feeds;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(','), names.size());
    const std::string_view name = names.substr(0, end);
    names.remove_prefix(std::min(end + 1, names.size()));
    const auto same = [&](const Feed& feed) { return feed.name == name; };
    if (std::ranges::any_of(feeds, same)) {
      return usage("The price service " + std::string(name) + " is named twice.", "Name it once.");
    }
    TRY(feeds.emplace_back(), make_feed(name, options, clock));
  }
  for (const auto& [name, url] : options.urls) {
    const auto chosen = [&](const Feed& feed) { return feed.name == name; };
    if (std::ranges::any_of(feeds, chosen)) continue;
    return usage("An address is given for '" + name + "', which is not asked for a price.",
                 "Check --price-urls against --price.");
  }
  // Hermes and the account on chain are both Pyth.
  const auto of_pyth = std::ranges::count_if(
      feeds, [](const Feed& feed) { return feed.name == "hermes" || feed.name == "pyth"; });
  const std::size_t sources = feeds.size() - (of_pyth > 1 ? 1 : 0);
  if (sources < market::PriceLimits{}.least_sources) {
    return usage("One price service is not enough: two must agree.",
                 "Name two or more, for example live:coinbase,kraken.");
  }
  return std::unique_ptr<ports::PriceSource>(
      std::make_unique<LivePrices>(std::move(feeds), clock, std::move(log)));
}

}  // namespace

base::Result<std::unique_ptr<ports::PriceSource>> make_price_source(const PriceOptions& options,
                                                                    ports::Clock& clock, Log log) {
  const std::string_view choice = options.choice;
  if (choice == kLive) return make_live(kUsual, options, clock, std::move(log));
  if (choice.starts_with(kLive) && choice.substr(kLive.size()).starts_with(":")) {
    return make_live(choice.substr(kLive.size() + 1), options, clock, std::move(log));
  }
  if (!choice.starts_with(kFixed)) return unknown_choice(choice);
  const std::string_view dollars = choice.substr(kFixed.size());
  const std::size_t point = dollars.find('.');
  const bool too_fine = point != std::string_view::npos && dollars.size() - point - 1 > 6;
  const auto micro = market::micro_usd_from_decimal(dollars);
  if (!micro || too_fine) return unknown_choice(choice);
  return std::unique_ptr<ports::PriceSource>(std::make_unique<FixedPrice>(*micro, clock));
}

}  // namespace obelisk::prices
