// obelisk report: words about a host for the market's operator, signed by this wallet.
#include "core/market/report.hpp"

#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_lease.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr const char* kReasons = "other_hardware, does_not_work, intrusion, fraud, unlawful, other";

base::Result<market::Report> to_report(Session& session, const ReportOptions& options) {
  market::Report out;
  const auto host = base::PublicKey::parse(options.host);
  if (!host) {
    return Error{Code::usage, "'" + options.host.substr(0, 60) + "' is not a host's address.",
                 "Copy it whole from obelisk offers --json or obelisk show."};
  }
  out.host = *host;
  if (!api::report_reason_from(options.reason)) {
    return Error{Code::usage, "'" + options.reason.substr(0, 60) + "' is not a reason.",
                 std::string("Give --reason one of: ") + kReasons + "."};
  }
  out.reason = options.reason;
  out.text = options.text;
  if (options.lease) {
    TRY(out.lease, which_lease(session, *options.lease));
  }
  TRY(ports::Signer * wallet, session.wallet());
  out.reporter = wallet->public_key();
  out.at_s = session.clock().now_ms() / 1000;
  TRY_VOID(market::check_report(out));
  TRY(MarketClient * market, session.market());
  TRY(const api::MarketInfo info, market->info());
  out.market = info.market;
  return out;
}

}  // namespace

base::Result<void> report(Session& session, const ReportOptions& options) {
  TRY(const market::Report what, to_report(session, options));
  TRY(ports::Signer * wallet, session.wallet());
  TRY(MarketClient * market, session.market());
  api::SignedReport message;
  message.report = market::report_text(what);
  message.signature = wallet->sign(market::report_message(message.report));
  TRY(const api::KeptReport kept, market->report(message));
  session.out().line("The operator of " + market->where() + " has your report: number " +
                     std::to_string(kept.report) + ".");
  session.out().line("It changes nothing by itself. To end a lease: obelisk stop LEASE");
  session.out().result(api::to_json(kept));
  return {};
}

}  // namespace obelisk::cli
