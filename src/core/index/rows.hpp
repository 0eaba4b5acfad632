// The rows of the index: what our program did on chain, as values that follow from the chain's
// history alone, so that two indexes of one chain are equal. A row must never hold when or by whom
// it was written.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/time.hpp"
#include "core/escrow/instruction_set.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::index {

// The order of everything: slot, place in its block (counting every transaction of the block, not
// only ours), call of our program in the transaction.
struct OrderKey {
  std::uint64_t slot = 0;
  std::uint32_t block_index = 0;
  std::uint32_t number = 0;
  auto operator<=>(const OrderKey&) const = default;
};

// A node cuts a log at 10,000 bytes, and one without a log store has none.
enum class LogState : std::uint8_t { whole = 0, truncated = 1, none = 2 };

inline constexpr std::int32_t kLegacy = -1;  // of TransactionRow::version; else 0 or 1

// A transaction that names our program, also a failed one and one that calls nothing of ours.
struct TransactionRow {
  base::Signature signature;
  std::uint64_t slot = 0;
  std::uint32_t block_index = 0;
  std::optional<base::UnixSeconds> block_time_s;
  std::int32_t version = kLegacy;
  base::PublicKey payer;
  base::Lamports fee;
  std::uint64_t compute_units = 0;
  std::optional<std::string> error;  // the runtime's, as JSON text; nothing: it succeeded
  LogState logs = LogState::whole;
  // The program's own account came to be here: nothing of it can be older.
  bool program_born = false;
  // The block it lies in is finalized: it cannot be undone any more.
  bool is_final = false;

  bool operator==(const TransactionRow&) const = default;
};

// One call of our program in a transaction that succeeded.
struct StepRow {
  base::Signature signature;
  std::uint64_t slot = 0;
  std::uint32_t block_index = 0;
  std::uint32_t number = 0;                  // of our program's calls in the transaction, from 0
  std::optional<std::uint32_t> instruction;  // top-level one that it is, or was called from
  std::uint32_t depth = 1;                   // 1: top level; above: called by another program
  std::optional<base::UnixSeconds> block_time_s;  // of its transaction; not a column of its own

  // From the event if there is one, else from the instruction at top level.
  std::optional<escrow::Tag> tag;
  std::optional<base::PublicKey> lease;

  // From the event. None: a call on a market, or the log was cut.
  bool logged = false;
  std::optional<escrow::State> state;  // after it
  std::optional<base::Lamports> to_host;
  std::optional<base::Lamports> to_treasury;
  std::optional<base::Lamports> to_renter;
  std::optional<base::UnixSeconds> proven_until_s;
  std::optional<base::UnixSeconds> stopped_at_s;

  // From the instruction, which is known at top level only.
  std::optional<base::PublicKey> market;
  std::optional<base::PublicKey> renter;
  std::optional<base::PublicKey> host;
  std::optional<escrow::StopHow> how;  // of a stop
  std::optional<bool> renter_signed;   // of a cancel
  std::optional<std::uint64_t> nonce;  // of an open, and so the next four
  std::optional<base::Lamports> rate_per_hour;
  std::optional<std::uint32_t> max_seconds;
  std::optional<base::Hash> terms_hash;
  std::optional<std::uint32_t> seconds;  // of an open, and the new total of an extend

  OrderKey key() const { return {slot, block_index, number}; }
  bool operator==(const StepRow&) const = default;
};

// One opening of a lease: an address can be opened again once it is closed, even in one slot.
//
// Where the columns come from:
//   steps      opened_slot, opening, the signatures, the times, steps, last_slot, whole
//   open       market, renter, host, nonce, rate, max_seconds, terms_hash, seconds, paid; if it was
//              a call by another program, these are known only while the account is there
//   events     to_host, to_treasury, to_renter; state, proven_until, stopped_at of a closed lease
//   account    of a lease that is not closed, read at confirmed: vault, state, proven_until,
//              stopped_at, seconds, paid and the parties. Events never overrule it.
struct LeaseRow {
  base::PublicKey lease;
  std::uint64_t opened_slot = 0;  // 0: its open is not in the index
  std::uint32_t opening = 0;      // of those with this address and opened_slot, from 0
  std::optional<base::PublicKey> market;
  std::optional<base::PublicKey> renter;
  std::optional<base::PublicKey> host;
  std::optional<std::uint64_t> nonce;
  std::optional<base::Lamports> rate_per_hour;
  std::optional<std::uint32_t> max_seconds;
  std::optional<base::Hash> terms_hash;
  std::optional<std::uint32_t> seconds;

  escrow::State state = escrow::State::funded;
  std::optional<base::Lamports> paid;   // for the time: price(seconds), without the bond
  std::optional<base::Lamports> vault;  // what the account holds; 0 once closed
  // So far. Nothing: a payment may be missing, so no sum is shown.
  std::optional<base::Lamports> to_host;
  std::optional<base::Lamports> to_treasury;
  std::optional<base::Lamports> to_renter;

  std::optional<base::UnixSeconds> opened_at_s;   // the open's block time
  std::optional<base::UnixSeconds> started_at_s;  // the ready's event
  base::UnixSeconds proven_until_s = 0;           // 0: not yet, and so stopped_at
  base::UnixSeconds stopped_at_s = 0;
  std::optional<base::UnixSeconds> closed_at_s;  // the close's block time
  std::optional<base::Signature> open_signature;
  std::optional<base::Signature> ready_signature;
  std::optional<base::Signature> close_signature;
  std::uint64_t steps = 0;
  std::uint64_t last_slot = 0;  // of its newest step
  // Every step since its open is here with its event, and nothing contradicts them.
  bool whole = false;

  bool operator==(const LeaseRow&) const = default;
};

}  // namespace obelisk::index
