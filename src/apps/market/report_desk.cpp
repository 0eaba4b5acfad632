#include "apps/market/report_desk.hpp"

#include "base/crypto.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr base::UnixMillis kDayMs = 86'400'000;

market::Report from_api(const api::Report& report) {
  market::Report out;
  out.at_s = static_cast<base::UnixSeconds>(report.at_s);
  out.host = report.host;
  out.lease = report.lease;
  out.market = report.market;
  out.reason = to_string(report.reason);
  out.reporter = report.reporter;
  out.text = report.text;
  return out;
}

Error too_many(const std::string& whose) {
  return {Code::rate_limited, whose + " too many reports today.", "Send it tomorrow."};
}

}  // namespace

base::Result<market::Report> ReportDesk::read(const api::SignedReport& message) {
  TRY(const api::Report parsed, api::report_from_json(message.report));
  market::Report out = from_api(parsed);
  TRY_VOID(market::check_report(out));
  if (market::report_text(out) != message.report) {
    return Error{Code::invalid_input, "This report is not canonical JSON.",
                 "Sort its fields, leave out spaces and every field that a Report does not have."};
  }
  if (out.market != market_) {
    return Error{Code::invalid_input, "This report is for another market.",
                 "Name the market account " + market_.to_string() + "."};
  }
  const auto signed_bytes = market::report_message(message.report);
  if (!base::verify(out.reporter, signed_bytes, message.signature)) {
    return Error{Code::forbidden, "This report is not signed by its reporter.",
                 "Sign OBELISKW and the SHA-256 of the text."};
  }
  return out;
}

base::Result<void> ReportDesk::check_subject(const market::Report& report) {
  const base::UnixSeconds now_s = parts_.clock.now_ms() / 1000;
  if (std::abs(report.at_s - now_s) > market::kReportFreshS) {
    return Error{Code::invalid_input, "This report was signed more than 10 minutes from now.",
                 "Set the clock of your machine, and sign it again."};
  }
  if (!report.lease) {
    if (parts_.offers.knows(report.host)) return {};
    return Error{Code::not_found, "This market knows no such host.",
                 "Name a host that offers here, or the lease that it served."};
  }
  TRY(const auto record, parts_.leases.record(*report.lease));
  const bool paid = record && record->life.state != lease::State::quoted &&
                    record->life.outcome != lease::Outcome::never_paid;
  if (paid && record->quote.host == report.host && record->quote.renter == report.reporter) {
    return {};
  }
  return Error{Code::not_found, "This wallet rented no such lease of that host here.",
               "Check lease and host, or leave the lease out."};
}

base::Result<void> ReportDesk::check_caps(const market::Report& report,
                                          const std::string& remote_address) {
  TRY(const auto counts,
      parts_.reports.counts(report.reporter, remote_address, parts_.clock.now_ms() - kDayMs));
  if (counts.by_reporter >= kMaxReportsPerWallet) return too_many("This wallet sent");
  if (counts.from_address >= kMaxReportsPerRemoteAddress) return too_many("This address sent");
  // A lease costs its renter something, so those that name one cannot be crowded out.
  if (!report.lease && counts.without_lease >= kMaxReportsWithoutLease) {
    return too_many("This market got");
  }
  return {};
}

base::Result<api::KeptReport> ReportDesk::take(const api::SignedReport& message,
                                               const std::string& remote_address) {
  TRY(const market::Report report, read(message));
  TRY(const auto before, parts_.reports.by_signature(message.signature));
  if (before) return api::KeptReport{before->seq, base::to_rfc3339(before->at_ms)};
  TRY_VOID(check_subject(report));
  TRY_VOID(check_caps(report, remote_address));
  const base::UnixMillis now_ms = parts_.clock.now_ms();
  TRY(const std::uint64_t number,
      parts_.reports.add({0, now_ms, report.host, report.lease, report.reason, report.text,
                          report.reporter, remote_address, message.report, message.signature}));
  const std::string about = report.lease ? ", lease " + report.lease->to_string() : "";
  TRY_VOID(
      parts_.audit.add({0, now_ms, report.reporter.to_string(), "report", report.host.to_string(),
                        "Report " + std::to_string(number) + ": " + report.reason + about}));
  return api::KeptReport{number, base::to_rfc3339(now_ms)};
}

}  // namespace obelisk::market_app
