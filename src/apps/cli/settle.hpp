// Ending a lease: what will move, said first; signed and sent; what did move, read from the chain.
// Shared by `stop` and the escrow verbs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/cli/forecast.hpp"
#include "apps/cli/lease_account.hpp"
#include "apps/cli/session.hpp"
#include "apps/cli/stop_rule.hpp"
#include "apps/cli/transact.hpp"
#include "base/result.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::cli {

// One way to end or settle a lease: what to sign, and the same for the forecast.
struct Settlement {
  Work work;
  std::vector<escrow::Action> actions;
  std::optional<escrow::StopHow> how;
  base::Lamports network_fee;  // filled in by settle()
};
Settlement settlement_for(StopStep step, const LeaseAccount& lease,
                          const std::optional<settlement::Proof>& proof);
Settlement claim_settlement(const LeaseAccount& lease, const settlement::Proof& proof);
Settlement stop_settlement(const LeaseAccount& lease, escrow::StopHow how);
Settlement cancel_settlement(const LeaseAccount& lease, bool renter_signs);
Settlement finish_settlement(const LeaseAccount& lease);

// "It pays 0.0061 SOL for 42 min and returns 0.0086 SOL."
std::string forecast_text(const Forecast& forecast);

// Says what will move and what signing costs, asks (unless `yes`), signs, sends, and says what
// moved. Works where the node has forgotten all but the newest transactions.
base::Result<void> settle(Session& session, const LeaseAccount& lease, const Settlement& what,
                          bool yes);

}  // namespace obelisk::cli
