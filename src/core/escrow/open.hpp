// How a market and a lease come to be: what is refused, what a lease costs at the start, and the
// first bytes of each account. Freestanding, pure. A lease takes the market's terms with it, so a
// later update never touches it.
#pragma once

#include "core/escrow/errors.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::escrow {

// What `open` says, beside its accounts.
struct Purchase {
  uint64_t nonce;
  uint64_t market_rev;
  int64_t expires_at;
  uint64_t rate;
  uint32_t seconds;
  uint32_t max_seconds;
  Key terms_hash;
  uint8_t bump;
};

// The three accounts of `open` that are parties, and what the chain knows of them.
struct Parties {
  const Key* lease;
  const Key* renter;
  const Key* host;
  const Key* market;
  bool host_empty;
};

struct Moment {
  int64_t now;
  uint64_t slot;
};

// All that can be refused once the market account is known to be one, in the order of the codes.
[[nodiscard]] Error check_open(const Market& market, const Purchase& purchase,
                               const Parties& parties, int64_t now);

// What the renter pays into a new lease: price(seconds) and the bond.
[[nodiscard]] bool opening_lamports(const Purchase& purchase, uint64_t& lamports);

// Writes all 296 bytes.
void fill_lease(Lease& lease, const Market& market, const Purchase& purchase,
                const Parties& parties, const Moment& moment);

// Writes the terms into a market whose identity (kind, version, bump, rev, operator) stands.
void set_terms(Market& market, const MarketTerms& terms, const Key& treasury);

}  // namespace obelisk::escrow
