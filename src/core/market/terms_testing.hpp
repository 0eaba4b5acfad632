// For tests: terms that keep every bound.
#pragma once

#include "core/market/terms.hpp"

namespace obelisk::market::testing {

inline base::PublicKey key(std::uint8_t seed) {
  base::PublicKey out;
  out.bytes.fill(seed);
  return out;
}

inline Terms example() {
  Terms t;
  t.program = key(1);
  t.market = key(2);
  t.market_rev = 3;
  t.attestor = key(4);
  t.renter = key(5);
  t.host = key(6);
  t.nonce = 18'446'744'073'709'551'615u;
  t.expires_at = 1'795'000'000;
  t.offer = "0123456789abcdef";
  t.card = "rtx-4090";
  t.cards = {{"GPU-1c8f2d3e-0000-1111-2222-333344445555", 25'757'220'864},
             {"GPU-2c8f2d3e-0000-1111-2222-333344445555", 25'757'220'864}};
  t.image = "sha256:" + std::string(64, 'a');
  t.disk_bytes = 50'000'000'000;
  t.ram_bytes = 64'000'000'000;
  t.cpu_milli = 8000;
  t.ports = {kSshPort};
  t.lamports_per_hour = 9'857'143;
  t.seconds = 5400;
  t.max_seconds = 86'400;
  t.fee_bps = 250;
  t.debit = *breakdown_for({t.lamports_per_hour, 9'800'000}, t.seconds);
  t.micro_usd_per_sol = 140'000'000;
  t.sol_price_at_ms = 1'794'999'990'123;
  t.sol_price_source = "fixed";
  t.ssh_key = "SHA256:" + std::string(43, 'A');
  return t;
}

}  // namespace obelisk::market::testing
