// What happens to a lease after its opening, in the model: keys and proofs are checked here,
// everything else is core/escrow's step().
#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/escrow/event.hpp"
#include "core/escrow/step.hpp"
#include "program/differential/reading.hpp"

namespace obelisk::differential {
namespace {

using base::PublicKey;
using escrow::Error;
using escrow::Lease;

bool key_is(const Reading& call, Part part, const escrow::Key& stored) {
  return !call.shape.place_of(part) || call.is(part, stored);
}

// The 200 bytes of section 6: a head that says where all lies, the key, the signature, the message.
constexpr std::array<std::uint8_t, 16> kHead = {0x01, 0x00, 0x30, 0x00, 0xff, 0xff, 0x10, 0x00,
                                                0xff, 0xff, 0x70, 0x00, 0x58, 0x00, 0xff, 0xff};

// 120 to 123, and the time that is proven.
Error read_proof(const Reading& call, const Lease& lease, std::int64_t& alive_until) {
  if (call.frame.index == 0) return Error::no_ed25519;
  const escrow::Call& proof = call.frame.all[call.frame.index - 1].call;
  if (proof.program != escrow::ed25519_program()) return Error::no_ed25519;
  const base::ByteView data = proof.data;
  if (!proof.accounts.empty() || data.size() != 200 ||
      !std::equal(kHead.begin(), kHead.end(), data.begin())) {
    return Error::bad_ed25519;
  }
  const auto said = escrow::parse_attestation(data.subspan(112));
  if (!said || said->program != call.ledger.program() || said->lease != call.key(Part::lease) ||
      said->opened_slot != lease.opened_slot) {
    return Error::wrong_message;
  }
  const auto signer = PublicKey::from(data.subspan(16, 32));
  if (signer != escrow::to_public_key(lease.attestor) &&
      signer != escrow::to_public_key(lease.renter)) {
    return Error::wrong_attestor;
  }
  alive_until = said->alive_until;
  return Error::none;
}

escrow::Action read_action(const Reading& call) {
  escrow::Action action{};
  action.tag = static_cast<escrow::Tag>(call.shape.tag);
  if (call.shape.how) action.how = static_cast<escrow::StopHow>(*call.shape.how);
  if (action.tag == escrow::Tag::cancel) action.renter_signed = call.place(Part::renter).signs;
  if (action.tag == escrow::Tag::extend) action.total_seconds = call.data().u32();
  if (action.tag == escrow::Tag::ready) action.opened_slot = call.data().u64();
  return action;
}

std::uint64_t lamports_at(const Reading& call, Part part) {
  return call.shape.place_of(part) ? call.account(part).lamports : 0;
}

std::uint64_t earned_at(const Lease& lease, std::int64_t until) {
  std::uint64_t lamports = 0;
  CHECK(escrow::earned(lease.rate, static_cast<std::uint64_t>(until - lease.started_at), lamports));
  return lamports;
}

std::uint64_t fee_of(const Lease& lease, std::uint64_t amount) {
  std::uint64_t lamports = 0;
  CHECK(escrow::fee(amount, lease.fee_bps, lamports));
  return lamports;
}

// Which payments were due and could not land.
std::uint8_t left_out(const Lease& before, const Lease& after, const escrow::Payments& payments) {
  if (after.started_at == 0) return 0;
  std::uint8_t out = 0;
  if (earned_at(after, after.proven_until) != after.released) out |= kHostLeftOut;
  if (fee_of(after, after.released) - fee_of(after, before.released) > payments.to_treasury) {
    out |= kTreasuryLeftOut;
  }
  const bool contested =
      before.state == escrow::State::active && after.state == escrow::State::closing;
  if (contested &&
      payments.left > escrow::kBondLamports + earned_at(after, after.stopped_at) - after.released) {
    out |= kRenterLeftOut;
  }
  return out;
}

void pay(const Reading& call, Part part, std::uint64_t lamports) {
  if (lamports == 0) return;
  call.edit(Part::lease).lamports -= lamports;
  call.edit(part).lamports += lamports;
}

}  // namespace

Outcome change_lease(const Reading& call, const Lease& before) {
  Faults faults;
  faults.add(!key_is(call, Part::renter, before.renter), Error::wrong_key);
  faults.add(!key_is(call, Part::host, before.host), Error::wrong_key);
  faults.add(!key_is(call, Part::treasury, before.treasury), Error::wrong_key);
  faults.add(!key_is(call, Part::attestor, before.attestor), Error::wrong_key);
  escrow::Action action = read_action(call);
  if (action.tag == escrow::Tag::claim) {
    faults.add(!escrow::is_running(before), Error::wrong_state);
    faults.add(read_proof(call, before, action.alive_until));
  }
  if (faults.any()) return faults.outcome();

  const escrow::Scene scene = {call.ledger.now, lamports_at(call, Part::lease),
                               lamports_at(call, Part::host), lamports_at(call, Part::treasury),
                               lamports_at(call, Part::renter)};
  Lease lease = before;
  escrow::Payments payments{};
  if (const Error error = escrow::step(lease, action, scene, payments); error != Error::none) {
    return refused(error);
  }
  if (scene.renter_lamports < payments.from_renter) return {End::refused, kTooLittle, 0, {}};
  if (payments.from_renter != 0) {
    call.edit(Part::renter).lamports -= payments.from_renter;
    call.edit(Part::lease).lamports += payments.from_renter;
  }
  pay(call, Part::host, payments.to_host);
  pay(call, Part::treasury, payments.to_treasury);
  pay(call, Part::renter, payments.to_renter);
  Account& account = call.edit(Part::lease);
  CHECK(account.lamports == payments.left);
  const bool closed = lease.state == escrow::State::closed;
  account.data = closed ? base::Bytes{} : escrow::encode_lease(lease);
  if (closed) account.owner = escrow::system_program();
  Outcome outcome;
  if (action.tag != escrow::Tag::extend) outcome.left_out = left_out(before, lease, payments);
  outcome.event = escrow::encode_event({escrow::kEventMagic, action.tag, lease.state, 0,
                                        escrow::to_key(call.key(Part::lease)), payments.to_host,
                                        payments.to_treasury, payments.to_renter,
                                        lease.proven_until, lease.stopped_at});
  return outcome;
}

}  // namespace obelisk::differential
