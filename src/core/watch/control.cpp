#include "core/watch/control.hpp"

namespace obelisk::watch {

market::Terms control_terms(const Ground& ground, const ControlKeys& keys,
                            base::UnixSeconds now_s) {
  market::Terms out;
  out.program = ground.program;
  out.market = ground.market;
  out.market_rev = 1;
  out.attestor = keys.attestor;
  out.renter = keys.renter;
  out.host = keys.host;
  out.expires_at = now_s;  // over as soon as it is said
  out.offer = "control";
  out.card = "control";
  out.cards = {{.uuid = "control"}};
  out.image = "sha256:" + std::string(64, '0');
  out.ports = {market::kSshPort};
  out.lamports_per_hour = 1;
  out.seconds = 60;
  out.max_seconds = 31'536'000;  // a gateway may let it in for as long as a lease can run
  if (const auto debit = market::breakdown_for({out.lamports_per_hour, 0}, out.seconds)) {
    out.debit = *debit;
  }
  out.micro_usd_per_sol = 1;
  out.sol_price_source = "none";
  out.ssh_key = "SHA256:" + std::string(43, 'A');
  return out;
}

}  // namespace obelisk::watch
