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
  TRY(auto signatures, chain.signatures_for(lease, kMaxSignatures));
  std::reverse(signatures.begin(), signatures.end());
  History out;
  out.whole = signatures.size() < kMaxSignatures;
  for (const base::Signature& signature : signatures) {
    if (stop()) {
      out.whole = false;
      return out;
    }
    TRY(const auto record, chain.transaction(signature));
    if (!record || record->slot < opened_slot) continue;
    for (lease::ChainStep& step : steps_in(*record, program, lease)) {
      if (out.steps.empty() && step.event.tag != escrow::Tag::open) continue;
      out.steps.push_back(step);
      if (step.event.state == escrow::State::closed) return out;
    }
  }
  return out;
}

}  // namespace obelisk::engine
