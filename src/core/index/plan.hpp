// What the indexer does next: which page of the program's history to ask for, what of it is news,
// and what becomes of a transaction that was indexed before its block was final. It must never
// count on a signature that can still be rolled back.
//
// A history is listed newest first, page by page, down to the anchor: the newest transaction that
// is final and that nothing unknown can be older than. What is listed and not indexed yet waits in
// a list of its own, so that a listing which is cut off goes on where it was, and then is indexed
// oldest first: at every moment the index is whole up to a slot.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/index/rows.hpp"

namespace obelisk::index {

inline constexpr std::size_t kPageLimit = 1000;  // the most that a node gives

// A transaction that is listed and not indexed yet.
struct Listed {
  base::Signature signature;
  std::uint64_t slot = 0;
  bool operator==(const Listed&) const = default;
};

// Where a listing is.
struct Cursor {
  base::Signature before;
  std::uint64_t before_slot = 0;
  std::optional<base::Signature> until;  // the anchor when it began
  bool operator==(const Cursor&) const = default;
};

struct Progress {
  std::optional<Cursor> listing;        // none: the next page is the first of a new one
  std::uint64_t listing_finalized = 0;  // the finalized slot when the listing began
  std::uint64_t listed_finalized = 0;   // a listing showed everything up to here
  // The first slot from which nothing is missing, after a node did not have what it had listed; 0:
  // that never happened.
  std::uint64_t known_from = 0;
  bool operator==(const Progress&) const = default;
};

struct PageAsk {
  std::size_t limit = kPageLimit;
  std::optional<base::Signature> before;
  std::optional<base::Signature> until;
  bool operator==(const PageAsk&) const = default;
};

PageAsk next_page(const Progress& progress, const std::optional<base::Signature>& anchor);

struct PageTaken {
  Progress progress;
  bool first = false;  // of its listing: what was listed before and never indexed is listed again
  bool done = false;   // there is no further page
};
// `page` answers `ask`; `finalized` was read before it was asked.
PageTaken take_page(Progress progress, const PageAsk& ask, std::span<const Listed> page,
                    std::uint64_t finalized);

// Whether a listed transaction has to be read, given its row if it has one.
bool is_news(const Listed& listed, const std::optional<TransactionRow>& row);

enum class Verdict {
  wait,    // not to be told yet
  settle,  // its block is final
  move,    // final, at another place in the block of that slot: to be read again
  undo,    // its block is gone
};
// `block` has all signatures of the block in the row's slot; none: the slot has no block. `told`
// is the slot where the node says the transaction is now, if it knows it at all; asked only where
// it is not in the block.
Verdict judge(const TransactionRow& row, std::uint64_t finalized,
              const std::optional<std::vector<base::Signature>>& block,
              const std::optional<std::uint64_t>& told);

}  // namespace obelisk::index
