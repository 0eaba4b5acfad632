// obelisk escrow: the program's own instructions on one lease, with a node and a key alone. What a
// renter, a host or a bystander needs when nobody else answers.
#include "apps/cli/confirm.hpp"
#include "apps/cli/files.hpp"
#include "apps/cli/lease_file.hpp"
#include "apps/cli/lease_text.hpp"
#include "apps/cli/proofs.hpp"
#include "apps/cli/settle.hpp"
#include "apps/cli/text/table.hpp"
#include "apps/cli/trust.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_lease.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using escrow::StopHow;

base::Result<LeaseAccount> lease_named(Session& session, const std::string& text) {
  TRY(const base::PublicKey key, which_lease(session, text));
  TRY(ports::Chain * chain, session.chain());
  return require_lease(*chain, key);
}

// The lease, and the program trusted with this wallet's signature.
base::Result<LeaseAccount> lease_to_sign(Session& session, const std::string& text) {
  TRY(LeaseAccount lease, lease_named(session, text));
  TRY_VOID(trust_program(session, lease));
  return lease;
}

base::Result<StopHow> read_how(const std::string& text) {
  if (text == "0") return StopHow::served;
  if (text == "1") return StopHow::dispute;
  if (text == "2") return StopHow::waive;
  return Error{Code::usage, "--how is 0, 1 or 2.",
               "0: I was served till now. 1: I dispute the time since the last proof. "
               "2: the host waives it."};
}

}  // namespace

base::Result<void> escrow_show(Session& session, const LeaseOptions& options) {
  TRY(const LeaseAccount lease, lease_named(session, options.lease));
  TRY(ports::Chain * chain, session.chain());
  TRY(const ports::ChainTime now, chain->now(ports::Commitment::confirmed));
  session.out().lines(pairs(lease_facts(lease, now.unix_s)));
  session.out().result(lease_account_json(lease));
  return {};
}

base::Result<void> escrow_cancel(Session& session, const StopOptions& options) {
  TRY(ports::Signer * wallet, session.signing_wallet());
  TRY(const LeaseAccount lease, lease_to_sign(session, options.lease));
  const bool renter = lease.renter() == wallet->public_key();
  return settle(session, lease, cancel_settlement(lease, renter), options.yes);
}

base::Result<void> escrow_claim(Session& session, const EscrowClaimOptions& options) {
  TRY(ports::Signer * wallet, session.signing_wallet());
  (void)wallet;
  TRY(const LeaseAccount lease, lease_to_sign(session, options.lease));
  if (options.attestation) {
    TRY(const settlement::Proof proof, proof_in_file(lease, *options.attestation));
    return settle(session, lease, claim_settlement(lease, proof), true);
  }
  const auto proof = newest_proof(session, lease);
  if (proof) return settle(session, lease, claim_settlement(lease, *proof), true);
  return Error{Code::not_found, "The market has no attestation of this lease, or is away.",
               "Give one with --attestation FILE; a renter can make one: obelisk escrow attest"};
}

base::Result<void> escrow_attest(Session& session, const EscrowAttestOptions& options) {
  TRY(ports::Signer * wallet, session.signing_wallet());
  TRY(const LeaseAccount lease, lease_to_sign(session, options.lease));
  if (lease.renter() != wallet->public_key()) {
    return Error{Code::forbidden, "Only the lease's renter can attest for it here.",
                 "Use the renter's key: --keypair"};
  }
  TRY(ports::Chain * chain, session.chain());
  TRY(const ports::ChainTime now, chain->now(ports::Commitment::confirmed));
  settlement::Proof proof;
  proof.signer = wallet->public_key();
  proof.fields = {lease.program, lease.address, lease.data.opened_slot, now.unix_s};
  session.out().line("You say: I was served until " + base::to_rfc3339_seconds(now.unix_s) +
                     ". The host is paid for it, and this cannot be taken back.");
  TRY_VOID(confirm(session, options.yes, "Sign it?"));
  proof.signature = wallet->sign(escrow::encode_attestation(proof.fields));
  if (!options.out) return settle(session, lease, claim_settlement(lease, proof), true);
  const std::string text = api::to_json(api::Attestation{
      lease.data.opened_slot, static_cast<std::uint64_t>(now.unix_s), proof.signature});
  TRY_VOID(write_private_file(*options.out, text + "\n"));
  session.out().line("Signed into " + *options.out + ". Anyone can claim with it.");
  session.out().result(text);
  return {};
}

base::Result<void> escrow_stop(Session& session, const EscrowStopOptions& options) {
  TRY(const StopHow how, read_how(options.how));
  TRY(ports::Signer * wallet, session.signing_wallet());
  TRY(const LeaseAccount lease, lease_to_sign(session, options.lease));
  const bool as_host = how == StopHow::waive;
  if (wallet->public_key() != (as_host ? lease.host() : lease.renter())) {
    return Error{Code::forbidden,
                 as_host ? "Only the lease's host can waive."
                         : "Only the lease's renter can stop it this way.",
                 "Use that key: --keypair"};
  }
  return settle(session, lease, stop_settlement(lease, how), options.yes);
}

// Nothing to ask: the lease is over, and the rules alone say who gets what.
base::Result<void> escrow_finish(Session& session, const LeaseOptions& options) {
  TRY(ports::Signer * wallet, session.signing_wallet());
  (void)wallet;
  TRY(const LeaseAccount lease, lease_to_sign(session, options.lease));
  return settle(session, lease, finish_settlement(lease), true);
}

}  // namespace obelisk::cli
