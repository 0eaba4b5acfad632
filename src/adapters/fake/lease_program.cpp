#include "adapters/fake/lease_program.hpp"

#include "core/escrow/codec.hpp"
#include "core/escrow/event.hpp"
#include "core/escrow/open.hpp"
#include "core/escrow/step.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::fake {
namespace {

using escrow::Error;
using escrow::StopHow;
using escrow::Tag;
using escrow::to_public_key;

const base::PublicKey& key_at(const LeaseCall& call, std::size_t index) {
  return call.instruction.accounts[index].key;
}

bool signs_at(const LeaseCall& call, std::size_t index) {
  return call.instruction.accounts[index].signer;
}

// What the instruction's data and accounts must be before anything is read.
struct Shape {
  std::size_t bytes = 0;
  std::size_t accounts = 0;
};

Shape shape_of(Tag tag, bool dark) {
  switch (tag) {
    case Tag::create_market: return {escrow::kCreateMarketLength, 4};
    case Tag::update_market: return {escrow::kUpdateMarketLength, 3};
    case Tag::open: return {escrow::kOpenLength, 5};
    case Tag::ready: return {escrow::kReadyLength, 2};
    case Tag::cancel: return {escrow::kCancelLength, 2};
    case Tag::extend: return {escrow::kExtendLength, 3};
    case Tag::claim: return {escrow::kClaimLength, 5};
    case Tag::stop: return {escrow::kStopLength, dark ? 5u : 4u};
    case Tag::finish: return {escrow::kFinishLength, 4};
  }
  return {};
}

void log_event(const LeaseCall& call, Tag tag, const base::PublicKey& address,
               const escrow::Lease& lease, const escrow::Payments& payments) {
  escrow::Event event{};
  event.magic = escrow::kEventMagic;
  event.tag = tag;
  event.state = lease.state;
  event.lease = escrow::to_key(address);
  event.to_host = payments.to_host;
  event.to_treasury = payments.to_treasury;
  event.to_renter = payments.to_renter;
  event.proven_until = lease.proven_until;
  event.stopped_at = lease.stopped_at;
  const std::string name = call.program.to_string();
  call.logs.push_back("Program " + name + " invoke [1]");
  call.logs.push_back("Program data: " + base::to_base64(escrow::encode_event(event)));
  call.logs.push_back("Program " + name + " success");
}

Error update_market(const LeaseCall& call, Overlay& accounts) {
  ports::Account account = accounts.get(key_at(call, 1));
  if (account.owner != call.program) return Error::wrong_owner;
  auto market = escrow::parse_market(account.data);
  if (!market) return Error::wrong_kind;
  if (!signs_at(call, 0)) return Error::not_signer;
  if (to_public_key(market->operator_key) != key_at(call, 0)) return Error::wrong_key;
  const base::Bytes& data = call.instruction.data;
  escrow::MarketTerms terms{};
  terms.paused = data[1];
  terms.fee_bps = static_cast<std::uint16_t>(read_number(data, 2, 2));
  terms.ready_deadline_s = static_cast<std::uint32_t>(read_number(data, 4, 4));
  terms.gap_limit_s = static_cast<std::uint32_t>(read_number(data, 8, 4));
  terms.claim_window_s = static_cast<std::uint32_t>(read_number(data, 12, 4));
  terms.attestor = escrow::to_key(*base::PublicKey::from(base::ByteView(data).subspan(16, 32)));
  escrow::set_terms(*market, terms, escrow::to_key(key_at(call, 2)));
  ++market->rev;
  account.data = escrow::encode_market(*market);
  accounts.set(key_at(call, 1), std::move(account));
  return Error::none;
}

Error open(const LeaseCall& call, Overlay& accounts) {
  const base::Bytes& data = call.instruction.data;
  escrow::Purchase purchase{};
  purchase.bump = data[1];
  purchase.nonce = read_number(data, 2, 8);
  purchase.market_rev = read_number(data, 10, 8);
  purchase.expires_at = static_cast<std::int64_t>(read_number(data, 18, 8));
  purchase.rate = read_number(data, 26, 8);
  purchase.seconds = static_cast<std::uint32_t>(read_number(data, 34, 4));
  purchase.max_seconds = static_cast<std::uint32_t>(read_number(data, 38, 4));
  purchase.terms_hash =
      escrow::to_key(*base::PublicKey::from(base::ByteView(data).subspan(42, 32)));
  const base::PublicKey& renter = key_at(call, 0);
  const base::PublicKey& address = key_at(call, 1);
  if (!signs_at(call, 0)) return Error::not_signer;
  const ports::Account market_account = accounts.get(key_at(call, 3));
  if (market_account.owner != call.program) return Error::wrong_owner;
  const auto market = escrow::parse_market(market_account.data);
  if (!market) return Error::wrong_kind;
  const auto derived = settlement::lease_address(call.program, renter, purchase.nonce);
  if (derived.address != address) return Error::wrong_key;
  const escrow::Key keys[4] = {escrow::to_key(address), escrow::to_key(renter),
                               escrow::to_key(key_at(call, 2)), escrow::to_key(key_at(call, 3))};
  const bool host_empty = accounts.get(key_at(call, 2)).lamports.count == 0;
  const escrow::Parties parties{&keys[0], &keys[1], &keys[2], &keys[3], host_empty};
  const Error refused = escrow::check_open(*market, purchase, parties, call.moment.now_s);
  if (refused != Error::none) return refused;
  ports::Account account = accounts.get(address);
  if (!account.data.empty()) return Error::already_open;
  std::uint64_t lamports = 0;
  if (!escrow::opening_lamports(purchase, lamports)) return Error::overflow;
  if (!accounts.take(renter, lamports)) return static_cast<Error>(kTooPoor);
  escrow::Lease lease{};
  escrow::fill_lease(lease, *market, purchase, parties, {call.moment.now_s, call.moment.slot});
  account.lamports.count += lamports;
  account.owner = call.program;
  account.data = escrow::encode_lease(lease);
  accounts.set(address, std::move(account));
  log_event(call, Tag::open, address, lease, {});
  return Error::none;
}

// By the checks of PROTOCOL, section 6.
Error read_proof(const LeaseCall& call, const base::PublicKey& address, const escrow::Lease& lease,
                 std::int64_t& alive_until) {
  if (call.before == nullptr || call.before->program != escrow::ed25519_program()) {
    return Error::no_ed25519;
  }
  const base::ByteView data(call.before->data);
  if (data.size() != escrow::kEd25519DataLength || !call.before->accounts.empty()) {
    return Error::bad_ed25519;
  }
  const auto fields = escrow::parse_attestation(data.subspan(escrow::kEd25519MessageAt));
  if (!fields || fields->program != call.program || fields->lease != address ||
      fields->opened_slot != lease.opened_slot) {
    return Error::wrong_message;
  }
  const auto key = *base::PublicKey::from(data.subspan(escrow::kEd25519KeyAt, 32));
  if (key != to_public_key(lease.attestor) && key != to_public_key(lease.renter)) {
    return Error::wrong_attestor;
  }
  alive_until = fields->alive_until;
  return Error::none;
}

// The parties that the instruction names are those of the lease, and those sign who must.
Error check_parties(const LeaseCall& call, Tag tag, const escrow::Lease& lease) {
  if (tag == Tag::ready) {
    if (key_at(call, 0) != to_public_key(lease.attestor)) return Error::wrong_key;
    return signs_at(call, 0) ? Error::none : Error::not_signer;
  }
  if (tag == Tag::extend) {
    if (key_at(call, 0) != to_public_key(lease.renter)) return Error::wrong_key;
    return signs_at(call, 0) ? Error::none : Error::not_signer;
  }
  if (key_at(call, 1) != to_public_key(lease.renter)) return Error::wrong_key;
  if (tag == Tag::cancel) return Error::none;
  if (key_at(call, 2) != to_public_key(lease.host)) return Error::wrong_key;
  if (key_at(call, 3) != to_public_key(lease.treasury)) return Error::wrong_key;
  if (tag != Tag::stop) return Error::none;
  switch (static_cast<StopHow>(call.instruction.data[1])) {
    case StopHow::served:
    case StopHow::dispute: return signs_at(call, 1) ? Error::none : Error::not_signer;
    case StopHow::waive: return signs_at(call, 2) ? Error::none : Error::not_signer;
    case StopHow::dark:
      if (key_at(call, 4) != to_public_key(lease.attestor)) return Error::wrong_key;
      return signs_at(call, 4) ? Error::none : Error::not_signer;
  }
  return Error::bad_data;
}

Error on_lease(const LeaseCall& call, Tag tag, Overlay& accounts) {
  const base::Bytes& data = call.instruction.data;
  const bool second = tag == Tag::ready || tag == Tag::extend;
  const base::PublicKey address = key_at(call, second ? 1 : 0);
  ports::Account account = accounts.get(address);
  if (account.owner != call.program) return Error::wrong_owner;
  auto lease = escrow::parse_lease(account.data);
  if (!lease) return Error::wrong_kind;
  const Error wrong = check_parties(call, tag, *lease);
  if (wrong != Error::none) return wrong;
  escrow::Action action{};
  action.tag = tag;
  if (tag == Tag::ready) action.opened_slot = read_number(data, 1, 8);
  if (tag == Tag::cancel) action.renter_signed = signs_at(call, 1);
  if (tag == Tag::stop) action.how = static_cast<StopHow>(data[1]);
  if (tag == Tag::extend) {
    action.total_seconds = static_cast<std::uint32_t>(read_number(data, 1, 4));
  }
  if (tag == Tag::claim) {
    const Error bad = read_proof(call, address, *lease, action.alive_until);
    if (bad != Error::none) return bad;
  }
  const base::PublicKey host = to_public_key(lease->host);
  const base::PublicKey treasury = to_public_key(lease->treasury);
  const base::PublicKey renter = to_public_key(lease->renter);
  const escrow::Scene scene{
      call.moment.now_s, account.lamports.count, accounts.get(host).lamports.count,
      accounts.get(treasury).lamports.count, accounts.get(renter).lamports.count};
  escrow::Payments payments{};
  const Error error = escrow::step(*lease, action, scene, payments);
  if (error != Error::none) return error;
  if (!accounts.take(renter, payments.from_renter)) return static_cast<Error>(kTooPoor);
  account.lamports.count = payments.left;
  account.data = escrow::encode_lease(*lease);
  if (lease->state == escrow::State::closed) account = {};
  accounts.set(address, std::move(account));
  accounts.give(host, payments.to_host);
  accounts.give(treasury, payments.to_treasury);
  accounts.give(renter, payments.to_renter);
  log_event(call, tag, address, *lease, payments);
  return Error::none;
}

}  // namespace

