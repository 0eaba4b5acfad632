#include "apps/market/engine/settle.hpp"

#include "adapters/solana/sender.hpp"
#include "adapters/solana/transaction_error.hpp"
#include "core/escrow/error_text.hpp"
#include "core/settlement/settlement.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::engine {
namespace {

using base::Result;
using escrow::State;
using escrow::StopHow;
using settlement::kCancelUnits;
using settlement::kClaimUnits;
using settlement::kFinishUnits;
using settlement::kReadyUnits;
using settlement::kStopUnits;

std::string named(const base::Error& error) {
  const auto code = solana_rpc::program_error_in(error);
  const auto* text = code ? escrow::error_text(*code) : nullptr;
  return text == nullptr ? error.message : std::string(text->name) + ": " + error.message;
}

constexpr const char* kDarkStop = "stop of a dark host";

std::string_view result_of(base::Code code) {
  if (code == base::Code::expired) return "expired";
  return code == base::Code::timeout ? "in_doubt" : "not_sent";
}

}  // namespace

void Settle::count(std::string_view what, std::string_view result) const {
  if (parts_.count) parts_.count(what == std::string_view(kDarkStop) ? "stop_dark" : what, result);
}

Result<std::optional<Settle::OnChain>> Settle::read(const base::PublicKey& lease) {
  TRY(const auto answer, parts_.chain.account(lease, ports::Commitment::confirmed));
  if (!answer.account || answer.account->owner != parts_.program) return std::optional<OnChain>();
  const auto parsed = escrow::parse_lease(answer.account->data);
  if (!parsed) return std::optional<OnChain>();
  return std::optional(OnChain{*parsed, escrow::accounts_of(lease, *parsed)});
}

Result<ports::Attestor*> Settle::attestor_of(const char* what, const base::PublicKey& lease,
                                             const base::PublicKey& attestor) const {
  if (ports::Attestor* const found = parts_.attestors.find(attestor)) return found;
  const base::Error error{
      base::Code::forbidden,
      "The lease's attestor " + attestor.to_string() + " is none of the watch's keys.",
      "Start the watch with that key's file too: --attestor-keypair NEW,OLD.", 0};
  parts_.log(std::string(what) + " was not sent: " + error.message, lease);
  return error;
}

Settle::Word Settle::anybodys(const char* what) const {
  ports::Attestor& payer = parts_.attestors.first();
  return {what, payer, [&payer](base::ByteView message) { return payer.settlement(message); }};
}

Result<Settle::Sent> Settle::send(const Word& word, const base::PublicKey& lease,
                                  const std::vector<escrow::Call>& calls, std::uint32_t units,
                                  const Trail& trail) {
  const char* const what = word.what;
  solana_rpc::Payment payment;
  payment.payer = word.payer.public_key();
  for (const escrow::Call& call : calls) {
    payment.instructions.push_back(settlement::to_instruction(call));
  }
  payment.sign = [&word](solana::Transaction& transaction) -> Result<void> {
    TRY(const base::Signature signature, word.sign(transaction.message_bytes()));
    return transaction.add_signature(word.payer.public_key(), signature);
  };
  payment.units = units;
  solana_rpc::DeliverOptions options;
  options.fees = parts_.fees;
  options.hooks.stop = stop_.get_token();
  options.hooks.pause = parts_.pause;
  options.before = trail.before;
  options.keep = trail.keep;
  const auto sent = solana_rpc::deliver(parts_.chain, parts_.clock, payment, options);
  const std::string who = what;
  if (!sent) {
    count(what, result_of(sent.error().code));
    parts_.log(who + " was not sent: " + named(sent.error()), lease);
    return sent.error();
  }
  const std::string signature = sent->signature.to_string();
  const std::string cost = base::to_decimal(sent->fee) + " lamports. Signature " + signature + ".";
  count(what, sent->status.error ? "failed" : "confirmed");
  if (sent->status.error) {
    auto failed = solana_rpc::landed_error(sent->status, sent->fee);
    parts_.log(who + " failed: " + named(failed) + " It cost " + cost, lease);
    // Until then a fork may undo that, and the same bytes may land well.
    const bool is_final = sent->status.commitment == ports::Commitment::finalized;
    if (is_final && trail.forget) TRY_VOID(trail.forget());
    return failed;
  }
  parts_.log(who + " is confirmed. It cost " + cost, lease);
  return Sent(sent->signature);
}

