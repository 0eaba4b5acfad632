// One instruction of ours by the page of rules: all faults are looked for, the lowest code wins;
// core/escrow's step() and check_open() say what happens to the money.
#pragma once

#include <optional>

#include "program/differential/ledger.hpp"

namespace obelisk::differential {

// An account of an instruction with the flags that the whole transaction gives it.
struct Place {
  base::PublicKey key;
  bool signs = false;
  bool writes = false;
};

struct Frame {
  const Transaction& all;
  std::size_t index;
  std::vector<Place> places;

  const base::Bytes& data() const { return all[index].call.data; }
};

struct Outcome {
  End end = End::done;
  std::uint64_t code = 0;
  std::uint8_t left_out = 0;
  std::optional<base::Bytes> event;
};

// What it is, as far as the data says; else what it was made as.
Trace trace_of(const Ledger& ledger, const Frame& frame);

// Changes the ledger only if it is done.
Outcome execute(Ledger& ledger, const Frame& frame);

// The address that the program signs for with these seeds and this bump, if it is one.
std::optional<base::PublicKey> address_of(const base::PublicKey& program,
                                          const std::vector<base::Bytes>& seeds, std::uint8_t bump);

}  // namespace obelisk::differential
