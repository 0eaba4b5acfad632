#include "program/differential/model.hpp"

#include "base/crypto.hpp"
#include "program/differential/reading.hpp"

namespace obelisk::differential {
namespace {

using escrow::Error;

bool has_twice(const std::vector<Place>& places) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (places[i].key == places[j].key) return true;
    }
  }
  return false;
}

// Everything up to 105: what can be said without looking into an account.
Faults shape_faults(const Shape& shape, const std::vector<Place>& places) {
  Faults faults;
  faults.add(places.size() != shape.parts.size(), Error::bad_count);
  faults.add(has_twice(places), Error::duplicate_account);
  if (faults.any()) return faults;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const ShapePart& part = shape.parts[i];
    const base::PublicKey& key = places[i].key;
    faults.add(part.writes && !places[i].writes, Error::not_writable);
    faults.add(part.signs && !places[i].signs, Error::not_signer);
    faults.add(part.part == Part::system && key != escrow::system_program(), Error::wrong_program);
    faults.add(part.part == Part::sysvar && key != escrow::instructions_sysvar(),
               Error::wrong_program);
  }
  return faults;
}

// The part that the coverage calls by its state: the lease, or the market where there is none.
Part subject_of(const Shape& shape) {
  return shape.place_of(Part::lease) ? Part::lease : Part::market;
}

Found found_at(const Ledger& ledger, const base::PublicKey& key, Part part) {
  if (part == Part::lease) return ledger.lease_at(key);
  const Account& account = ledger.at(key);
  const auto market = escrow::parse_market(account.data);
  if (account.owner != ledger.program() || !market) return Found::none;
  return Found::market;
}

template <class T>
Faults owned_faults(const Reading& call, Part part, const std::optional<T>& parsed) {
  Faults faults;
  faults.add(call.account(part).owner != call.ledger.program(), Error::wrong_owner);
  faults.add(!parsed.has_value(), Error::wrong_kind);
  return faults;
}

Outcome with_market(const Reading& call) {
  const auto market = escrow::parse_market(call.account(Part::market).data);
  const Faults faults = owned_faults(call, Part::market, market);
  if (faults.any()) return faults.outcome();
  return call.shape.row == Row::open ? open(call, *market) : update_market(call, *market);
}

Outcome with_lease(const Reading& call) {
  const auto lease = escrow::parse_lease(call.account(Part::lease).data);
  const Faults faults = owned_faults(call, Part::lease, lease);
  return faults.any() ? faults.outcome() : change_lease(call, *lease);
}

}  // namespace

Trace trace_of(const Ledger& ledger, const Frame& frame) {
  const Shape* known = shape_of(frame.data());
  const Row made_as = frame.all[frame.index].row;
  const Shape& shape = known != nullptr ? *known : shape_of(made_as);
  Trace trace = {known != nullptr ? shape.row : made_as, Found::none, 0};
  const Part subject = subject_of(shape);
  const std::size_t at = shape.place_of(subject).value();
  if (at < frame.places.size()) {
    trace.found = found_at(ledger, frame.places[at].key, subject);
  }
  if (trace.row != Row::cancel_anyone && trace.row != Row::cancel_renter) return trace;
  const bool signs = frame.places.size() > 1 && frame.places[1].signs;
  trace.row = signs ? Row::cancel_renter : Row::cancel_anyone;
  return trace;
}

Outcome execute(Ledger& ledger, const Frame& frame) {
  const Shape* shape = shape_of(frame.data());
  if (shape == nullptr) return refused(Error::bad_data);
  const Faults faults = shape_faults(*shape, frame.places);
  if (faults.any()) return faults.outcome();
  const Reading call = {ledger, frame, *shape};
  if (shape->row == Row::create_market) return create_market(call);
  if (shape->row == Row::update_market || shape->row == Row::open) return with_market(call);
  return with_lease(call);
}

std::optional<base::PublicKey> address_of(const base::PublicKey& program,
                                          const std::vector<base::Bytes>& seeds,
                                          std::uint8_t bump) {
  base::Writer all;
  for (const base::Bytes& seed : seeds) all.put(seed);
  all.u8(bump);
  all.put(program.view());
  all.put("ProgramDerivedAddress");
  const base::PublicKey key{base::sha256(all.bytes()).bytes};
  if (base::is_on_curve(key)) return std::nullopt;
  return key;
}

}  // namespace obelisk::differential
