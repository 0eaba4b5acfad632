#include "apps/host/offer/list_verb.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "adapters/clock/system_clock.hpp"
#include "adapters/files/files.hpp"
#include "adapters/keyfile/keyfile_signer.hpp"
#include "apps/host/advice/ask_prices.hpp"
#include "apps/host/drain.hpp"
#include "apps/host/listing.hpp"
#include "apps/host/machine.hpp"
#include "apps/host/market_ask.hpp"
#include "apps/host/offer/offer_file.hpp"
#include "apps/host/offer/offer_report.hpp"
#include "apps/host/status/status_verb.hpp"

namespace obelisk::host {
namespace {

using namespace std::chrono_literals;
using base::Code;
using base::Error;

bool changes(const ListWords& words) {
  return !words.price.empty() || !words.min_minutes.empty() || !words.until.empty() ||
         words.as_settings;
}

// All of it is read before anything is written.
base::Result<void> change(const Asked& asked, base::UnixMillis now_ms) {
  const ListWords& words = asked.list;
  const auto& state_dir = asked.config.state_dir;
  OfferWords offer;
  // A damaged file is mended by saying both.
  const bool says_all = words.as_settings || (!words.price.empty() && !words.min_minutes.empty());
  if (!says_all) {
    TRY(offer, read_offer(state_dir));
  }
  if (!words.price.empty()) {
    TRY(offer.micro_usd_per_hour, micro_usd_from(words.price));
  }
  if (!words.min_minutes.empty()) {
    TRY(offer.min_seconds, min_seconds_from(words.min_minutes));
  }
  if (offer.min_seconds.value_or(0) > asked.config.max_seconds) {
    return Error{Code::usage,
                 "The settings rent for " + base::to_duration_text(asked.config.max_seconds) +
                     " at most, which is less.",
                 "Give fewer minutes, or set max_seconds higher."};
  }
  const bool lifts = words.until == "never" || words.as_settings;
  std::optional<base::UnixSeconds> until_s;
  if (!words.until.empty() && !lifts) {
    TRY(until_s, drain_from(words.until, now_ms));
    if (*until_s <= now_ms / 1000) {
      return Error{Code::usage, "'" + words.until.substr(0, 40) + "' is not in the future.",
                   "To offer nothing from now on: obelisk-host drain"};
    }
  }
  TRY_VOID(files::make_private_directory(state_dir));
  TRY_VOID(write_offer(state_dir, offer));
  if (until_s) TRY_VOID(write_drain(state_dir, *until_s));
  if (lifts) TRY_VOID(cancel_drain(state_dir));
  return {};
}

// The settings' price, else the first one of the card that is here; 0 where neither is known.
std::uint64_t settings_price(const Config& config, ports::Gpus& gpus) {
  if (config.micro_usd_per_hour != 0) return config.micro_usd_per_hour;
  const auto cards = cards_of(config, Machine{}, gpus);
  return cards ? first_price(cards->front().card).value_or(0) : 0;
}

base::Result<OfferReport> report_of(const Asked& asked, ports::Gpus& gpus,
                                    base::UnixSeconds now_s) {
  OfferReport out;
  const Config& config = asked.config;
  TRY(const OfferWords words, read_offer(config.state_dir));
  TRY(out.until_s, read_drain(config.state_dir));
  out.is_drained = out.until_s && *out.until_s <= now_s;
  out.running = is_running(config.state_dir);
  out.is_set = words.micro_usd_per_hour.has_value();
  out.micro_usd_per_hour = out.is_set ? *words.micro_usd_per_hour : settings_price(config, gpus);
  out.max_seconds = config.max_seconds;
  out.min_seconds = std::min(words.min_seconds.value_or(60), config.max_seconds);
  return out;
}

// The offers of this wallet, as the market shows them to anybody.
base::Result<std::vector<api::Offer>> shown_by_market(const Config& config) {
  if (config.market_url.empty() || config.keypair.empty()) {
    return Error{Code::usage, "What the market shows is not known: no market or wallet is named.",
                 "Give --market URL and --keypair FILE."};
  }
  TRY(const auto wallet, keyfile::KeyfileSigner::open(config.keypair.string()));
  TRY(const std::string body,
      ask_market_for(config.market_url, "/v1/offers?q=host%3D" + wallet->public_key().to_string()));
  TRY(api::OfferList list, api::offer_list_from_json(body));
  return std::move(list.offers);
}

bool is_as_said(const OfferReport& report) {
  if (report.is_drained) return report.shown->empty();
  return std::ranges::all_of(*report.shown, [&](const api::Offer& offer) {
    return offer.micro_usd_per_hour == report.micro_usd_per_hour &&
           offer.min_seconds.value_or(60) == report.min_seconds &&
           offer.maintenance_from_s.has_value() == report.until_s.has_value();
  });
}

// A running host says what is new within a second; the market may want it slower.
void look_at_market(const Config& config, bool is_new, OfferReport& report) {
  constexpr int kLooks = 20;
  for (int look = 1; look <= kLooks; ++look) {
    auto shown = shown_by_market(config);
    if (!shown) {
      report.trouble = shown.error().message + " " + shown.error().action;
      return;
    }
    report.shown = *std::move(shown);
    if (!is_new || !report.running || is_as_said(report)) return;
    std::this_thread::sleep_for(200ms);
  }
  report.trouble = "The market shows what was offered before still: look again in half a minute.";
}

}  // namespace

base::Result<void> list(const Asked& asked, ports::Gpus& gpus) {
  clock::SystemClock clock;
  const base::UnixMillis now_ms = clock.now_ms();
  const bool is_new = changes(asked.list);
  if (is_new) TRY_VOID(change(asked, now_ms));
  TRY(OfferReport report, report_of(asked, gpus, now_ms / 1000));
  look_at_market(asked.config, is_new, report);
  report.advice = ask_advice(asked.config, gpus, now_ms);
  if (asked.json) {
    std::printf("%s\n", to_json(report).c_str());
    return {};
  }
  for (const std::string& line : to_lines(report)) std::printf("%s\n", line.c_str());
  return {};
}

}  // namespace obelisk::host
