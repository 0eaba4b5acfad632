// One transaction that landed, as rows. Legacy, v0 and v1, with the keys that its lookup tables
// held, where the node tells them. It must never make up what the log does not say:
// a call whose event is missing is a step without amounts.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "core/escrow/event.hpp"
#include "core/index/rows.hpp"

namespace obelisk::index {

// What a node tells of a transaction; the caller keeps what it points to.
struct Landed {
  base::Signature signature = {};
  std::uint64_t slot = 0;
  std::uint32_t block_index = 0;
  std::optional<base::UnixSeconds> block_time_s = {};
  base::ByteView wire = {};
  base::Lamports fee = {};
  std::span<const base::Lamports> pre_balances = {};  // by account of the message; may be missing
  std::span<const base::Lamports> post_balances = {};
  const std::vector<std::string>& logs;
  std::uint64_t compute_units = 0;
  std::optional<std::string> error = {};
  std::vector<base::PublicKey> loaded_keys = {};  // of the lookup tables; may be missing
};

struct Decoded {
  TransactionRow transaction;
  std::vector<StepRow> steps;  // none where it failed
};

// An error only where the wire bytes are no transaction.
base::Result<Decoded> decode(const Landed& landed, const base::PublicKey& program);

// The event that a step was made from; nothing if its log did not show one.
std::optional<escrow::Event> event_of(const StepRow& step);

}  // namespace obelisk::index
