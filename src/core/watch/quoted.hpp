// Terms that one of our own keys signed as a quote, read back from their text: what the watch may
// log in for, and what a lease on chain has to equal. It must never take terms on anybody's word.
#pragma once

#include <functional>
#include <string>

#include "core/escrow/layout.hpp"
#include "core/lease/record.hpp"
#include "core/market/terms.hpp"

namespace obelisk::watch {

// What this watch is for; it says nothing about anything else.
struct Ground {
  base::PublicKey program;
  base::PublicKey market;
};

struct Quoted {
  market::Terms terms;
  base::Hash hash;
  // Without what the terms do not say: the market account's other terms (see with_market), and what
  // the processor is called.
  lease::Quote quote;
};

// refused where no key of ours signed exactly this text, or it is of another market.
base::Result<Quoted> read_quoted(const Ground& ground,
                                 const std::function<bool(const base::PublicKey&)>& is_ours,
                                 const std::string& text, const base::Signature& signature);

// Beside them, what the market account said at the revision that was quoted.
lease::Quote with_market(lease::Quote quote, const escrow::Market& account);

}  // namespace obelisk::watch
