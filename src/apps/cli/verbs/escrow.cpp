// obelisk escrow: the program's own instructions on one lease, with a node and a key alone. What a
// renter, a host or a bystander needs when nobody else answers.
#include "apps/cli/confirm.hpp"
#include "apps/cli/files.hpp"
#include "apps/cli/lease_file.hpp"
#include "apps/cli/lease_text.hpp"
#include "apps/cli/next_steps.hpp"
#include "apps/cli/papers/attestation_file.hpp"
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
  for (const StopHow how : {StopHow::served, StopHow::dispute, StopHow::waive, StopHow::dark}) {
    if (text == how_name(how) || text == std::to_string(static_cast<int>(how))) return how;
  }
  return Error{Code::usage, "--how is served, dispute, waive or dark (or 0, 1, 2, 3).",
               "served: I was served till now. dispute: I dispute the time since the last proof. "
               "waive: the host waives it. dark: the attestor says the host is dark."};
}

struct Speaker {
  base::PublicKey key;
  const char* refusal;
};
Speaker who_says(const LeaseAccount& lease, StopHow how) {
  switch (how) {
    case StopHow::served:
    case StopHow::dispute: break;
    case StopHow::waive: return {lease.host(), "Only the lease's host can waive."};
    case StopHow::dark: return {lease.attestor(), "Only the lease's attestor can say it is dark."};
  }
  return {lease.renter(), "Only the lease's renter can stop it this way."};
}

}  // namespace

base::Result<void> escrow_show(Session& session, const LeaseOptions& options) {
  TRY(const LeaseAccount lease, lease_named(session, options.lease));
  TRY(ports::Chain * chain, session.chain());
  TRY(const ports::ChainTime now, chain->now(ports::Commitment::confirmed));
  const auto steps = next_steps(lease, now.unix_s);
  session.out().lines(pairs(account_facts(lease, now.unix_s)));
  session.out().line();
  session.out().lines(next_steps_lines(steps));
  session.out().result(lease_account_fields(lease)
                           .number("chain_time_s", now.unix_s)
                           .raw("can", next_steps_json(steps))
                           .done());
  return {};
}

// The renter is asked; for everybody else the deadline has decided already.
base::Result<void> escrow_cancel(Session& session, const StopOptions& options) {
  TRY(ports::Signer * wallet, session.signing_wallet());
  TRY(const LeaseAccount lease, lease_to_sign(session, options.lease));
  const bool renter = lease.renter() == wallet->public_key();
  return settle(session, lease, cancel_settlement(lease, renter), options.yes || !renter);
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
  return Error{Code::not_found,
               "Neither the market nor this machine has an attestation of this lease.",
               "Give one with --attestation FILE. A host has its own in STATE/leases; a renter can "
               "make one: obelisk escrow attest"};
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
  const std::string text = attestation_file_text(proof);
  TRY_VOID(write_private_file(*options.out, text));
  session.out().line("Signed into " + *options.out + ". Anyone can claim with it.");
  session.out().result(text.substr(0, text.size() - 1));
  return {};
}

base::Result<void> escrow_stop(Session& session, const EscrowStopOptions& options) {
  TRY(const StopHow how, read_how(options.how));
  TRY(ports::Signer * wallet, session.signing_wallet());
  TRY(const LeaseAccount lease, lease_to_sign(session, options.lease));
  const Speaker speaker = who_says(lease, how);
  if (wallet->public_key() != speaker.key) {
    return Error{Code::forbidden, speaker.refusal, "Use that key: --keypair"};
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

base::Result<void> attestations(Session& session, const AttestationsOptions& options) {
  TRY(const LeaseAccount lease, lease_named(session, options.lease));
  const auto proof = newest_proof(session, lease);
  if (!proof) {
    return Error{Code::not_found,
                 "Neither the market nor this machine has an attestation of this lease.",
                 "The watch signs one a minute while it can log in; look again then."};
  }
  const std::string text = attestation_file_text(*proof);
  const std::string until = base::to_rfc3339_seconds(proof->fields.alive_until);
  const bool by_renter = proof->signer == lease.renter();
  session.out().line("Served until " + until + ", says the lease's " +
                     (by_renter ? "renter." : "attestor."));
  if (options.save) {
    TRY_VOID(write_private_file(*options.save, text));
    session.out().line("Saved in " + *options.save + ". Settle with it: obelisk escrow claim " +
                       lease.address.to_string() + " --attestation " + *options.save);
  }
  session.out().result(text.substr(0, text.size() - 1));
  return {};
}

}  // namespace obelisk::cli
