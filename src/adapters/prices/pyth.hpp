// Pyth's prices: one number with a confidence, published through Hermes or as a PriceUpdateV2
// account on chain. Layout (Pyth's pyth-solana-receiver-sdk, Borsh): discriminator 8, write
// authority 32, verification level u8 (1 = Full; Partial is followed by one byte more), feed id 32,
// price i64, conf u64, exponent i32, publish time i64, ... It must never take a partly verified
// update.
#pragma once

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "core/market/sol_price.hpp"
#include "ports/chain.hpp"

namespace obelisk::prices {

// The program that owns the accounts (Pyth's Solana receiver).
base::PublicKey pyth_receiver();

struct PythPrice {
  std::int64_t mantissa = 0;
  std::int64_t confidence = 0;  // the true price lies within so much, most of the time
  std::int64_t exponent = 0;    // of ten
  std::int64_t publish_time_s = 0;
};

// The price as a bid and an ask, a confidence to either side. refused where it is no price.
base::Result<market::PriceReading> pyth_reading(const PythPrice& price);
// Of an account of the SOL/USD feed.
base::Result<market::PriceReading> read_price_update(const ports::Account& account);

}  // namespace obelisk::prices
