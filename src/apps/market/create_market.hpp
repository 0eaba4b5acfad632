// `obelisk-market create-market`: the market account as the operator wants it. Sent twice it is
// done once; terms that are there already cost nothing. It must never touch a lease: the program
// would not let it.
#pragma once

#include <string>

#include "apps/market/config.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"
#include "ports/signer.hpp"

namespace obelisk::market_app {

struct MarketOutcome {
  base::PublicKey market;
  escrow::Market account{};
  bool created = false;
  bool updated = false;
  std::optional<base::Signature> signature;
};

// Nothing where no market is there yet; refused where something else is.
base::Result<std::optional<escrow::Market>> read_market(ports::Chain& chain,
                                                        const base::PublicKey& market,
                                                        const base::PublicKey& program);

base::Result<MarketOutcome> create_market(const MarketRequest& request, ports::Chain& chain,
                                          ports::Clock& clock, ports::Signer& operator_key);
// {"market","program","operator","treasury","attestor","rev","fee_bps","ready_deadline_s",
// "gap_limit_s","claim_window_s","paused","created","updated","signature"}; the signature is absent
// where nothing had to be sent.
std::string to_json_line(const MarketOutcome& outcome, const base::PublicKey& program);

}  // namespace obelisk::market_app
