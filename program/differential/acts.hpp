// Instructions as a party would send them, with what they say drawn near the edges of what the
// rules allow. Whether one succeeds is for the model and the program to say.
#pragma once

#include <optional>
#include <string>

#include "program/differential/cast.hpp"

namespace obelisk::differential {

struct Stage {
  Random& random;
  const Cast& cast;
  const Ledger& ledger;

  std::optional<escrow::Lease> lease_at(const LeaseSeat& seat) const;
  std::optional<escrow::Market> market_at(const MarketSeat& seat) const;
  bool is_empty(const escrow::Key& wallet) const;
};

// What is said, spoken as `row`; a claim comes with what stands before it.
Transaction act(const Stage& stage, Row row, const LeaseSeat& seat, const MarketSeat& market,
                std::string& text);

// Lamports for an empty wallet.
Transaction fill(const Stage& stage, const base::PublicKey& wallet, std::string& text);
// Somebody sends to a lease, or takes everything out of a wallet, or fills one.
Transaction move_lamports(const Stage& stage, const LeaseSeat& seat, std::string& text);

}  // namespace obelisk::differential
