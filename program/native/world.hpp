// A market with its parties on the test host, for the program's native tests and its fuzzer.
#pragma once

#include "core/escrow/codec.hpp"
#include "core/escrow/instructions.hpp"
#include "program/native/host.hpp"

namespace obelisk::program {

inline base::PublicKey key_of(std::uint8_t fill) {
  base::PublicKey key;
  key.bytes.fill(fill);
  return key;
}

struct World {
  static constexpr std::uint64_t kRich = 1'000'000'000'000'000;

  base::PublicKey program = key_of(1);
  base::PublicKey operator_key = key_of(2);
  base::PublicKey treasury = key_of(3);
  base::PublicKey attestor = key_of(4);
  base::PublicKey renter = key_of(5);
  base::PublicKey host_wallet = key_of(6);
  Host host{program};
  Address market = find_address(program, seeds_of(escrow::market_seeds(operator_key)));
  Address lease = find_address(program, seeds_of(escrow::lease_seeds(renter, 7)));

  World() {
    host.now = 1'000'000;
    host.slot = 42;
    for (const auto& key : {operator_key, treasury, attestor, renter, host_wallet}) {
      host.at(key).lamports = kRich;
    }
  }

  template <std::size_t N>
  static std::vector<base::Bytes> seeds_of(const std::array<base::Bytes, N>& seeds) {
    return {seeds.begin(), seeds.end()};
  }

  escrow::MarketTerms terms() const { return {0, 250, 60, 180, 21'600, escrow::to_key(attestor)}; }
  escrow::Call create_market() const {
    return escrow::encode_create_market(program,
                                        {operator_key, market.key, treasury, market.bump, terms()});
  }
  escrow::Open purchase() const {
    escrow::Open open;
    open.renter = renter;
    open.lease = lease.key;
    open.host = host_wallet;
    open.market = market.key;
    open.bump = lease.bump;
    open.nonce = 7;
    open.market_rev = 1;
    open.expires_at = host.now;
    open.rate_lamports_per_hour = 9'200'000;
    open.seconds = 3600;
    open.max_seconds = 7200;
    return open;
  }
  escrow::LeaseAccounts parties() const {
    return {lease.key, renter, host_wallet, treasury, attestor};
  }
  // The signature is the runtime's to check; the program reads only key and message.
  escrow::Call proof(std::int64_t alive_until, const base::PublicKey& by) const {
    const auto message = escrow::encode_attestation({program, lease.key, host.slot, alive_until});
    return escrow::encode_ed25519(by, {}, message);
  }
};

}  // namespace obelisk::program
