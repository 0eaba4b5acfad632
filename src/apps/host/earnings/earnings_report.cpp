#include "apps/host/earnings/earnings_report.hpp"

#include <algorithm>

#include "base/canonical_json.hpp"
#include "base/time.hpp"

namespace obelisk::host {
namespace {

using base::CanonicalJson;

constexpr std::size_t kMostLeaseLines = 20;

base::Lamports pending_of(const EarningsReport& report) {
  base::Lamports out;
  for (const Claim& claim : report.pending) out.count += claim.what.to_host.count;
  return out;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string line_of(const std::string& name, std::size_t width, const Sum& sum) {
  return "  " + padded(name, width) + "  " + padded(base::to_sol_text(sum.earned), 16) + "fee " +
         padded(base::to_sol_text(sum.market_fee), 16) + std::to_string(sum.payments) +
         (sum.payments == 1 ? " payment" : " payments");
}

CanonicalJson::Object row_of(const char* name, std::string value, const Sum& sum) {
  return {{name, std::move(value)},
          {"earned_lamports", base::to_decimal(sum.earned)},
          {"market_fee_lamports", base::to_decimal(sum.market_fee)},
          {"payments", static_cast<std::int64_t>(sum.payments)}};
}

void add_tables(const Earnings& earnings, std::vector<std::string>& out) {
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kAddress = 44;
  if (earnings.days.empty()) return;
  out.emplace_back("By day (UTC):");
  for (const auto& [day, sum] : earnings.days) {
    out.push_back(line_of(day.empty() ? "undated" : day, kDate, sum));
  }
  out.emplace_back("By lease:");
  const std::size_t shown = std::min(earnings.leases.size(), kMostLeaseLines);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [lease, sum] = earnings.leases[i];
    out.push_back(line_of(lease.to_string(), kAddress, sum));
  }
  if (shown < earnings.leases.size()) {
    out.push_back("  and " + std::to_string(earnings.leases.size() - shown) + " more: --json");
  }
}

}  // namespace

std::vector<std::string> to_lines(const EarningsReport& report) {
  const Earnings& earnings = report.earnings;
  std::vector<std::string> out;
  const std::string since = base::to_rfc3339_seconds(earnings.from_s).substr(0, 10);
  out.push_back("Earned since " + since + ": " + base::to_sol_text(earnings.all.earned) +
                ", after " + base::to_sol_text(earnings.all.market_fee) +
                " of the market's fee. By the chain.");
  out.push_back("Network fees that this wallet paid for it: " +
                base::to_sol_text(report.chain.network_fees) + ".");
  const base::Lamports pending = pending_of(report);
  out.push_back("Proven and not claimed yet: " + base::to_sol_text(pending) +
                (pending.count == 0 ? "." : ". Now: obelisk-host claim"));
  add_tables(earnings, out);
  if (report.chain.is_cut) {
    out.push_back("Only the newest " + std::to_string(kMostTransactions) +
                  " transactions were read: ask for fewer --days.");
  }
  if (report.chain.unclear > 0) {
    out.push_back("Not counted, because the node's log of them is missing or cut: " +
                  std::to_string(report.chain.unclear) + ". Ask another node: --rpc URL");
  }
  return out;
}

std::string to_json(const EarningsReport& report) {
  const Earnings& earnings = report.earnings;
  CanonicalJson::Array days;
  for (const auto& [day, sum] : earnings.days) days.emplace_back(row_of("day", day, sum));
  CanonicalJson::Array leases;
  for (const auto& [lease, sum] : earnings.leases) {
    leases.emplace_back(row_of("lease", lease.to_string(), sum));
  }
  CanonicalJson::Array pending;
  for (const Claim& claim : report.pending) {
    pending.emplace_back(CanonicalJson::Object{
        {"lease", claim.held.lease.to_string()},
        {"lamports", base::to_decimal(claim.what.to_host)},
        {"proven_until", base::to_rfc3339_seconds(claim.what.proven_until_s)}});
  }
  return CanonicalJson(CanonicalJson::Object{
                           {"wallet", report.wallet.to_string()},
                           {"from", base::to_rfc3339_seconds(earnings.from_s)},
                           {"earned_lamports", base::to_decimal(earnings.all.earned)},
                           {"market_fee_lamports", base::to_decimal(earnings.all.market_fee)},
                           {"network_fees_lamports", base::to_decimal(report.chain.network_fees)},
                           {"pending_lamports", base::to_decimal(pending_of(report))},
                           {"days", std::move(days)},
                           {"leases", std::move(leases)},
                           {"pending", std::move(pending)},
                           {"unclear", static_cast<std::int64_t>(report.chain.unclear)},
                           {"cut", report.chain.is_cut}})
      .text();
}

}  // namespace obelisk::host
