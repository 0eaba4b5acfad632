#include "core/escrow/open.hpp"

#include "core/escrow/arithmetic.hpp"
#include "core/escrow/bounds.hpp"

namespace obelisk::escrow {
namespace {

// Whoever holds two of these keys could dispute with, pay or prove to himself.
bool five_keys(const Market& market, const Parties& parties) {
  const Key* const keys[5] = {parties.lease, parties.renter, parties.host, &market.treasury,
                              &market.attestor};
  for (int i = 1; i < 5; ++i) {
    for (int j = 0; j < i; ++j) {
      if (same(*keys[i], *keys[j])) return false;
    }
  }
  return true;
}

}  // namespace

Error check_open(const Market& market, const Purchase& purchase, const Parties& parties,
                 int64_t now) {
  if (market.paused != 0) return Error::paused;
  if (market.rev != purchase.market_rev) return Error::market_changed;
  if (now > purchase.expires_at) return Error::quote_expired;
  if (!within_bounds(purchase.rate, purchase.seconds, purchase.max_seconds)) {
    return Error::out_of_range;
  }
  if (!five_keys(market, parties)) return Error::same_party;
  if (parties.host_empty) return Error::empty_wallet;
  return Error::none;
}

bool opening_lamports(const Purchase& purchase, uint64_t& lamports) {
  if (!price(purchase.rate, purchase.seconds, lamports)) return false;
  static_assert(kLargestPrice <= UINT64_MAX - kBondLamports);
  lamports += kBondLamports;
  return true;
}

void fill_lease(Lease& lease, const Market& market, const Purchase& purchase,
                const Parties& parties, const Moment& moment) {
  lease.kind = kLeaseKind;
  lease.version = kVersion;
  lease.bump = purchase.bump;
  lease.state = State::funded;
  lease.fee_bps = market.fee_bps;
  lease.zero_a = 0;
  lease.ready_deadline_s = market.ready_deadline_s;
  lease.gap_limit_s = market.gap_limit_s;
  lease.claim_window_s = market.claim_window_s;
  lease.seconds = purchase.seconds;
  lease.max_seconds = purchase.max_seconds;
  lease.zero_b = 0;
  lease.renter = *parties.renter;
  lease.host = *parties.host;
  lease.market = *parties.market;
  lease.treasury = market.treasury;
  lease.attestor = market.attestor;
  lease.terms_hash = purchase.terms_hash;
  lease.nonce = purchase.nonce;
  lease.opened_slot = moment.slot;
  lease.rate = purchase.rate;
  lease.opened_at = moment.now;
  lease.started_at = 0;
  lease.proven_until = 0;
  lease.stopped_at = 0;
  lease.window_ends = 0;
  lease.released = 0;
}

void set_terms(Market& market, const MarketTerms& terms, const Key& treasury) {
  market.paused = terms.paused;
  market.fee_bps = terms.fee_bps;
  market.ready_deadline_s = terms.ready_deadline_s;
  market.gap_limit_s = terms.gap_limit_s;
  market.claim_window_s = terms.claim_window_s;
  market.treasury = treasury;
  market.attestor = terms.attestor;
}

}  // namespace obelisk::escrow
