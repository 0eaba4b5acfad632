// A receipt as a file: everything somebody else needs to check a rental against the chain without
// asking us: the terms as they were signed, every transaction with what it moved, the newest
// attestation, and the sums. docs/cli.md has its fields. A file is hostile until checked: reading
// bounds every field and refuses what it does not know; it must never be believed (see
// receipt_check.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/papers/receipt.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::papers {

inline constexpr std::size_t kMaxReceiptBytes = 2 << 20;
inline constexpr std::size_t kMaxReceiptTransactions = 1000;
inline constexpr std::size_t kMaxStepsPerTransaction = 16;
inline constexpr std::size_t kMaxReceiptAttestations = 16;

struct PaperStep {
  std::string what;   // "open", "ready", "cancel", "extend", "claim", "stop", "finish"
  std::string state;  // after it
  std::optional<std::int64_t> how;
  base::Lamports paid_in;
  base::Lamports to_host;
  base::Lamports to_treasury;
  base::Lamports to_renter;
  std::int64_t proven_until_s = 0;
  std::int64_t stopped_at_s = 0;

  bool operator==(const PaperStep&) const = default;
};

struct PaperTransaction {
  base::Signature signature;
  std::uint64_t slot = 0;
  std::optional<std::int64_t> at_s;
  base::Lamports network_fee;
  std::vector<PaperStep> steps;  // none: it failed, or only sent something to the address

  bool operator==(const PaperTransaction&) const = default;
};

struct PaperAttestation {
  base::PublicKey signer;
  std::uint64_t opened_slot = 0;
  std::int64_t alive_until = 0;
  base::Signature signature;

  bool operator==(const PaperAttestation&) const = default;
};

struct ReceiptFile {
  base::Hash network;  // the genesis
  base::PublicKey program;
  base::PublicKey market;
  base::PublicKey lease;
  base::PublicKey renter;
  base::PublicKey host;
  std::optional<base::PublicKey> attestor;  // nothing: it never signed, and there are no terms
  std::uint64_t opened_slot = 0;
  base::Lamports lamports_per_hour;
  base::Hash terms_hash;
  std::optional<std::string> terms;
  std::optional<base::Signature> quote_signature;
  bool closed = false;
  std::string outcome;
  base::Lamports paid;
  base::Lamports host_got;
  base::Lamports fee;
  base::Lamports refunded;
  base::Lamports held;
  base::Lamports bond;
  base::Lamports surplus;
  base::Lamports network_fees;
  std::optional<std::int64_t> opened_at_s;
  std::optional<std::int64_t> started_at_s;
  std::optional<std::int64_t> stopped_at_s;
  std::int64_t used_s = 0;
  std::vector<PaperTransaction> transactions;  // oldest first, from `open` on
  std::vector<PaperAttestation> attestations;

  bool operator==(const ReceiptFile&) const = default;
};

// What is not in the transactions.
struct PaperExtras {
  base::Hash network;
  std::optional<std::string> terms;
  std::optional<base::Signature> quote_signature;
  std::vector<PaperAttestation> attestations;
};

// The file of a receipt and of the records that it was made from, newest first.
base::Result<ReceiptFile> make_receipt_file(const Receipt& receipt,
                                            const std::vector<solana::TransactionRecord>& records,
                                            PaperExtras extras);

std::string receipt_file_text(const ReceiptFile& file);

}  // namespace obelisk::papers
