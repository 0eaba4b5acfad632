// The table of section 5 of docs/escrow.md: what each instruction's data and accounts look like.
// Written out once more, on purpose: the program has the same in its own words.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "program/differential/ledger.hpp"

namespace obelisk::differential {

// What an account is for.
enum class Part : std::uint8_t {
  operator_key,
  market,
  treasury,
  system,
  renter,
  lease,
  host,
  attestor,
  sysvar,
};

struct ShapePart {
  Part part;
  bool signs;
  bool writes;
};

struct Shape {
  Row row;
  std::uint8_t tag;
  std::optional<std::uint8_t> how;
  std::size_t data_length;
  std::vector<ShapePart> parts;

  std::optional<std::size_t> place_of(Part part) const;
};

// By what the data says; nothing if it says nothing that we know. Both rows of cancel have one
// shape: the one of `cancel_anyone`.
const Shape* shape_of(const base::Bytes& data);
const Shape& shape_of(Row row);

}  // namespace obelisk::differential