std::uint64_t read_number(const base::Bytes& data, std::size_t at, std::size_t bytes) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < bytes && at + i < data.size(); ++i) {
    out |= static_cast<std::uint64_t>(data[at + i]) << (8 * i);
  }
  return out;
}

ports::Account Overlay::get(const base::PublicKey& key) const {
  if (const auto found = changed_.find(key); found != changed_.end()) return found->second;
  if (const auto found = below_->find(key); found != below_->end()) return found->second;
  return {};
}

void Overlay::give(const base::PublicKey& key, std::uint64_t lamports) {
  if (lamports == 0) return;
  ports::Account account = get(key);
  account.lamports.count += lamports;
  set(key, std::move(account));
}

bool Overlay::take(const base::PublicKey& key, std::uint64_t lamports) {
  if (lamports == 0) return true;
  ports::Account account = get(key);
  if (account.lamports.count < lamports || !account.data.empty()) return false;
  account.lamports.count -= lamports;
  set(key, std::move(account));
  return true;
}

Error run_lease_program(const LeaseCall& call, Overlay& accounts) {
  const base::Bytes& data = call.instruction.data;
  if (data.empty() || data[0] > static_cast<std::uint8_t>(Tag::finish)) return Error::bad_data;
  const Tag tag = static_cast<Tag>(data[0]);
  const bool dark =
      tag == Tag::stop && data.size() > 1 && data[1] == static_cast<std::uint8_t>(StopHow::dark);
  const Shape shape = shape_of(tag, dark);
  if (data.size() != shape.bytes || (tag == Tag::stop && data[1] > 3)) return Error::bad_data;
  if (call.instruction.accounts.size() != shape.accounts) return Error::bad_count;
  switch (tag) {
    case Tag::create_market: return Error::bad_data;  // a test puts its market there itself
    case Tag::update_market: return update_market(call, accounts);
    case Tag::open: return open(call, accounts);
    case Tag::ready:
    case Tag::cancel:
    case Tag::extend:
    case Tag::claim:
    case Tag::stop:
    case Tag::finish: return on_lease(call, tag, accounts);
  }
  return Error::bad_data;
}

}  // namespace obelisk::fake
