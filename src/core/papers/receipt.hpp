// The receipt of a lease, from the chain alone: what was paid in, who got what, what came back, and
// the transaction of each. Pure. paid = host + fee + refunded + still held, to the lamport, and
// anybody gets the same figures from getTransaction. It must never take a figure from the market.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/escrow/event.hpp"
#include "core/solana/transaction_record.hpp"

namespace obelisk::papers {

struct ReceiptStep {
  escrow::Tag tag = escrow::Tag::open;
  escrow::State after = escrow::State::closed;
  base::Signature signature;
  std::uint64_t slot = 0;
  std::optional<base::UnixSeconds> time_s;
  base::Lamports paid_in;
  base::Lamports to_host;
  base::Lamports to_treasury;
  base::Lamports to_renter;
  base::UnixSeconds proven_until = 0;
  base::UnixSeconds stopped_at = 0;
  std::optional<escrow::StopHow> how;  // of a stop that stands in the transaction itself
  bool renter_signed = false;
};

struct Receipt {
  base::PublicKey lease;
  base::PublicKey program;
  base::PublicKey renter;
  base::PublicKey host;
  std::uint64_t lamports_per_hour = 0;
  std::uint32_t seconds = 0;  // bought, extensions included
  base::Hash terms_hash;
  std::vector<ReceiptStep> steps;  // oldest first
  bool closed = false;

  base::Lamports paid;      // without the bond
  base::Lamports host_got;  // after the fee
  base::Lamports fee;
  base::Lamports refunded;  // without the bond
  base::Lamports held;      // of what was paid, still in the lease
  base::Lamports bond;
  base::Lamports surplus;       // what others sent to the lease's address; the renter's in the end
  base::Lamports network_fees;  // that the renter paid

  std::optional<base::UnixSeconds> opened_at;
  std::optional<base::UnixSeconds> started_at;
  std::optional<base::UnixSeconds> stopped_at;
  std::int64_t served_s = 0;

  const ReceiptStep* find(escrow::Tag tag) const;
  const ReceiptStep* closing() const;
};

// `records`: every transaction of the address, newest first, as the chain lists them. Where an
// address was used twice, the receipt is of the latest lease there.
base::Result<Receipt> make_receipt(const base::PublicKey& lease, const base::PublicKey& program,
                                   const std::vector<solana::TransactionRecord>& records);

// "stopped_by_renter" and so on, the words of the API; `ready_deadline_s` tells a cancellation from
// a host that was late.
std::string_view outcome_of(const Receipt& receipt, std::optional<std::uint32_t> ready_deadline_s);

}  // namespace obelisk::papers
