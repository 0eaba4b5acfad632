#include <charconv>

#include "apps/market/exits.hpp"
#include "apps/market/handlers.hpp"
#include "apps/market/lease_view.hpp"
#include "apps/market/parameters.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

Error unknown_lease(const std::string& lease) {
  return {Code::not_found, "This market knows no lease " + lease + ".",
          "Check the address: a lease made elsewhere can be read from the chain."};
}

base::Result<lease::Record> record_of(const Desk& desk, const std::string& text) {
  TRY(const auto address, address_from(text, "lease"));
  TRY(auto record, desk.leases.record(address));
  if (!record) return unknown_lease(text);
  return *std::move(record);
}

Answer unsigned_transaction(const Desk& desk, const base::PublicKey& payer, const Plan& plan) {
  TRY(const auto blockhash, desk.chain.latest_blockhash(ports::Commitment::confirmed));
  TRY(const auto transaction,
      settlement::transaction(payer, plan.calls, plan.units, blockhash.blockhash));
  api::UnsignedTransaction out;
  out.transaction = transaction.base64();
  out.last_valid_block_height = blockhash.last_valid_block_height;
  if (plan.how) out.how = static_cast<std::uint32_t>(*plan.how);
  out.explanation = plan.explanation;
  out.lamports = plan.lamports;
  return json_response(200, api::to_json(out));
}

// The last event that a reader saw; a header that is no number of ours reads as "nothing yet".
std::uint64_t last_seen(const http::Request& request) {
  const auto text = request.header("Last-Event-ID").value_or("");
  std::uint64_t seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  return error == std::errc{} && end == text.data() + text.size() ? seq : 0;
}

}  // namespace

Answer list_leases(const Desk& desk, const http::Request& request, const Caller& caller) {
  if (!caller.wallet) return nobody_asks();
  TRY(const auto renter, parameter(request, "renter"));
  TRY(const auto address, address_from(renter.value_or(caller.wallet->to_string()), "renter"));
  if (!caller.is(address)) {
    return Error{Code::forbidden, "A wallet's leases are listed for that wallet alone.",
                 "Leave ?renter= out, or ask as that wallet."};
  }
  TRY(const auto page, page_from(request));
  TRY(auto found, desk.leases.leases_of(address, page.after, page.limit));
  api::LeaseList out;
  out.leases = std::move(found.leases);
  if (found.next) out.next = cursor_of(*found.next);
  return json_response(200, api::to_json(out));
}

Answer get_lease(const Desk& desk, const std::string& lease, const Caller& caller) {
  TRY(const auto address, address_from(lease, "lease"));
  TRY(auto found, desk.leases.lease(address));
  if (!found) return unknown_lease(lease);
  const bool whole = may_see_all(caller, found->renter, found->host);
  return json_response(200, api::to_json(whole ? *found : public_view(*std::move(found))));
}

Answer stop_lease(const Desk& desk, const std::string& lease, const http::Request& request) {
  api::StopRequest wanted;
  if (!request.body.empty()) {
    TRY(wanted, api::stop_request_from_json(request.body));
  }
  TRY(const auto record, record_of(desk, lease));
  const base::PublicKey& program = desk.identity.program;
  TRY(const auto plan, wanted.concede.value_or(false)
                           ? plan_concede(record, program)
                           : plan_stop(record, program, desk.leases.chain_now()));
  return unsigned_transaction(desk, record.quote.renter, plan);
}

Answer claim_lease(const Desk& desk, const std::string& lease, const http::Request& request) {
  TRY(const auto wanted, api::claim_request_from_json(request.body));
  TRY(const auto record, record_of(desk, lease));
  TRY(const auto plan, plan_claim(record, desk.identity.program, desk.leases.chain_now()));
  return unsigned_transaction(desk, wanted.payer, plan);
}

Answer get_receipt(const Desk& desk, const std::string& lease, const Caller& caller) {
  TRY(const auto record, record_of(desk, lease));
  if (desk.receipts == nullptr) {
    return Error{Code::unsupported, "This market reads no receipts.",
                 "Read it from a node: obelisk receipt " + lease + " --save FILE"};
  }
  const bool whole = may_see_all(caller, record.quote.renter, record.quote.host);
  TRY(const auto file, desk.receipts->receipt(record, whole));
  return json_response(200, papers::receipt_file_text(file));
}

Answer extend_lease(const Desk& desk, const std::string& lease, const http::Request& request) {
  TRY(const auto wanted, api::extend_request_from_json(request.body));
  TRY(const auto record, record_of(desk, lease));
  TRY(const auto plan,
      plan_extend(record, desk.identity.program, wanted.seconds, desk.leases.chain_now()));
  return unsigned_transaction(desk, record.quote.renter, plan);
}

base::Result<void> stream_lease(const Desk& desk, const std::string& lease,
                                const http::Request& request, const Caller& caller,
                                http::Exchange& exchange) {
  TRY(const auto record, record_of(desk, lease));
  TRY_VOID(check_may_see_all(caller, record.quote.renter, record.quote.host));
  TRY_VOID(desk.streams.admit(request.remote_address));
  desk.streams.open(record.quote.lease, last_seen(request), request.remote_address,
                    exchange.stream_events({}));
  return {};
}

}  // namespace obelisk::market_app
