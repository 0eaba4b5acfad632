// How a lease ended, read from what its instructions logged on chain: who ended it and who was paid
// what. Pure; it must never guess an amount.
#pragma once

#include <optional>
#include <vector>

#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/time.hpp"
#include "core/escrow/event.hpp"
#include "core/lease/record.hpp"

namespace obelisk::lease {

// One instruction on the lease that landed.
struct ChainStep {
  base::Signature signature;
  std::uint64_t slot = 0;
  escrow::Event event{};
  escrow::StopHow how = escrow::StopHow::served;  // of a stop
  bool renter_signed = false;                     // of a cancel
  base::UnixSeconds time_s = 0;                   // of its block; 0: not known
};

struct CloseFacts {
  Outcome outcome = Outcome::none;
  std::optional<base::Lamports> to_host;  // sums over the whole life; absent: not known
  std::optional<base::Lamports> to_treasury;
  std::optional<base::Lamports> to_renter;
  std::optional<base::Signature> open_signature;
  std::optional<base::Signature> ready_signature;
  std::optional<base::Signature> close_signature;
  base::UnixSeconds proven_until_s = 0;
  base::UnixSeconds stopped_at_s = 0;
  std::uint64_t opened_slot = 0;
  base::UnixSeconds opened_at_s = 0;
  base::UnixSeconds started_at_s = 0;

  bool operator==(const CloseFacts&) const = default;
};

// From the steps of one opening, oldest first. Amounts are there only if the first is the open and
// the last is a close: otherwise something is missing.
CloseFacts summarize(const std::vector<ChainStep>& steps);

}  // namespace obelisk::lease
