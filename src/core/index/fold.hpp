// From the steps of one lease address to a row for each of its openings, and what its account says
// laid over that. The same steps give the same rows in whatever order they come and however often,
// so a block that is undone leaves nothing behind. It must never show a sum that a payment may be
// missing from.
#pragma once

#include <optional>
#include <vector>

#include "core/escrow/layout.hpp"
#include "core/index/rows.hpp"

namespace obelisk::index {

// All steps with this lease, and no other's.
std::vector<LeaseRow> fold(const base::PublicKey& lease, std::vector<StepRow> steps);

// The account at a lease's address as a node had it in `slot`; no lease: it is not ours any more.
struct Reading {
  std::uint64_t slot = 0;
  base::Lamports lamports;
  std::optional<escrow::Lease> lease;
};

// Lays the account over a row that is not closed. A reading from before the row's newest step
// changes nothing, nor does one of another opening that is older.
LeaseRow lay_over(LeaseRow row, const Reading& reading);

}  // namespace obelisk::index
