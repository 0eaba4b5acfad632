// The two accounts of the program, byte by byte, and the numbers that are part of the protocol.
// Freestanding. A field is never moved, renamed in meaning or given padding that is not shown: the
// bytes on chain are read by other people's programs.
#pragma once

#include "core/escrow/key.hpp"

namespace obelisk::escrow {

// From program/description.json: numbers.
inline constexpr uint8_t kMarketKind = 1;
inline constexpr uint8_t kLeaseKind = 2;
inline constexpr uint8_t kVersion = 1;

// Rent at the highest price per byte the chain has had, so that a change of rent moves
// no quote and blocks no payout. A lease gives its part back at the close; a market does
// not.
inline constexpr uint64_t kHighestRentPerByte = 6960;
inline constexpr uint64_t kAccountOverheadBytes = 128;
inline constexpr uint64_t kBondLamports = (kAccountOverheadBytes + 296) * kHighestRentPerByte;
inline constexpr uint64_t kMarketRentLamports = (kAccountOverheadBytes + 128) * kHighestRentPerByte;
// Below this a payment to an empty account would fail the whole transaction.
inline constexpr uint64_t kSmallestFirstPayment = kAccountOverheadBytes * kHighestRentPerByte;
// End of numbers.
static_assert(kBondLamports == 2'951'040 && kSmallestFirstPayment == 890'880);

// From program/description.json: state.
enum class State : uint8_t { closed = 0, funded = 1, active = 2, closing = 3 };
// End of state.

// The operator's terms, as create_market and update_market carry them. The treasury comes as an
// account, so that the chain itself says whether it can be paid.
// From program/description.json: terms.
struct MarketTerms {
  uint8_t paused;
  uint16_t fee_bps;
  uint32_t ready_deadline_s;
  uint32_t gap_limit_s;
  uint32_t claim_window_s;
  Key attestor;
};
// End of terms.

// From program/description.json: market.
// PDA ["market", operator].
struct Market {
  uint8_t kind;
  uint8_t version;
  uint8_t bump;
  uint8_t paused;
  uint16_t fee_bps;
  uint16_t zero_a;
  uint32_t ready_deadline_s;
  uint32_t gap_limit_s;
  uint32_t claim_window_s;
  uint32_t zero_b;
  uint64_t rev;
  Key operator_key;
  Key treasury;
  Key attestor;
};
static_assert(sizeof(Market) == 128 && alignof(Market) == 8);
static_assert(offsetof(Market, kind) == 0);
static_assert(offsetof(Market, version) == 1);
static_assert(offsetof(Market, bump) == 2);
static_assert(offsetof(Market, paused) == 3);
static_assert(offsetof(Market, fee_bps) == 4);
static_assert(offsetof(Market, zero_a) == 6);
static_assert(offsetof(Market, ready_deadline_s) == 8);
static_assert(offsetof(Market, gap_limit_s) == 12);
static_assert(offsetof(Market, claim_window_s) == 16);
static_assert(offsetof(Market, zero_b) == 20);
static_assert(offsetof(Market, rev) == 24);
static_assert(offsetof(Market, operator_key) == 32);
static_assert(offsetof(Market, treasury) == 64);
static_assert(offsetof(Market, attestor) == 96);
// End of market.

// From program/description.json: lease.
// PDA ["lease", renter, nonce]. Times are chain seconds; 0 where it has not happened yet.
struct Lease {
  uint8_t kind;
  uint8_t version;
  uint8_t bump;
  State state;
  uint16_t fee_bps;
  uint16_t zero_a;
  uint32_t ready_deadline_s;
  uint32_t gap_limit_s;
  uint32_t claim_window_s;
  uint32_t seconds;
  uint32_t max_seconds;
  uint32_t zero_b;
  Key renter;
  Key host;
  Key market;
  Key treasury;
  Key attestor;
  Key terms_hash;
  uint64_t nonce;
  uint64_t opened_slot;
  uint64_t rate;
  int64_t opened_at;
  int64_t started_at;
  int64_t proven_until;
  int64_t stopped_at;
  int64_t window_ends;
  uint64_t released;
};
static_assert(sizeof(Lease) == 296 && alignof(Lease) == 8);
static_assert(offsetof(Lease, kind) == 0);
static_assert(offsetof(Lease, version) == 1);
static_assert(offsetof(Lease, bump) == 2);
static_assert(offsetof(Lease, state) == 3);
static_assert(offsetof(Lease, fee_bps) == 4);
static_assert(offsetof(Lease, zero_a) == 6);
static_assert(offsetof(Lease, ready_deadline_s) == 8);
static_assert(offsetof(Lease, gap_limit_s) == 12);
static_assert(offsetof(Lease, claim_window_s) == 16);
static_assert(offsetof(Lease, seconds) == 20);
static_assert(offsetof(Lease, max_seconds) == 24);
static_assert(offsetof(Lease, zero_b) == 28);
static_assert(offsetof(Lease, renter) == 32);
static_assert(offsetof(Lease, host) == 64);
static_assert(offsetof(Lease, market) == 96);
static_assert(offsetof(Lease, treasury) == 128);
static_assert(offsetof(Lease, attestor) == 160);
static_assert(offsetof(Lease, terms_hash) == 192);
static_assert(offsetof(Lease, nonce) == 224);
static_assert(offsetof(Lease, opened_slot) == 232);
static_assert(offsetof(Lease, rate) == 240);
static_assert(offsetof(Lease, opened_at) == 248);
static_assert(offsetof(Lease, started_at) == 256);
static_assert(offsetof(Lease, proven_until) == 264);
static_assert(offsetof(Lease, stopped_at) == 272);
static_assert(offsetof(Lease, window_ends) == 280);
static_assert(offsetof(Lease, released) == 288);
// End of lease.

}  // namespace obelisk::escrow