Result<Settle::Sent> Settle::ready(const lease::Quote& quote, std::uint64_t opened_slot,
                                   const Trail& trail) {
  const escrow::LeaseAccounts accounts{quote.lease, quote.renter, quote.host, quote.treasury,
                                       quote.attestor};
  TRY(ports::Attestor * attestor, attestor_of("ready", quote.lease, quote.attestor));
  const auto sign = [&](base::ByteView message) { return attestor->ready(quote, message); };
  return send({"ready", *attestor, sign}, quote.lease,
              {escrow::encode_ready(parts_.program, accounts, opened_slot)}, kReadyUnits, trail);
}

Result<Settle::Sent> Settle::cancel(const base::PublicKey& lease, base::UnixSeconds chain_now_s,
                                    const Trail& trail) {
  TRY(const auto found, read(lease));
  if (!found || found->lease.state != State::funded) return Sent();
  if (chain_now_s <= found->lease.opened_at + found->lease.ready_deadline_s) {
    return base::Error{base::Code::conflict, "The deadline has not passed.", "Wait for it.", 0};
  }
  return send(anybodys("cancel"), lease,
              {escrow::encode_cancel(parts_.program, found->accounts, false)}, kCancelUnits, trail);
}

std::vector<escrow::Call> Settle::claim_of(const base::PublicKey& lease, const OnChain& found,
                                           const std::optional<lease::Attestation>& proof) const {
  if (!proof || proof->alive_until <= found.lease.proven_until) return {};
  const settlement::Proof signed_proof{
      escrow::to_public_key(found.lease.attestor),
      {parts_.program, lease, found.lease.opened_slot, proof->alive_until},
      proof->signature};
  // Of another opening of this address, or not ours: it would only fail.
  if (!settlement::is_valid(signed_proof)) return {};
  return settlement::claim_calls(parts_.program, found.accounts, signed_proof);
}

Result<Settle::Sent> Settle::dark(const base::PublicKey& lease,
                                  const std::optional<lease::Attestation>& proof,
                                  const Trail& trail) {
  TRY(const auto found, read(lease));
  if (!found || found->lease.state != State::active) return Sent();
  auto calls = claim_of(lease, *found, proof);
  calls.push_back(escrow::encode_stop(parts_.program, found->accounts, StopHow::dark));
  TRY(ports::Attestor * attestor,
      attestor_of(kDarkStop, lease, escrow::to_public_key(found->lease.attestor)));
  const auto sign = [&](base::ByteView message) { return attestor->dark(message); };
  return send({kDarkStop, *attestor, sign}, lease, calls, kClaimUnits + kStopUnits, trail);
}

Result<Settle::Sent> Settle::end(const base::PublicKey& lease, base::UnixSeconds chain_now_s,
                                 const std::optional<lease::Attestation>& proof,
                                 const Trail& trail) {
  TRY(const auto found, read(lease));
  if (!found) return Sent();
  if (found->lease.state == State::closing) return claim(lease, proof, trail);
  const bool over = chain_now_s >= found->lease.started_at + found->lease.seconds;
  if (found->lease.state != State::active || !over) return Sent();
  auto calls = claim_of(lease, *found, proof);
  calls.push_back(escrow::encode_finish(parts_.program, found->accounts));
  return send(anybodys("finish"), lease, calls, kClaimUnits + kFinishUnits, trail);
}

Result<Settle::Sent> Settle::claim(const base::PublicKey& lease,
                                   const std::optional<lease::Attestation>& proof,
                                   const Trail& trail) {
  TRY(const auto found, read(lease));
  if (!found) return Sent();
  if (found->lease.state != State::closing) {
    return base::Error{base::Code::conflict, "The stop is not there yet.", "Wait for it.", 0};
  }
  const auto calls = claim_of(lease, *found, proof);
  if (calls.empty()) return Sent();
  return send(anybodys("claim"), lease, calls, kClaimUnits, trail);
}

Result<Settle::Sent> Settle::finish(const base::PublicKey& lease, base::UnixSeconds chain_now_s,
                                    const std::optional<lease::Attestation>& proof,
                                    const Trail& trail) {
  TRY(const auto found, read(lease));
  if (!found) return Sent();
  const bool window_over =
      found->lease.state == State::closing && chain_now_s > found->lease.window_ends;
  const bool time_over = found->lease.state == State::active &&
                         chain_now_s >= found->lease.started_at + found->lease.seconds;
  if (!window_over && !time_over) return Sent();
  auto calls = claim_of(lease, *found, proof);
  // One that is proven to its stop is closed by the claim.
  const bool closes =
      !calls.empty() && window_over && proof->alive_until >= found->lease.stopped_at;
  if (!closes) calls.push_back(escrow::encode_finish(parts_.program, found->accounts));
  return send(anybodys("finish"), lease, calls, kClaimUnits + kFinishUnits, trail);
}

}  // namespace obelisk::engine
