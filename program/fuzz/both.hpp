// Program and model side by side, for the fuzzer: the same instruction runs in the program,
// compiled natively, and in the model of program/differential; afterwards codes, events and
// accounts must be the same, and what always holds must still hold. It aborts where something does
// not, and never repairs anything.
#pragma once

#include "program/differential/ledger.hpp"
#include "program/native/world.hpp"

namespace obelisk::program {

class Both {
 public:
  // A market that exists, and wallets that hold much.
  Both();

  const World& world() const { return world_; }
  std::int64_t now() const { return world_.host.now; }
  void pass(std::int64_t seconds, std::uint64_t slots);
  // Lamports that move between wallets without us: one becomes empty, poor or rich.
  void set_lamports(const base::PublicKey& wallet, std::uint64_t lamports);
  // The lease as it is, if it is open.
  std::optional<escrow::Lease> lease() const;

  // One transaction: `proof`, if there is one, and the instruction, made as `row`. Aborts on any
  // difference.
  void run(const escrow::Call& call, differential::Row row, const escrow::Call* proof);
  // From every state the renter alone gets out at once; anyone in time, after one window at most.
  void everybody_gets_out() const;

 private:
  void check_same() const;
  struct Before {
    std::optional<escrow::Lease> lease;
    std::vector<HostAccount> accounts;
  };
  void check_what_always_holds(const escrow::Call& call, const Before& before) const;

  World world_;
  differential::Ledger model_;
};

}  // namespace obelisk::program
