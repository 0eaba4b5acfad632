// IndexStore: where the index of the chain is kept. A copy of what anybody can read from a node:
// it may be thrown away and built again. It must never decide anything, and never keep half of a
// write.
#pragma once

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "core/index/plan.hpp"
#include "core/index/rows.hpp"

namespace obelisk::ports {

// All rows of a lease address as they are from now on.
struct FoldedLease {
  base::PublicKey lease;
  std::vector<index::LeaseRow> rows;
};

// One change, done whole or not at all, in this order.
struct IndexWrite {
  std::vector<base::Signature> undone = {};  // transactions to take out, with their steps
  std::vector<index::TransactionRow> transactions = {};
  std::vector<index::StepRow> steps = {};
  std::vector<base::Signature> settled = {};  // their blocks are final
  std::vector<FoldedLease> leases = {};
  std::vector<base::Signature> done = {};  // no longer waiting
  std::optional<index::Progress> progress = {};
};

struct IndexTotals {
  std::uint64_t transactions = 0;
  std::uint64_t failed = 0;
  std::uint64_t steps = 0;
  std::uint64_t leases = 0;
  std::uint64_t provisional = 0;
  std::uint64_t waiting = 0;
  std::uint64_t oldest_slot = 0;  // of a transaction; 0: there is none
  std::uint64_t newest_slot = 0;
  std::uint64_t newest_final_slot = 0;
  bool from_birth = false;  // the oldest is the one that made the program
};

class IndexStore {
 public:
  virtual ~IndexStore() = default;

  virtual base::Result<index::Progress> progress() = 0;
  // One page of a listing. With `first`, what waited before is listed again and goes.
  virtual base::Result<void> put_page(const std::vector<index::Listed>& news, bool first,
                                      const index::Progress& progress) = 0;
  // What waits in the oldest slot above `slot`; empty: nothing does.
  virtual base::Result<std::vector<index::Listed>> waiting_after(std::uint64_t slot) = 0;
  // The newest final transaction at or before `slot` that nothing waiting is older than.
  virtual base::Result<std::optional<base::Signature>> anchor(std::uint64_t slot) = 0;

  virtual base::Result<std::optional<index::TransactionRow>> transaction(
      const base::Signature& signature) = 0;
  virtual base::Result<std::vector<index::StepRow>> steps_of(const base::Signature& signature) = 0;
  // In their order.
  virtual base::Result<std::vector<index::StepRow>> steps_of_lease(
      const base::PublicKey& lease) = 0;
  // In their order; at most `limit`.
  virtual base::Result<std::vector<index::TransactionRow>> provisional_to(std::uint64_t slot,
                                                                          std::size_t limit) = 0;
  // Addresses above `after` with an opening whose close is not known; at most `limit`.
  virtual base::Result<std::vector<base::PublicKey>> open_leases(const base::PublicKey& after,
                                                                 std::size_t limit) = 0;
  virtual base::Result<std::vector<index::LeaseRow>> leases_at(const base::PublicKey& lease) = 0;
  virtual base::Result<IndexTotals> totals() = 0;

  virtual base::Result<void> write(const IndexWrite& what) = 0;
};

}  // namespace obelisk::ports
