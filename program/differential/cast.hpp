// Who plays in a sequence: wallets, keys that can sign proofs, the addresses of markets and leases,
// and accounts that only pretend. All of it follows from the seed; the keys are worth nothing.
#pragma once

#include <array>
#include <vector>

#include "base/crypto.hpp"
#include "program/differential/ledger.hpp"
#include "program/differential/random.hpp"

namespace obelisk::differential {

struct Address {
  base::PublicKey key;
  std::uint8_t bump = 0;
};

struct MarketSeat {
  base::PublicKey operator_key;
  Address address;
};

// An address where a lease can be.
struct LeaseSeat {
  base::PublicKey renter;
  std::uint64_t nonce = 0;
  Address address;
};

struct Cast {
  Cast(const base::PublicKey& program, std::uint64_t seed);

  // Wallets and junk as they are before the first step.
  void enter(Ledger& ledger, Random& random) const;
  // The keypair of a key; the stranger's, if we have none: terms can name any attestor.
  const base::Keypair& keypair_of(const base::PublicKey& key) const;
  bool can_sign(const base::PublicKey& key) const;

  base::PublicKey stranger;
  std::vector<base::PublicKey> operators, treasuries, attestors, renters, hosts;
  std::vector<MarketSeat> markets;
  std::vector<LeaseSeat> leases;
  // Of another program, but with the bytes of a lease and of a market.
  base::PublicKey forged_lease, forged_market;
  // Of our program, as anybody can have it made: zeros of the right size, and nothing at all.
  base::PublicKey blank_lease, blank_market, blank;

  std::vector<base::PublicKey> everyone;  // every key above, leases and markets too

 private:
  base::PublicKey add_signer(Random& random);

  base::PublicKey program_;
  std::vector<base::Keypair> keypairs_;
};

}  // namespace obelisk::differential
