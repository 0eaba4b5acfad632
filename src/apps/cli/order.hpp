// An order: what a person typed for a quote, read and completed, in the form the market is asked
// with and the form its answer is checked against.
#pragma once

#include <string>

#include "api/types.hpp"
#include "apps/cli/session.hpp"
#include "apps/cli/verbs/options.hpp"
#include "apps/cli/verify_quote.hpp"
#include "base/result.hpp"
#include "core/market/image_reference.hpp"

namespace obelisk::cli {

struct Order {
  api::QuoteRequest request;
  Asked asked;
  std::string public_key_file;
  // Where the image lies that was asked for, so that a host can bring it.
  std::optional<market::ImageReference> image_reference = {};
  std::optional<std::uint64_t> max_micro_usd_per_hour = {};  // for one card, disk apart
};

// Whether anything was typed that a quote would be asked for with.
bool says_what(const QuoteOptions& options);

// Without the renter: what is typed wrong is said before any key or network is asked.
base::Result<Order> make_order(const QuoteOptions& options, const std::string& home);
// For a quote that was made before; `id` is all that is asked of the market.
base::Result<Order> order_of_quote(const std::string& id, const MaybeText& ssh_key,
                                   const std::string& home);
void set_renter(Order& order, const base::PublicKey& renter);

// declined: the quote is dearer than the order's cap, by the dollars of its own terms.
base::Result<void> check_price(const market::Terms& terms, const Order& order);

// The market's quote for the order, checked against the renter's own node, and how long it took.
struct OrderedQuote {
  CheckedQuote checked;
  base::Signature signature;  // the attestor's
  std::string card_name;
  std::uint32_t ready_deadline_s = 0;
  std::int64_t quote_ms = 0;
  std::string json;  // as the market gave it
};
base::Result<OrderedQuote> order_quote(Session& session, const Order& order);

// Nobody will pay it: its cards are free for others at once, or, where the market cannot be told,
// when it expires.
void give_up(Session& session, const std::string& quote_id);

}  // namespace obelisk::cli
