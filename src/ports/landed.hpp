// A transaction as the Chain port gives it, in the words of core/index. It points into the record,
// which must outlive it.
#pragma once

#include "core/index/decode.hpp"
#include "ports/chain.hpp"

namespace obelisk::ports {

// `block_index`: its place in its block, where somebody counted; 0 keeps the order of slots alone.
inline index::Landed landed_of(const TransactionRecord& record, std::uint32_t block_index = 0) {
  return {.signature = record.signature,
          .slot = record.slot,
          .block_index = block_index,
          .block_time_s = record.block_time,
          .wire = record.wire,
          .fee = record.fee,
          .pre_balances = record.pre_balances,
          .post_balances = record.post_balances,
          .logs = record.logs,
          .compute_units = record.compute_units,
          .error = record.error,
          .loaded_keys = record.loaded_keys};
}

}  // namespace obelisk::ports
