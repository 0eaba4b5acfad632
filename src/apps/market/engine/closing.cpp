#include "apps/market/engine/closing.hpp"

#include <algorithm>

#include "apps/market/indexer/landed.hpp"

namespace obelisk::engine {
namespace {

// A rental has a handful of transactions; anybody may add to an address's history by sending dust
// to it, and pays a fee each time. What lies further back is shown as unknown; no money hangs on
// it.
constexpr std::size_t kMaxSignatures = 300;

}  // namespace

std::vector<lease::ChainStep> steps_in(const ports::TransactionRecord& record,
                                       const base::PublicKey& program,
                                       const base::PublicKey& lease) {
  std::vector<lease::ChainStep> out;
  // A lease's steps are in their order already: the place in the block does not matter here.
  const auto decoded = index::decode(indexer::landed_of(record, 0), program);
  if (!decoded) return out;
  for (const index::StepRow& row : decoded->steps) {
    const auto event = index::event_of(row);
    if (!event || row.lease != lease) continue;
    lease::ChainStep step;
    step.signature = record.signature;
    step.slot = record.slot;
    step.event = *event;
    step.how = row.how.value_or(step.how);
    step.renter_signed = row.renter_signed.value_or(false);
    out.push_back(step);
  }
  return out;
}

base::Result<History> read_history(ports::Chain& chain, const base::PublicKey& program,
                                   const base::PublicKey& lease, std::uint64_t opened_slot,
                                   const std::function<bool()>& stop) {
  TRY(auto entries, chain.history(lease, {.limit = kMaxSignatures}));
  std::reverse(entries.begin(), entries.end());
  History out;
  out.whole = entries.size() < kMaxSignatures;
  for (const ports::HistoryEntry& entry : entries) {
    if (stop()) {
      out.whole = false;
      return out;
    }
    if (entry.failed || entry.slot < opened_slot) continue;
    TRY(const auto record, chain.transaction(entry.signature));
    if (!record) {
      // Another node than the one that listed it may be behind.
      out.missing = true;
      continue;
    }
    for (lease::ChainStep& step : steps_in(*record, program, lease)) {
      if (out.steps.empty() && step.event.tag != escrow::Tag::open) continue;
      out.steps.push_back(step);
      if (step.event.state == escrow::State::closed) return out;
    }
  }
  return out;
}

}  // namespace obelisk::engine
