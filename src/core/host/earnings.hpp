// What reached a host's wallet, by day and by lease. Pure: the payments come from the chain's own
// transactions. It must never show a sum as whole that a payment may be missing from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/time.hpp"

namespace obelisk::host {

struct Payment {
  base::PublicKey lease;
  base::Lamports to_host;
  base::Lamports market_fee;  // to the treasury, in the same step
  std::optional<base::UnixSeconds> at_s;
};

struct Sum {
  base::Lamports earned;
  base::Lamports market_fee;
  std::uint64_t payments = 0;

  bool operator==(const Sum&) const = default;
};

struct Earnings {
  base::UnixSeconds from_s = 0;  // midnight, UTC
  Sum all;
  std::vector<std::pair<std::string, Sum>> days;  // "2026-11-29", the newest first; "" undated
  std::vector<std::pair<base::PublicKey, Sum>> leases;  // who earned most first
};

// The midnight that begins the first of `days` days, today being the last of them.
base::UnixSeconds first_midnight(base::UnixSeconds now_s, std::uint32_t days);
// Payments from before `from_s` are left out.
Earnings sum_up(const std::vector<Payment>& payments, base::UnixSeconds from_s);

}  // namespace obelisk::host
