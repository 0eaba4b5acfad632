// PriceSource: what one SOL is worth in US dollars, for quoting only. Money itself is in lamports
// once a quote is signed; no lease ever looks here again.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::ports {

struct SolPrice {
  std::uint64_t micro_usd_per_sol = 0;  // 140 USD is 140'000'000; never 0
  base::UnixMillis at_ms = 0;           // when it was observed
  std::string source;                   // "fixed", or the names of the markets it was taken from
};

class PriceSource {
 public:
  virtual ~PriceSource() = default;
  virtual base::Result<SolPrice> sol_usd() = 0;
};

}  // namespace obelisk::ports
