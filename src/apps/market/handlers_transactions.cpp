#include "apps/market/handlers.hpp"
#include "apps/market/program_words.hpp"
#include "apps/market/transaction_check.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr const char* kNothingPaid = " Nothing was charged.";

// An `open` goes through only if it pays a quote of ours, exactly and in time: any other would take
// the renter's money for a lease that nobody serves.
base::Result<void> check_open(const Desk& desk, const OpenCall& open) {
  TRY(const auto record, desk.store.by_quote(base::to_hex(open.terms_hash.view())));
  if (!record) {
    return Error{Code::not_found,
                 std::string("This market made no quote with these terms.") + kNothingPaid,
                 "Ask this market for a quote and pay that."};
  }
  const lease::Quote& quote = record->quote;
  if (open.renter != quote.renter) {
    return Error{Code::forbidden,
                 "This quote is for the wallet " + quote.renter.to_string() + ", and " +
                     open.renter.to_string() + " signed." + kNothingPaid,
                 "Ask for a quote for the wallet that pays."};
  }
  const auto expected = settlement::to_instruction(
      escrow::encode_open(desk.identity.program, open_of(quote, desk.identity.program)));
  if (open.instruction != expected) {
    return Error{
        Code::refused,
        std::string("The transaction opens another lease than its quote says.") + kNothingPaid,
        "Sign the transaction as the market made it."};
  }
  const bool unpaid = record->life.state == lease::State::quoted;
  const bool gone = record->life.outcome == lease::Outcome::never_paid;
  if (gone || (unpaid && desk.leases.chain_now() > quote.expires_at_s)) {
    return Error{
        Code::expired,
        "The quote expired at " + base::to_rfc3339_seconds(quote.expires_at_s) + "." + kNothingPaid,
        "Ask for a new quote."};
  }
  return {};
}

}  // namespace

Answer send_transaction(const Desk& desk, const http::Request& request) {
  TRY(const auto body, api::transaction_request_from_json(request.body));
  TRY(const auto transaction, solana::decode_transaction_base64(body.transaction));
  TRY(const auto judged, judge_transaction(transaction, desk.identity.program));
  if (judged.open) TRY_VOID(check_open(desk, *judged.open));
  const auto sent = desk.chain.send(transaction.wire(), true);
  if (!sent) return in_words(sent.error());
  if (desk.again != nullptr) desk.again->add(*sent, transaction.wire());
  for (const auto& ending : judged.endings) {
    const auto record = desk.leases.record(ending.lease);
    const bool ours = record && *record && (*record)->quote.renter == ending.renter;
    if (ours) desk.leases.stop_forwarded(ending.lease);
  }
  return json_response(202, api::to_json(api::TransactionAccepted{*sent}));
}

}  // namespace obelisk::market_app
