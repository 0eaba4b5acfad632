// The SOL price that a market is told to use. "fixed:140" is 140 dollars a SOL, always, and says so
// ("fixed") in every quote; it must never pass for one that was observed. "live" asks price
// services.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/prices/live_prices.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"
#include "ports/price_source.hpp"

namespace obelisk::prices {

class FixedPrice final : public ports::PriceSource {
 public:
  // `clock` must outlive it.
  FixedPrice(std::uint64_t micro_usd_per_sol, ports::Clock& clock)
      : micro_usd_per_sol_(micro_usd_per_sol), clock_(clock) {}

  base::Result<ports::SolPrice> sol_usd() override {
    return ports::SolPrice{micro_usd_per_sol_, clock_.now_ms(), "fixed"};
  }

 private:
  std::uint64_t micro_usd_per_sol_;
  ports::Clock& clock_;
};

struct PriceOptions {
  // "fixed:<dollars>" with at most six digits after the point, from 0.01 to 1,000,000; "live",
  // which is live:coinbase,kraken,binance; or "live:" and a list of coinbase, kraken, binance,
  // hermes and pyth (hermes asks Pyth's web service, pyth reads its account on chain).
  std::string choice;
  // Where a service is, if not at its own address: a proxy, or a test's.
  std::map<std::string, std::string, std::less<>> urls = {};
  std::string hermes_token_file = {};  // 0600; Pyth's web service wants a token
  std::string pyth_account = {};       // of the SOL/USD feed, from Pyth's list
  ports::Chain* chain = nullptr;       // where that account is read; must outlive the source
};

// Code::usage where a choice is not understood or lacks something. The clock and what `log` uses
// must outlive it.
base::Result<std::unique_ptr<ports::PriceSource>> make_price_source(const PriceOptions& options,
                                                                    ports::Clock& clock, Log log);

}  // namespace obelisk::prices
