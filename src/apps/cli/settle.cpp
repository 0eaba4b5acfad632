#include "apps/cli/settle.hpp"

#include "apps/cli/confirm.hpp"
#include "apps/cli/lease_records.hpp"
#include "apps/cli/lease_text.hpp"
#include "base/check.hpp"
#include "base/json_line.hpp"
#include "core/escrow/codec.hpp"
#include "core/index/log_reader.hpp"

namespace obelisk::cli {
namespace {

using base::Lamports;
using escrow::StopHow;
using escrow::Tag;

escrow::Action action(Tag tag, StopHow how = StopHow::served, std::int64_t alive_until = 0) {
  escrow::Action out{};
  out.tag = tag;
  out.how = how;
  out.renter_signed = true;
  out.alive_until = alive_until;
  return out;
}

void append(Settlement& to, Settlement more) {
  for (escrow::Call& call : more.work.calls) to.work.calls.push_back(std::move(call));
  for (const escrow::Action& step : more.actions) to.actions.push_back(step);
  to.work.units += more.work.units;
  to.how = more.how;
}

std::string held_text(Lamports held, base::UnixSeconds window_ends) {
  return base::to_sol_text(held) + " for unproven time waits until " +
         base::to_rfc3339_seconds(window_ends) + ".";
}

std::string done_text(const papers::Receipt& receipt, base::UnixSeconds window_ends,
                      const base::PublicKey& wallet) {
  const papers::ReceiptStep& last = receipt.steps.back();
  const bool own = receipt.renter == wallet;
  if (last.tag == Tag::cancel) {
    const auto back = base::checked_add(receipt.refunded, receipt.bond).value_or(receipt.refunded);
    const std::string amount = base::to_sol_text(back) + " is back";
    return "Cancelled. " + (own ? "Your " + amount + "." : amount + " with the renter.");
  }
  const std::string returned =
      base::to_sol_text(receipt.refunded) + (own ? " returned." : " returned to the renter.");
  if (last.after == escrow::State::closing && last.tag == Tag::claim) {
    return "Claimed. The host has " + base::to_sol_text(receipt.host_got) + " so far. " +
           held_text(receipt.held, window_ends);
  }
  if (last.after == escrow::State::closing) {
    return "Stopped. " + returned + " " + held_text(receipt.held, window_ends);
  }
  const auto paid = base::checked_add(receipt.host_got, receipt.fee).value_or(Lamports{});
  const std::string used = (own ? "You used " : "Used: ") +
                           base::to_duration_text(receipt.served_s) + ": " +
                           base::to_sol_text(paid) + ". " + returned;
  if (receipt.closed) return (last.tag == Tag::stop ? "Stopped. " : "Over. ") + used;
  return "The host has " + base::to_sol_text(receipt.host_got) + " so far.";
}

std::string settled_json(const papers::Receipt& receipt, const Settlement& what, const Sent& sent,
                         base::UnixSeconds window_ends) {
  const papers::ReceiptStep& last = receipt.steps.back();
  base::JsonLine out;
  out.key("lease", receipt.lease)
      .number("how",
              what.how ? std::optional<std::int64_t>(static_cast<int>(*what.how)) : std::nullopt)
      .text("state", escrow::state_name(last.after))
      .signature("signature", sent.signature)
      .number("used_s", receipt.served_s)
      .lamports("paid_lamports", receipt.paid)
      .lamports("host_lamports", receipt.host_got)
      .lamports("fee_lamports", receipt.fee)
      .lamports("refunded_lamports", receipt.refunded)
      .lamports("held_lamports", receipt.held)
      .lamports("network_fee_lamports", what.network_fee)
      .number("stop_ms", sent.confirmed_ms - sent.sent_ms);
  if (window_ends != 0) out.number("window_ends", window_ends);
  return out.done();
}

}  // namespace

Settlement claim_settlement(const LeaseAccount& lease, const settlement::Proof& proof) {
  Settlement out;
  out.work = {settlement::claim_calls(lease.program, lease.accounts(), proof),
              settlement::kClaimUnits};
  out.actions = {action(Tag::claim, StopHow::served, proof.fields.alive_until)};
  return out;
}

Settlement stop_settlement(const LeaseAccount& lease, StopHow how) {
  Settlement out;
  out.work = {{escrow::encode_stop(lease.program, lease.accounts(), how)}, settlement::kStopUnits};
  out.actions = {action(Tag::stop, how)};
  out.how = how;
  return out;
}

Settlement cancel_settlement(const LeaseAccount& lease, bool renter_signs) {
  Settlement out;
  out.work = {{escrow::encode_cancel(lease.program, lease.accounts(), renter_signs)},
              settlement::kCancelUnits};
  out.actions = {action(Tag::cancel)};
  out.actions.front().renter_signed = renter_signs;
  return out;
}

Settlement finish_settlement(const LeaseAccount& lease) {
  Settlement out;
  out.work = {{escrow::encode_finish(lease.program, lease.accounts())}, settlement::kFinishUnits};
  out.actions = {action(Tag::finish)};
  return out;
}

Settlement settlement_for(StopStep step, const LeaseAccount& lease,
                          const std::optional<settlement::Proof>& proof) {
  Settlement out;
  switch (step) {
    case StopStep::cancel: return cancel_settlement(lease, true);
    case StopStep::served: return stop_settlement(lease, StopHow::served);
    case StopStep::dispute: return stop_settlement(lease, StopHow::dispute);
    case StopStep::finish: return finish_settlement(lease);
    case StopStep::claim: CHECK(proof.has_value()); return claim_settlement(lease, *proof);
    case StopStep::claim_dispute:
      CHECK(proof.has_value());
      out = claim_settlement(lease, *proof);
      append(out, stop_settlement(lease, StopHow::dispute));
      return out;
  }
  return out;
}

std::string forecast_text(const Forecast& forecast) {
  const auto paid = base::checked_add(forecast.host, forecast.fee).value_or(Lamports{});
  std::string out = "This pays " + base::to_sol_text(paid) + " and returns " +
                    base::to_sol_text(forecast.refunded) + ".";
  if (forecast.window_ends != 0) out += " " + held_text(forecast.held, forecast.window_ends);
  if (forecast.closes) out += " The disk is destroyed.";
  return out;
}

namespace {

// The lease's other transactions are forgotten by this node; what this one moved is not.
base::Result<void> say_moved(Session& session, const LeaseAccount& lease, const Settlement& what,
                             const Sent& sent) {
  TRY(const ports::TransactionRecord record, record_of(session, sent.signature));
  Lamports host, fee, renter;
  escrow::State after = lease.data.state;
  for (const escrow::Event& event : index::events_in(record.logs, lease.program)) {
    if (escrow::to_public_key(event.lease) != lease.address) continue;
    host.count += event.to_host;
    fee.count += event.to_treasury;
    renter.count += event.to_renter;
    after = event.state;
  }
  session.out().line("Done: " + base::to_sol_text(host) + " to the host, " +
                     base::to_sol_text(fee) + " to the market, " + base::to_sol_text(renter) +
                     " to the renter.");
  session.out().line("Your node no longer has what was paid before: this is the last part alone.");
  session.out().result(
      base::JsonLine()
          .key("lease", lease.address)
          .number("how", what.how ? std::optional<std::int64_t>(static_cast<int>(*what.how))
                                  : std::nullopt)
          .text("state", escrow::state_name(after))
          .signature("signature", sent.signature)
          .null("paid_lamports")
          .raw("moved", base::JsonLine()
                            .lamports("host_lamports", host)
                            .lamports("fee_lamports", fee)
                            .lamports("renter_lamports", renter)
                            .done())
          .lamports("network_fee_lamports", what.network_fee)
          .done());
  return {};
}

}  // namespace

base::Result<void> settle(Session& session, const LeaseAccount& lease, const Settlement& asked,
                          bool yes) {
  TRY(ports::Chain * chain, session.chain());
  TRY(ports::Signer * wallet, session.wallet());
  TRY(const ports::ChainTime now, chain->now(ports::Commitment::confirmed));
  TRY(const Forecast expected, forecast(lease, asked.actions, now.unix_s));
  Settlement what = asked;
  TRY(what.network_fee, network_fee_of(session, what.work));
  session.out().line(forecast_text(expected) + " Network fee: " +
                     base::to_sol_text(what.network_fee) + ", from this wallet.");
  TRY_VOID(confirm(session, yes, "Go on?"));
  session.out().status("Sending.");
  TRY(const Sent sent, sign_and_send(session, what.work));
  session.out().clear_status();
  auto receipt = read_receipt_with(session, lease.address, lease.program, sent.signature);
  if (!receipt && receipt.error().code == base::Code::not_found) {
    return say_moved(session, lease, what, sent);
  }
  if (!receipt) {
    base::Error error = std::move(receipt).error();
    error.message = "Done in " + sent.signature.to_string() + ". " + error.message;
    return error;
  }
  base::UnixSeconds window_ends = 0;
  if (!receipt->closed && receipt->steps.back().after == escrow::State::closing) {
    TRY(const auto after, read_lease(*chain, lease.address, ports::Commitment::confirmed));
    if (after) window_ends = after->data.window_ends;
  }
  session.out().line(done_text(*receipt, window_ends, wallet->public_key()));
  session.out().result(settled_json(*receipt, what, sent, window_ends));
  return {};
}

}  // namespace obelisk::cli
