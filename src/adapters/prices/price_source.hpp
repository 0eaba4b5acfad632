// The SOL price that a market is told to use: "fixed:140" is 140 dollars a SOL, always. A fixed
// price says so ("fixed") in every quote; it must never pass for one that was observed.
#pragma once

#include <memory>
#include <string_view>

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

// The source that `text` names: "fixed:<dollars>" with at most six digits after the point, from
// 0.01 to 1,000,000. Code::usage for anything else.
base::Result<std::unique_ptr<ports::PriceSource>> make_price_source(std::string_view text,
                                                                    ports::Clock& clock);

}  // namespace obelisk::prices
