// A lease as a person reads it, from its account on the chain: state, time, money. It must never
// call ready, paid or back what the chain does not.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apps/cli/lease_account.hpp"
#include "base/json_line.hpp"
#include "base/time.hpp"
#include "core/escrow/names.hpp"

namespace obelisk::cli {

// "waiting for the host", "running", "contested".
std::string state_text(escrow::State state);
// What the host has earned until now, proven or not, and the most it can be.
base::Lamports earned_so_far(const LeaseAccount& lease, base::UnixSeconds now_s);

std::vector<std::pair<std::string, std::string>> lease_facts(const LeaseAccount& lease,
                                                             base::UnixSeconds now_s);
// The same and every other field of the account.
std::vector<std::pair<std::string, std::string>> account_facts(const LeaseAccount& lease,
                                                               base::UnixSeconds now_s);
// Every field of the account, and its address, program and lamports.
base::JsonLine lease_account_fields(const LeaseAccount& lease);
std::string lease_account_json(const LeaseAccount& lease);

}  // namespace obelisk::cli
