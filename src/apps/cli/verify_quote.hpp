// verify_quote: what stands between a market and the wallet. A quote is paid only if the attestor
// signed it, the chain knows that attestor, it sells what was asked for, and its transaction does
// that and nothing else. Pure: it asks nobody and signs nothing. It must never accept what it
// cannot read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/types.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/escrow/instructions.hpp"
#include "core/escrow/layout.hpp"
#include "core/market/terms.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::cli {

// What the person asked for, as it was sent.
struct Asked {
  base::PublicKey renter;
  std::optional<std::string> card;
  std::optional<std::string> offer;
  std::uint32_t count = 1;
  std::uint32_t seconds = 0;
  std::optional<std::uint32_t> max_seconds;
  std::optional<std::uint64_t> disk_bytes;
  std::string ssh_key;                            // its fingerprint
  std::optional<std::string> image = {};          // its digest
  std::optional<std::string> template_name = {};  // what it was made from
  // A quote that was made before: its id says all of the above but wallet and key.
  std::optional<std::string> quote = {};
};

// What the renter's own node says, not the market.
struct ChainView {
  base::PublicKey market;        // the account's address
  base::PublicKey market_owner;  // the program that owns it
  escrow::Market account{};
  base::UnixSeconds now_s = 0;
};

// A quote that may be paid. Everything shown or signed from here on is out of `terms`.
struct CheckedQuote {
  market::Terms terms;
  base::Hash hash;
  base::PublicKey lease;
  escrow::Open open;
};

// `trusted_program`: the only program this person lets take money; nothing: the quote's is shown
// and the person decides.
base::Result<CheckedQuote> verify_quote(const api::Quote& quote, const Asked& asked,
                                        const ChainView& chain,
                                        const std::optional<base::PublicKey>& trusted_program);

// The part of it about the transaction: only ComputeBudget, bounded, and this one `open`.
base::Result<void> verify_open_transaction(const solana::Transaction& transaction,
                                           const CheckedQuote& quote);

}  // namespace obelisk::cli
