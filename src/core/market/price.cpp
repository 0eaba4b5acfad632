#include "core/market/price.hpp"

#include <algorithm>
#include <limits>

#include "core/escrow/arithmetic.hpp"
#include "core/escrow/bounds.hpp"

namespace obelisk::market {
namespace {

// Wide enough for every product below, whatever the inputs: the bounds are noted beside each.
__extension__ typedef unsigned __int128 Wide;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

Wide divide_up(Wide value, Wide by) { return value / by + (value % by != 0 ? 1 : 0); }

base::Error does_not_fit() {
  return {base::Code::invalid_input, "This price does not fit the chain.",
          "Ask for fewer cards, less disk or less time."};
}

base::Result<std::uint64_t> narrow(Wide value) {
  if (value > kMax) return does_not_fit();
  return static_cast<std::uint64_t>(value);
}

}  // namespace

base::Result<base::Lamports> lamports_for(std::uint64_t micro_usd,
                                          std::uint64_t micro_usd_per_sol) {
  if (micro_usd_per_sol == 0) return does_not_fit();
  const Wide product = Wide{micro_usd} * base::kLamportsPerSol;  // < 2^94
  TRY(const std::uint64_t lamports, narrow(divide_up(product, micro_usd_per_sol)));
  return base::Lamports{lamports};
}

std::uint64_t micro_usd_for(base::Lamports amount, std::uint64_t micro_usd_per_sol) {
  const Wide product = Wide{amount.count} * micro_usd_per_sol;  // < 2^128
  return static_cast<std::uint64_t>(
      std::min<Wide>(divide_up(product, base::kLamportsPerSol), kMax));
}

base::Result<Rate> rate_for(const Ask& ask, std::uint64_t micro_usd_per_sol) {
  // The price of one hour is (cards + disk x GB-month price / (GB x hours)) / SOL price. One common
  // denominator keeps it exact up to the single rounding. The bounds make every product fit.
  constexpr std::uint64_t kMaxMicroUsd = 1'000'000'000'000;  // < 2^40
  constexpr std::uint64_t kMaxDiskBytes = std::uint64_t{1} << 50;
  if (micro_usd_per_sol == 0 || ask.count == 0 || ask.count > 64 ||
      ask.micro_usd_per_hour > kMaxMicroUsd || ask.micro_usd_per_gb_month > kMaxMicroUsd ||
      ask.disk_bytes > kMaxDiskBytes) {
    return does_not_fit();
  }
  constexpr Wide kDiskUnit = Wide{kBytesPerGb} * kHoursPerMonth;        // < 2^40
  const Wide cards = Wide{ask.micro_usd_per_hour} * ask.count;          // < 2^47
  const Wide disk = Wide{ask.disk_bytes} * ask.micro_usd_per_gb_month;  // < 2^90
  // Lamports = x * 10^9 / (unit * SOL price) with unit = 10^9 * 730: the 10^9 cancels out.
  const Wide together = cards * kDiskUnit + disk;  // < 2^91
  const Wide per = Wide{kHoursPerMonth} * micro_usd_per_sol;
  Rate rate;
  TRY(rate.lamports_per_hour, narrow(divide_up(together, per)));
  TRY(const base::Lamports for_cards,
      lamports_for(ask.micro_usd_per_hour * ask.count, micro_usd_per_sol));
  rate.cards_lamports_per_hour = for_cards.count;
  if (rate.lamports_per_hour < escrow::kMinRate || rate.lamports_per_hour > escrow::kMaxRate) {
    return does_not_fit();
  }
  return rate;
}

base::Result<Breakdown> breakdown_for(const Rate& rate, std::uint32_t seconds,
                                      base::Lamports priority_fees) {
  Breakdown out;
  if (!escrow::within_bounds(rate.lamports_per_hour, seconds, escrow::kMaxSeconds) ||
      !escrow::price(rate.lamports_per_hour, seconds, out.price.count) ||
      !escrow::price(rate.cards_lamports_per_hour, seconds, out.cards.count)) {
    return does_not_fit();
  }
  out.cards = std::min(out.cards, out.price);
  out.disk = base::Lamports{out.price.count - out.cards.count};
  out.bond = base::Lamports{escrow::kBondLamports};
  constexpr base::Lamports kSignatures{(kOpenSignatures + kMaxStopSignatures) *
                                       kLamportsPerSignature};
  const auto fees = base::checked_add(kSignatures, priority_fees);
  const auto held = base::checked_add(out.price, out.bond);
  const auto total = fees && held ? base::checked_add(*held, *fees) : std::nullopt;
  if (!total) return does_not_fit();
  out.network_fees = *fees;
  out.total = *total;
  return out;
}

}  // namespace obelisk::market
