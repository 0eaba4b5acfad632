// The operator's terms as they lie in the data of create_market and update_market.
#pragma once

#include "core/escrow/layout.hpp"
#include "program/memory.hpp"

namespace obelisk::program {

template <int kOffset>
inline void read_terms(const uint8_t* data, escrow::MarketTerms& terms) {
  terms.paused = data[kOffset];
  terms.fee_bps = load_u16<kOffset + 1>(data);
  terms.ready_deadline_s = load_u32<kOffset + 3>(data);
  terms.gap_limit_s = load_u32<kOffset + 7>(data);
  terms.claim_window_s = load_u32<kOffset + 11>(data);
  load_key<kOffset + 15>(data, terms.attestor);
}

}  // namespace obelisk::program
