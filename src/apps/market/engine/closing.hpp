// Reads what the chain kept of a lease that is closed: every instruction on it, in order, from the
// logs of its transactions. It must never take a line that another program logged for ours, nor an
// opening of something else for the one that was quoted.
#pragma once

#include <functional>

#include "core/index/log_reader.hpp"
#include "core/lease/close.hpp"
#include "ports/chain.hpp"

namespace obelisk::engine {

using index::events_in;

struct History {
  std::vector<lease::ChainStep> steps;
  // False where the address has more transactions than are read: asking again finds no more.
  bool whole = true;
  // Something happened there that no opening in the list explains: the list does not begin early
  // enough, or a log was cut. That the opening is not in it proves nothing then.
  bool unexplained = false;
  // A transaction is listed that the node cannot show (yet): no sum over them can be trusted.
  bool missing = false;
};

struct HistoryAsk {
  const lease::Quote& quote;
  std::uint64_t opened_slot = 0;  // 0: the first opening that equals the quote
  std::uint64_t gone_slot = 0;    // there the account was seen to be gone: the node has to know it
  ports::Commitment commitment = ports::Commitment::confirmed;  // never processed
};

// The steps of one opening, oldest first, and no others: an address can be opened again after a
// close. None where it was never opened as quoted; then one question was asked, if nothing at all
// ever happened at the address. Ends early, as not whole, where `stop` says so.
base::Result<History> read_history(ports::Chain& chain, const base::PublicKey& program,
                                   const HistoryAsk& ask, const std::function<bool()>& stop);

}  // namespace obelisk::engine
