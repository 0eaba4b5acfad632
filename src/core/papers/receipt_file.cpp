#include "core/papers/receipt_file.hpp"

#include <algorithm>

#include "base/json_line.hpp"
#include "core/escrow/names.hpp"
#include "core/market/terms.hpp"
#include "core/papers/opening.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::papers {
namespace {

using base::Code;
using base::Error;
using escrow::Tag;

PaperStep paper_step(const ReceiptStep& step) {
  PaperStep out;
  out.what = escrow::tag_name(step.tag);
  out.state = escrow::state_name(step.after);
  if (step.how) out.how = static_cast<int>(*step.how);
  out.paid_in = step.paid_in;
  out.to_host = step.to_host;
  out.to_treasury = step.to_treasury;
  out.to_renter = step.to_renter;
  out.proven_until_s = step.proven_until;
  out.stopped_at_s = step.stopped_at;
  return out;
}

// Whose signature made the lease ready: the program takes nobody's but its attestor's.
std::optional<base::PublicKey> who_said_ready(const solana::TransactionRecord& record,
                                              const Receipt& receipt) {
  const auto decoded = solana::decode_transaction(record.wire);
  if (!decoded || record.error) return std::nullopt;
  for (const auto& call : solana::instructions_of(decoded->message())) {
    const bool is_ready = call.program == receipt.program && !call.data.empty() &&
                          call.data[0] == static_cast<std::uint8_t>(Tag::ready) &&
                          call.accounts.size() == 2 && call.accounts[1].key == receipt.lease;
    if (is_ready) return call.accounts[0].key;
  }
  return std::nullopt;
}

void take_transactions(ReceiptFile& out, const Receipt& receipt,
                       const std::vector<solana::TransactionRecord>& records) {
  const base::Signature& first = receipt.steps.front().signature;
  bool begun = false;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    begun = begun || record->signature == first;
    if (!begun) continue;
    PaperTransaction one{record->signature, record->slot, record->block_time, record->fee, {}};
    for (const ReceiptStep& step : receipt.steps) {
      if (step.signature == record->signature) one.steps.push_back(paper_step(step));
    }
    if (const auto key = who_said_ready(*record, receipt)) out.attestor = *key;
    out.transactions.push_back(std::move(one));
  }
}

std::string list_of(const std::vector<PaperTransaction>& transactions) {
  std::vector<std::string> items;
  for (const PaperTransaction& one : transactions) {
    std::vector<std::string> steps;
    for (const PaperStep& step : one.steps) {
      steps.push_back(base::JsonLine()
                          .text("what", step.what)
                          .text("state", step.state)
                          .number("how", step.how)
                          .lamports("paid_in_lamports", step.paid_in)
                          .lamports("host_lamports", step.to_host)
                          .lamports("fee_lamports", step.to_treasury)
                          .lamports("renter_lamports", step.to_renter)
                          .number("proven_until_s", step.proven_until_s)
                          .number("stopped_at_s", step.stopped_at_s)
                          .done());
    }
    items.push_back(base::JsonLine()
                        .signature("signature", one.signature)
                        .number("slot", static_cast<std::int64_t>(one.slot))
                        .number("at_s", one.at_s)
                        .lamports("network_fee_lamports", one.network_fee)
                        .raw("steps", base::json_array(steps))
                        .done());
  }
  return base::json_array(items);
}

std::string list_of(const std::vector<PaperAttestation>& attestations) {
  std::vector<std::string> items;
  for (const PaperAttestation& one : attestations) {
    items.push_back(base::JsonLine()
                        .key("signer", one.signer)
                        .number("opened_slot", static_cast<std::int64_t>(one.opened_slot))
                        .number("alive_until", one.alive_until)
                        .signature("signature", one.signature)
                        .done());
  }
  return base::json_array(items);
}

}  // namespace

base::Result<ReceiptFile> make_receipt_file(const Receipt& receipt,
                                            const std::vector<solana::TransactionRecord>& records,
                                            PaperExtras extras) {
  const auto opening = latest_opening(receipt.lease, records);
  if (receipt.steps.empty() || !opening) {
    return Error{Code::invalid_input,
                 "The lease was opened through another program; it has no receipt file.",
                 "Its figures: obelisk receipt " + receipt.lease.to_string()};
  }
  ReceiptFile out;
  out.network = extras.network;
  out.program = receipt.program;
  out.market = opening->open.market;
  out.lease = receipt.lease;
  out.renter = receipt.renter;
  out.host = receipt.host;
  out.opened_slot = receipt.steps.front().slot;
  out.lamports_per_hour = {receipt.lamports_per_hour};
  out.terms_hash = receipt.terms_hash;
  out.terms = std::move(extras.terms);
  out.quote_signature = extras.quote_signature;
  out.closed = receipt.closed;
  const auto terms = out.terms ? market::read_terms(*out.terms) : Error{};
  if (terms) out.attestor = terms->attestor;
  out.outcome = outcome_of(receipt, std::nullopt);
  out.paid = receipt.paid;
  out.host_got = receipt.host_got;
  out.fee = receipt.fee;
  out.refunded = receipt.refunded;
  out.held = receipt.held;
  out.bond = receipt.bond;
  out.surplus = receipt.surplus;
  out.network_fees = receipt.network_fees;
  out.opened_at_s = receipt.opened_at;
  out.started_at_s = receipt.started_at;
  out.stopped_at_s = receipt.stopped_at;
  out.used_s = receipt.served_s;
  out.attestations = std::move(extras.attestations);
  take_transactions(out, receipt, records);
  return out;
}

std::string receipt_file_text(const ReceiptFile& file) {
  base::JsonLine out;
  out.number("receipt", 1)
      .text("network", file.network.to_string())
      .key("program", file.program)
      .key("market", file.market)
      .key("lease", file.lease)
      .key("renter", file.renter)
      .key("host_wallet", file.host)
      .text_or_null("attestor",
                    file.attestor ? std::optional(file.attestor->to_string()) : std::nullopt)
      .number("opened_slot", static_cast<std::int64_t>(file.opened_slot))
      .lamports("lamports_per_hour", file.lamports_per_hour)
      .text("terms_hash", base::to_hex(file.terms_hash.view()))
      .text_or_null("terms", file.terms)
      .signature("quote_signature", file.quote_signature)
      .flag("closed", file.closed)
      .text("outcome", file.outcome)
      .lamports("paid_lamports", file.paid)
      .lamports("host_lamports", file.host_got)
      .lamports("fee_lamports", file.fee)
      .lamports("refunded_lamports", file.refunded)
      .lamports("held_lamports", file.held)
      .lamports("rent_lamports", file.bond)
      .lamports("surplus_lamports", file.surplus)
      .lamports("network_fees_lamports", file.network_fees)
      .number("opened_at_s", file.opened_at_s)
      .number("started_at_s", file.started_at_s)
      .number("stopped_at_s", file.stopped_at_s)
      .number("used_s", file.used_s)
      .raw("transactions", list_of(file.transactions))
      .raw("attestations", list_of(file.attestations));
  return out.done() + "\n";
}

}  // namespace obelisk::papers
