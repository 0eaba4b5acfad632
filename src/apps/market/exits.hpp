// How a renter's stop, extend and concession look for a lease as it stands, and anybody's claim:
// which calls, what they mean in words, what they take. The rule of a stop is the protocol's:
// served till now (how = 0) while proof is fresh, else the newest proof and a dispute of the gap
// (how = 1). Pure; it must never sign.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/escrow/instructions.hpp"
#include "core/lease/record.hpp"

namespace obelisk::market_app {

struct Plan {
  std::vector<escrow::Call> calls;
  std::uint32_t units = 0;
  std::optional<escrow::StopHow> how;
  std::string explanation;
  base::Lamports lamports;  // what it takes from the wallet, network fee apart
};

escrow::LeaseAccounts accounts_of(const lease::Quote& quote);

// conflict where there is nothing to stop: not paid, being closed, contested already, or ended.
base::Result<Plan> plan_stop(const lease::Record& record, const base::PublicKey& program,
                             base::UnixSeconds chain_now_s);
// The disputed part goes to the host at once; conflict where nothing is in dispute.
base::Result<Plan> plan_concede(const lease::Record& record, const base::PublicKey& program);
// `total_seconds` counts from the start. conflict where the lease is not live; invalid_input where
// the time is not longer than what is bought or longer than what the host agreed to.
base::Result<Plan> plan_extend(const lease::Record& record, const base::PublicKey& program,
                               std::uint32_t total_seconds, base::UnixSeconds chain_now_s);

// What the newest attestation proves and the chain was not shown, to the host; conflict where that
// is nothing.
base::Result<Plan> plan_claim(const lease::Record& record, const base::PublicKey& program,
                              base::UnixSeconds chain_now_s);

}  // namespace obelisk::market_app
