// Earnings for a terminal and as JSON; amounts in JSON are strings of lamports. Pure.
#pragma once

#include <string>
#include <vector>

#include "apps/host/claim/held.hpp"
#include "apps/host/earnings/chain_payments.hpp"
#include "core/host/earnings.hpp"

namespace obelisk::host {

struct EarningsReport {
  base::PublicKey wallet;
  std::uint32_t days = 0;
  Earnings earnings;
  ChainPayments chain;         // its payments are not looked at any more
  std::vector<Claim> pending;  // proven, and not claimed
};

std::vector<std::string> to_lines(const EarningsReport& report);
// {wallet, from, earned_lamports, market_fee_lamports, network_fees_lamports, pending_lamports,
// days[{day, earned_lamports, market_fee_lamports, payments}], leases[{lease, ...}],
// pending[{lease, lamports, proven_until}], unclear, cut}
std::string to_json(const EarningsReport& report);

}  // namespace obelisk::host
