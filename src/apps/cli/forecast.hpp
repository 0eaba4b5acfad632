// What a step on a lease will move, by the program's own rules run here first: what a person is
// told before they sign. Pure. It must never be taken for what happened: that is in the
// transaction.
#pragma once

#include <vector>

#include "apps/cli/lease_account.hpp"
#include "base/lamports.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/escrow/step.hpp"

namespace obelisk::cli {

struct Forecast {
  base::Lamports host;
  base::Lamports fee;
  base::Lamports refunded;  // without the bond
  base::Lamports held;      // waits in the lease
  base::UnixSeconds window_ends = 0;
  bool closes = false;
  std::int64_t used_s = 0;
};

// The actions one after the other, at chain time `now_s`, all wallets taken to hold something.
// An error says which rule of the program would refuse.
base::Result<Forecast> forecast(const LeaseAccount& lease,
                                const std::vector<escrow::Action>& actions,
                                base::UnixSeconds now_s);

}  // namespace obelisk::cli
