// How markets and leases come to be, in the model.
#include "base/check.hpp"
#include "core/escrow/bounds.hpp"
#include "core/escrow/event.hpp"
#include "core/escrow/open.hpp"
#include "program/differential/reading.hpp"

namespace obelisk::differential {
namespace {

using base::PublicKey;
using escrow::Error;

// base::Reader has no 16-bit numbers: no other format here needs them read.
std::uint16_t read_u16(base::Reader& data) {
  const std::uint8_t low = data.u8();
  return static_cast<std::uint16_t>(low | data.u8() << 8);
}

escrow::MarketTerms read_terms(base::Reader& data) {
  escrow::MarketTerms terms{};
  terms.paused = data.u8();
  terms.fee_bps = read_u16(data);
  terms.ready_deadline_s = data.u32();
  terms.gap_limit_s = data.u32();
  terms.claim_window_s = data.u32();
  terms.attestor = escrow::to_key(PublicKey{data.array<32>()});
  CHECK(data.at_end());
  return terms;
}

bool is_vacant(const Account& account) { return account.owner.is_zero() && account.data.empty(); }

// What both market instructions ask of their terms and their treasury.
void add_terms_faults(Faults& faults, const Reading& call, const escrow::MarketTerms& terms) {
  faults.add(!escrow::within_bounds(terms), Error::out_of_range);
  faults.add(call.account(Part::treasury).lamports == 0, Error::empty_wallet);
}

struct Creation {
  Part payer;
  Part address;
  std::vector<base::Bytes> seeds;
  std::uint8_t bump;
  std::uint64_t lamports;
};

// A vacant address becomes an account of ours. Where lamports lie already, the money moves before
// the seeds are looked at; else the other way round.
Outcome create(const Reading& call, const Creation& creation) {
  const bool seeds_hold = address_of(call.ledger.program(), creation.seeds, creation.bump) ==
                          call.key(creation.address);
  const bool prefunded = call.account(creation.address).lamports != 0;
  if (!prefunded && !seeds_hold) return {End::seeds, 0, 0, {}};
  if (call.account(creation.payer).lamports < creation.lamports) {
    return {End::refused, kTooLittle, 0, {}};
  }
  if (!seeds_hold) return {End::seeds, 0, 0, {}};
  call.edit(creation.payer).lamports -= creation.lamports;
  call.edit(creation.address).lamports += creation.lamports;
  call.edit(creation.address).owner = call.ledger.program();
  return {};
}

template <std::size_t N>
std::vector<base::Bytes> listed(const std::array<base::Bytes, N>& seeds) {
  return {seeds.begin(), seeds.end()};
}

escrow::Purchase read_purchase(base::Reader data) {
  escrow::Purchase purchase{};
  purchase.bump = data.u8();
  purchase.nonce = data.u64();
  purchase.market_rev = data.u64();
  purchase.expires_at = data.i64();
  purchase.rate = data.u64();
  purchase.seconds = data.u32();
  purchase.max_seconds = data.u32();
  purchase.terms_hash = escrow::to_key(PublicKey{data.array<32>()});
  CHECK(data.at_end());
  return purchase;
}

}  // namespace

Outcome create_market(const Reading& call) {
  base::Reader data = call.data();
  const std::uint8_t bump = data.u8();
  const escrow::MarketTerms terms = read_terms(data);
  Faults faults;
  faults.add(call.place(Part::market).signs, Error::wrong_key);
  add_terms_faults(faults, call, terms);
  faults.add(!is_vacant(call.account(Part::market)), Error::already_open);
  if (faults.any()) return faults.outcome();
  const PublicKey operator_key = call.key(Part::operator_key);
  const Outcome created =
      create(call, {Part::operator_key, Part::market, listed(escrow::market_seeds(operator_key)),
                    bump, escrow::kMarketRentLamports});
  if (created.end != End::done) return created;
  escrow::Market market{};
  market.kind = escrow::kMarketKind;
  market.version = escrow::kVersion;
  market.bump = bump;
  market.rev = 1;
  market.operator_key = escrow::to_key(operator_key);
  escrow::set_terms(market, terms, escrow::to_key(call.key(Part::treasury)));
  call.edit(Part::market).data = escrow::encode_market(market);
  return {};
}

Outcome update_market(const Reading& call, escrow::Market market) {
  base::Reader data = call.data();
  const escrow::MarketTerms terms = read_terms(data);
  Faults faults;
  faults.add(!call.is(Part::operator_key, market.operator_key), Error::wrong_key);
  add_terms_faults(faults, call, terms);
  if (faults.any()) return faults.outcome();
  market.rev += 1;
  escrow::set_terms(market, terms, escrow::to_key(call.key(Part::treasury)));
  call.edit(Part::market).data = escrow::encode_market(market);
  return {};
}

Outcome open(const Reading& call, const escrow::Market& market) {
  const escrow::Purchase purchase = read_purchase(call.data());
  const escrow::Key lease_key = escrow::to_key(call.key(Part::lease));
  const escrow::Key renter_key = escrow::to_key(call.key(Part::renter));
  const escrow::Key host_key = escrow::to_key(call.key(Part::host));
  const escrow::Key market_key = escrow::to_key(call.key(Part::market));
  const escrow::Parties parties = {&lease_key, &renter_key, &host_key, &market_key,
                                   call.account(Part::host).lamports == 0};
  Faults faults;
  faults.add(call.place(Part::lease).signs, Error::wrong_key);
  faults.add(escrow::check_open(market, purchase, parties, call.ledger.now));
  faults.add(!is_vacant(call.account(Part::lease)), Error::already_open);
  if (faults.any()) return faults.outcome();
  std::uint64_t lamports = 0;
  CHECK(escrow::opening_lamports(purchase, lamports));
  Outcome outcome =
      create(call, {Part::renter, Part::lease,
                    listed(escrow::lease_seeds(call.key(Part::renter), purchase.nonce)),
                    purchase.bump, lamports});
  if (outcome.end != End::done) return outcome;
  escrow::Lease lease{};
  escrow::fill_lease(lease, market, purchase, parties, {call.ledger.now, call.ledger.slot});
  call.edit(Part::lease).data = escrow::encode_lease(lease);
  outcome.event = escrow::encode_event(
      {escrow::kEventMagic, escrow::Tag::open, lease.state, 0, lease_key, 0, 0, 0, 0, 0});
  return outcome;
}

}  // namespace obelisk::differential
