// obelisk stop: ends a lease at any second, by the rule of docs/escrow.md, section 7. Works with
// the market away: the lease's own account says all that is needed.
#include "apps/cli/lease_file.hpp"
#include "apps/cli/proofs.hpp"
#include "apps/cli/settle.hpp"
#include "apps/cli/trust.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_lease.hpp"

namespace obelisk::cli {

base::Result<void> stop(Session& session, const StopOptions& options) {
  TRY(const base::PublicKey key, which_lease(session, options.lease));
  TRY(ports::Signer * wallet, session.signing_wallet());
  TRY(ports::Chain * chain, session.chain());
  TRY(const LeaseAccount lease, require_lease(*chain, key));
  if (lease.renter() != wallet->public_key()) {
    return base::Error{base::Code::forbidden, "This lease belongs to another wallet.",
                       "Use its key: --keypair"};
  }
  TRY_VOID(trust_program(session, lease));
  const auto proof = newest_proof(session, lease);
  TRY(const ports::ChainTime now, chain->now(ports::Commitment::confirmed));
  const auto alive = proof ? std::optional(proof->fields.alive_until) : std::nullopt;
  TRY(const StopStep step, choose_stop(lease.data, alive, now.unix_s));
  return settle(session, lease, settlement_for(step, lease, proof), options.yes);
}

}  // namespace obelisk::cli
