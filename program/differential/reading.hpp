// An instruction whose shape has been read, for the model's own files: its accounts by what they
// are for, and the faults found in it. It decides nothing.
#pragma once

#include "core/escrow/codec.hpp"
#include "core/escrow/errors.hpp"
#include "program/differential/model.hpp"
#include "program/differential/shape.hpp"

namespace obelisk::differential {

inline constexpr std::uint64_t kTooLittle = 1;  // the System program's code

inline Outcome refused(escrow::Error error) {
  return {End::refused, static_cast<std::uint64_t>(error), 0, {}};
}

// Faults are gathered in any order; the lowest code is the answer.
class Faults {
 public:
  void add(bool wrong, escrow::Error error) {
    if (wrong && (!any() || error < lowest_)) lowest_ = error;
  }
  void add(escrow::Error error) { add(error != escrow::Error::none, error); }
  bool any() const { return lowest_ != escrow::Error::none; }
  Outcome outcome() const { return refused(lowest_); }

 private:
  escrow::Error lowest_ = escrow::Error::none;
};

struct Reading {
  Ledger& ledger;
  const Frame& frame;
  const Shape& shape;

  const Place& place(Part part) const { return frame.places[shape.place_of(part).value()]; }
  const base::PublicKey& key(Part part) const { return place(part).key; }
  bool is(Part part, const escrow::Key& key_there) const {
    return key(part) == escrow::to_public_key(key_there);
  }
  const Account& account(Part part) const { return ledger.at(key(part)); }
  Account& edit(Part part) const { return ledger.edit(key(part)); }
  // What follows the tag.
  base::Reader data() const { return base::Reader(base::ByteView(frame.data()).subspan(1)); }
};

// By tag; the shape and what comes before 108 have been checked.
Outcome create_market(const Reading& call);
Outcome update_market(const Reading& call, escrow::Market market);
Outcome open(const Reading& call, const escrow::Market& market);
Outcome change_lease(const Reading& call, const escrow::Lease& lease);

}  // namespace obelisk::differential
