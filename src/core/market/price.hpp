// Price arithmetic of quotes, in integers: micro-USD an hour and the SOL price become lamports an
// hour, and those the largest possible debit with its parts. Every rounding is up and named here.
// It must never see a float, and never decide what a lease pays: that is core/escrow.
#pragma once

#include <cstdint>

#include "base/lamports.hpp"
#include "base/result.hpp"

namespace obelisk::market {

inline constexpr std::uint64_t kHoursPerMonth = 730;
inline constexpr std::uint64_t kBytesPerGb = 1'000'000'000;  // as disks are sold
// Solana takes this for each signature. `open` has one; a stop with a claim before it has the
// renter's and that of its Ed25519 instruction.
inline constexpr std::uint64_t kLamportsPerSignature = 5000;
inline constexpr std::uint64_t kOpenSignatures = 1;
inline constexpr std::uint64_t kMaxStopSignatures = 2;

// What a host asks, and for how much of it.
struct Ask {
  std::uint64_t micro_usd_per_hour = 0;      // for one card
  std::uint64_t micro_usd_per_gb_month = 0;  // disk; 0: inside the price
  std::uint32_t count = 1;                   // cards
  std::uint64_t disk_bytes = 0;
};

struct Rate {
  std::uint64_t lamports_per_hour = 0;        // everything
  std::uint64_t cards_lamports_per_hour = 0;  // the cards' part of it
};

// Lamports for `micro_usd`, rounded up. Nothing fits less than the true amount; invalid_input where
// it does not fit a u64 or the SOL price is 0.
base::Result<base::Lamports> lamports_for(std::uint64_t micro_usd, std::uint64_t micro_usd_per_sol);
// Micro-USD for lamports, rounded up: what a person is shown beside SOL. Saturates.
std::uint64_t micro_usd_for(base::Lamports amount, std::uint64_t micro_usd_per_sol);

// The rate of a lease, rounded up once, so cards and disk together are never dearer than one
// rounding. invalid_input where the program would refuse it (1 to 2^38 lamports an hour).
base::Result<Rate> rate_for(const Ask& ask, std::uint64_t micro_usd_per_sol);

struct Breakdown {
  base::Lamports cards;
  base::Lamports disk;
  base::Lamports traffic;  // always 0: this version meters none, and says so
  base::Lamports price;    // cards + disk + traffic: what `open` takes for the time bought
  base::Lamports bond;     // comes back when the lease closes
  base::Lamports network_fees;
  base::Lamports total;  // the largest possible debit
  bool operator==(const Breakdown&) const = default;
};

// The largest possible debit for `seconds` at `rate`. `priority_fees` is what open and stop may
// offer beyond the signatures' fees.
base::Result<Breakdown> breakdown_for(const Rate& rate, std::uint32_t seconds,
                                      base::Lamports priority_fees = {});

}  // namespace obelisk::market
