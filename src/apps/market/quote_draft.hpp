// A quote before it is signed: everything that was asked for, offered and measured becomes terms,
// the call that pays them, and the record that the engine will compare the chain with. Pure: it
// reads no clock, no random source and no chain. It must never promise what the listing does not.
#pragma once

#include <string>
#include <vector>

#include "api/types.hpp"
#include "base/result.hpp"
#include "core/escrow/instructions.hpp"
#include "core/escrow/layout.hpp"
#include "core/lease/record.hpp"
#include "core/market/book.hpp"
#include "core/market/terms.hpp"
#include "ports/price_source.hpp"

namespace obelisk::market_app {

// How long the cards are held and the quote can be paid, in chain seconds.
inline constexpr std::uint32_t kQuoteLifeS = 60;
// What a lease gets where nobody said: at most so much, and no more than its cards' share of what
// the host has left. Below the least, nothing useful fits beside the image.
inline constexpr std::uint64_t kDefaultDiskBytes = std::uint64_t{20} << 30;
inline constexpr std::uint64_t kLeastDiskBytes = std::uint64_t{1} << 30;

// What of a host's images was asked for.
market::WantedImage wanted_image(const api::QuoteRequest& request);

std::uint64_t default_disk(std::uint64_t with_one_card, std::size_t count);

struct QuoteInputs {
  api::QuoteRequest request;  // its ssh_key checked
  market::Offer offer;        // with enough free cards
  base::PublicKey program;
  base::PublicKey market;
  escrow::Market account{};  // the market as the chain has it
  ports::SolPrice sol_price;
  base::UnixSeconds chain_now_s = 0;
  base::UnixMillis now_ms = 0;
  std::uint64_t nonce = 0;
  std::string remote_address;
};

struct QuoteDraft {
  market::Terms terms;
  std::string text;  // of the terms
  base::Hash hash;
  escrow::Open open;
  // Without signature and response.
  lease::Quote record;
};

base::Result<QuoteDraft> draft_quote(const QuoteInputs& inputs);

// The `open` that exactly this quote is paid by.
escrow::Open open_of(const lease::Quote& quote, const base::PublicKey& program);

// As the API shows them.
api::Offer to_api(const market::Offer& offer, std::uint64_t micro_usd_per_sol);
// Without transaction and last_valid_block_height.
api::Quote to_api(const QuoteDraft& draft, const base::Signature& signature,
                  const market::Offer& offer);

}  // namespace obelisk::market_app
