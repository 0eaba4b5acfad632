// What can be done with a lease, by whom and from when, and what each step would move: the
// program's own rules run on its account. Pure. It must never offer what the program refuses.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/cli/forecast.hpp"
#include "apps/cli/lease_account.hpp"
#include "base/time.hpp"

namespace obelisk::cli {

struct NextStep {
  std::string who;   // "renter", "host", "attestor", "anyone"
  std::string verb;  // "cancel", "stop", "claim", "attest", "finish"
  std::optional<escrow::StopHow> how;
  std::string says;     // what it means, in one sentence
  std::string command;  // with this program, for that party's key
  base::UnixSeconds from_s = 0;
  // Nothing where its time has not come. Of a claim: the most that it can move.
  std::optional<Forecast> moves;
};

// Those that are possible now first, then those that will be.
std::vector<NextStep> next_steps(const LeaseAccount& lease, base::UnixSeconds now_s);

std::vector<std::string> next_steps_lines(const std::vector<NextStep>& steps);
// A JSON list: [{who, verb, how, from_s, host_lamports, ..., command}]
std::string next_steps_json(const std::vector<NextStep>& steps);

// The word for a way of stopping, as --how takes it: "served".
std::string_view how_name(escrow::StopHow how);

}  // namespace obelisk::cli
