#include "core/host/earnings.hpp"

#include <algorithm>
#include <map>

namespace obelisk::host {
namespace {

constexpr base::UnixSeconds kDayS = 86'400;

// Lamports that exist fit by far; what a node makes up must not wrap.
base::Lamports plus(base::Lamports a, base::Lamports b) {
  return base::checked_add(a, b).value_or(base::Lamports{UINT64_MAX});
}

void add(Sum& sum, const Payment& payment) {
  sum.earned = plus(sum.earned, payment.to_host);
  sum.market_fee = plus(sum.market_fee, payment.market_fee);
  ++sum.payments;
}

}  // namespace

base::UnixSeconds first_midnight(base::UnixSeconds now_s, std::uint32_t days) {
  const base::UnixSeconds today = now_s / kDayS;
  return std::max<base::UnixSeconds>(today - (days == 0 ? 0 : days - 1), 0) * kDayS;
}

Earnings sum_up(const std::vector<Payment>& payments, base::UnixSeconds from_s) {
  Earnings out;
  out.from_s = from_s;
  std::map<std::string, Sum> days;
  std::map<base::PublicKey, Sum> leases;
  for (const Payment& payment : payments) {
    if (payment.at_s && *payment.at_s < from_s) continue;
    constexpr std::size_t kDateLength = 10;
    const std::string day =
        payment.at_s ? base::to_rfc3339_seconds(*payment.at_s).substr(0, kDateLength) : "";
    add(out.all, payment);
    add(days[day], payment);
    add(leases[payment.lease], payment);
  }
  out.days.assign(days.rbegin(), days.rend());
  out.leases.assign(leases.begin(), leases.end());
  std::ranges::sort(out.leases, [](const auto& a, const auto& b) {
    if (a.second.earned != b.second.earned) return a.second.earned > b.second.earned;
    return a.first < b.first;
  });
  return out;
}

}  // namespace obelisk::host
