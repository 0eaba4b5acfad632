// What the market shows of a kind of card, gathered for price advice: offers, ended leases, the
// newest sample. All of it is public; nobody is told who asks.
#pragma once

#include <optional>
#include <string>

#include "api/types.hpp"
#include "apps/host/config.hpp"
#include "base/public_key.hpp"
#include "base/time.hpp"
#include "core/host/advice.hpp"
#include "ports/gpus.hpp"

namespace obelisk::host {

struct WhatKind {
  std::string card;  // of the catalogue
  bool simulated = false;
  std::optional<base::PublicKey> own;  // whose offers are no others'
};

base::Result<MarketPrices> ask_prices(const std::string& market_url, const WhatKind& kind,
                                      base::UnixMillis now_ms);

// The same for the cards of this machine, as advice; nothing where there is no card, no market is
// named, or it does not answer.
std::optional<Advice> ask_advice(const Config& config, ports::Gpus& gpus, base::UnixMillis now_ms);

}  // namespace obelisk::host
