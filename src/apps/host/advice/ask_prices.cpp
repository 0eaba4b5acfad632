#include "apps/host/advice/ask_prices.hpp"

#include <algorithm>

#include "adapters/keyfile/keyfile_signer.hpp"
#include "apps/host/machine.hpp"
#include "apps/host/market_ask.hpp"
#include "core/cards/catalogue.hpp"

namespace obelisk::host {
namespace {

constexpr int kMostPages = 10;  // of 500 ended leases
constexpr base::UnixMillis kDayMs = 86'400'000;
// A sample is written every five minutes; an older one says nothing of now.
constexpr base::UnixMillis kFreshMs = 30 * 60'000;

base::Result<void> take_offers(const std::string& market_url, const WhatKind& kind,
                               MarketPrices& out) {
  TRY(const std::string body,
      ask_market_for(market_url, "/v1/offers?limit=500&q=card%3D" + kind.card));
  TRY(const api::OfferList list, api::offer_list_from_json(body));
  for (const api::Offer& offer : list.offers) {
    if (offer.card != kind.card || offer.simulated != kind.simulated) continue;
    if (offer.lamports_per_hour && offer.lamports_per_hour->count > 0 && offer.count > 0) {
      constexpr auto kSol = static_cast<unsigned __int128>(base::kLamportsPerSol);
      const auto rate = kSol * offer.micro_usd_per_hour / offer.lamports_per_hour->count;
      if (rate > 0 && rate <= INT64_MAX) out.micro_usd_per_sol = static_cast<std::uint64_t>(rate);
    }
    if (offer.host != kind.own) out.others.push_back(offer.micro_usd_per_hour);
  }
  return {};
}

// The last that ended come first. False: all that follow are older.
bool take_ended(const api::EndedLease& lease, const WhatKind& kind, base::UnixMillis from_ms,
                MarketPrices& out) {
  const auto ended_ms = base::parse_rfc3339(lease.ended_at);
  if (!ended_ms || *ended_ms < from_ms) return false;
  const bool is_it = lease.card == kind.card && lease.simulated == kind.simulated;
  if (is_it && lease.served_s.value_or(0) > 0 && lease.count > 0) {
    out.rented.push_back(lease.lamports_per_hour.count / lease.count);
  }
  return true;
}

base::Result<void> take_outcomes(const std::string& market_url, const WhatKind& kind,
                                 base::UnixMillis now_ms, MarketPrices& out) {
  const base::UnixMillis from_ms = now_ms - kAdviceDays * kDayMs;
  std::string target = "/v1/outcomes?limit=500";
  for (int page = 0; page < kMostPages; ++page) {
    TRY(const std::string body, ask_market_for(market_url, target));
    TRY(const api::OutcomeList list, api::outcome_list_from_json(body));
    for (const api::EndedLease& lease : list.entries) {
      if (!take_ended(lease, kind, from_ms, out)) return {};
    }
    // A cursor is letters and digits; another is not sent.
    const bool is_plain = list.next && std::ranges::all_of(*list.next, [](unsigned char c) {
                            return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
                          });
    if (!is_plain) return {};
    target = "/v1/outcomes?limit=500&cursor=" + *list.next;
  }
  out.is_rented_whole = false;
  return {};
}

base::Result<void> take_sample(const std::string& market_url, const WhatKind& kind,
                               base::UnixMillis now_ms, MarketPrices& out) {
  TRY(const std::string body,
      ask_market_for(market_url, "/v1/history?card=" + kind.card +
                                     "&simulated=" + (kind.simulated ? "yes" : "no") +
                                     "&from=" + base::to_rfc3339(now_ms - kFreshMs)));
  TRY(const api::History history, api::history_from_json(body));
  if (history.points.empty()) return {};
  out.listed = history.points.back().listed;
  out.taken = std::min(history.points.back().used, history.points.back().listed);
  return {};
}

}  // namespace

base::Result<MarketPrices> ask_prices(const std::string& market_url, const WhatKind& kind,
                                      base::UnixMillis now_ms) {
  MarketPrices out;
  const auto* card = cards::find_card(kind.card);
  out.card_name = card == nullptr ? kind.card : std::string(card->name);
  if (kind.card == cards::kCpuId) out.card_name = "processor";
  TRY_VOID(take_offers(market_url, kind, out));
  TRY_VOID(take_outcomes(market_url, kind, now_ms, out));
  TRY_VOID(take_sample(market_url, kind, now_ms, out));
  return out;
}

std::optional<Advice> ask_advice(const Config& config, ports::Gpus& gpus, base::UnixMillis now_ms) {
  if (config.market_url.empty()) return std::nullopt;
  const auto cards = cards_of(config, Machine{}, gpus);
  if (!cards) return std::nullopt;
  WhatKind kind{cards->front().card, !config.nvml_library.empty(), {}};
  const auto wallet = keyfile::KeyfileSigner::open(config.keypair.string());
  if (wallet) kind.own = (*wallet)->public_key();
  auto prices = ask_prices(config.market_url, kind, now_ms);
  if (!prices) return std::nullopt;
  return advise(*std::move(prices));
}

}  // namespace obelisk::host
