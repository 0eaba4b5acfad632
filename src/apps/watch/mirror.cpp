#include "apps/watch/mirror.hpp"

#include "core/settlement/settlement.hpp"
#include "core/watch/control.hpp"

namespace obelisk::watch_app {

base::Result<std::unique_ptr<tunnel::Mirror>> start_mirror(
    http::IoThreads& threads, ports::Signer& attestor, const watch::Ground& ground,
    const std::vector<tunnel::Place>& gateways, ports::Clock& clock, tunnel::Mirror::Log log) {
  if (gateways.empty()) return std::unique_ptr<tunnel::Mirror>();
  base::Keypair host = base::Keypair::random();
  // Thrown away at once: what it would have to sign can never be signed.
  const base::PublicKey renter = base::Keypair::random().public_key();
  const auto terms = watch::control_terms(
      ground, {attestor.public_key(), host.public_key(), renter}, clock.now_ms() / 1000);
  tunnel::MirrorQuote quote;
  quote.terms = market::terms_text(terms);
  quote.signature = attestor.sign(market::quote_message(market::terms_hash(quote.terms)));
  quote.lease = settlement::lease_address(terms.program, terms.renter, terms.nonce).address;
  return tunnel::Mirror::start(threads, std::move(host), quote, gateways, std::move(log));
}

}  // namespace obelisk::watch_app
