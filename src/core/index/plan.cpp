#include "core/index/plan.hpp"

#include <algorithm>

namespace obelisk::index {

PageAsk next_page(const Progress& progress, const std::optional<base::Signature>& anchor) {
  if (progress.listing) {
    return {kPageLimit, progress.listing->before, progress.listing->until};
  }
  return {kPageLimit, std::nullopt, anchor};
}

PageTaken take_page(Progress progress, const PageAsk& ask, std::span<const Listed> page,
                    std::uint64_t finalized) {
  PageTaken out;
  out.first = !ask.before;
  if (out.first) progress.listing_finalized = finalized;
  if (page.empty()) {
    // A node that does not know `before` says "nothing" too. One that was final it knows.
    const bool sound =
        !progress.listing || progress.listing->before_slot <= progress.listing_finalized;
    if (sound) {
      progress.listed_finalized = std::max(progress.listed_finalized, progress.listing_finalized);
    }
    progress.listing.reset();
    out.done = true;
  } else {
    // Not before an empty page is a listing over: a node may give fewer than it was asked for.
    progress.listing = Cursor{page.back().signature, page.back().slot, ask.until};
  }
  out.progress = progress;
  return out;
}

bool is_news(const Listed& listed, const std::optional<TransactionRow>& row) {
  return !row || (!row->is_final && row->slot != listed.slot);
}

Verdict judge(const TransactionRow& row, std::uint64_t finalized,
              const std::optional<std::vector<base::Signature>>& block,
              const std::optional<std::uint64_t>& told) {
  if (row.slot > finalized) return Verdict::wait;
  if (block) {
    const auto at = std::find(block->begin(), block->end(), row.signature);
    const auto place = static_cast<std::size_t>(at - block->begin());
    if (place == row.block_index && at != block->end()) return Verdict::settle;
    return at == block->end() ? Verdict::undo : Verdict::move;
  }
  // "No block" is also what a node says of one that it lost; the transaction shows which it is.
  return told == row.slot ? Verdict::wait : Verdict::undo;
}

}  // namespace obelisk::index
