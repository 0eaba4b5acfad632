#include "apps/cli/order.hpp"

#include "apps/cli/ssh_access.hpp"
#include "core/escrow/codec.hpp"
#include "core/market/ssh_fingerprint.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

// What the renter's own node has at the address that the quote names.
base::Result<ChainView> view_of(ports::Chain& chain, const base::PublicKey& market) {
  TRY(const ports::AccountAt found, chain.account(market, ports::Commitment::confirmed));
  const auto account = found.account ? escrow::parse_market(found.account->data) : std::nullopt;
  if (!account) {
    return Error{Code::refused, "Your node knows no market account " + market.to_string() + ".",
                 "Nothing was signed. Check that --rpc-url and --market-url are one network."};
  }
  TRY(const ports::ChainTime now, chain.now(ports::Commitment::confirmed));
  ChainView view;
  view.market = market;
  view.market_owner = found.account->owner;
  view.account = *account;
  view.now_s = now.unix_s;
  return view;
}

// What is typed wrong would be found nowhere, and waited for without end.
base::Result<void> take_image(const QuoteOptions& options, Order& order) {
  if (options.template_name && !market::valid_template_name(*options.template_name)) {
    return Error{
        Code::invalid_input, "--template is not the name of a template.",
        "For example --template jupyter; `obelisk offers template=jupyter` shows who has it."};
  }
  order.request.template_ = order.asked.template_name = options.template_name;
  order.request.image = order.asked.image = options.image;
  if (!options.image || market::valid_image_digest(*options.image)) return {};
  TRY(order.image_reference, market::parse_reference(*options.image));
  order.request.image = order.asked.image = order.image_reference->digest;
  return {};
}

}  // namespace

void set_renter(Order& order, const base::PublicKey& renter) {
  order.request.renter = renter;
  order.asked.renter = renter;
}

base::Result<Order> make_order(const QuoteOptions& options, const std::string& home) {
  Order order;
  if (options.card.has_value() == options.offer.has_value()) {
    return Error{Code::usage,
                 options.card ? "A card and an offer cannot both be asked for."
                              : "It is not said which card.",
                 "Give a card of `obelisk cards`, or --offer ID of `obelisk offers`."};
  }
  TRY(order.request.seconds, read_time(options.time));
  if (options.count) {
    TRY(order.asked.count, read_count(*options.count));
  }
  if (options.max_hours) {
    TRY(order.request.max_seconds, read_hours("--max-hours", *options.max_hours));
    if (*order.request.max_seconds < order.request.seconds) {
      return Error{Code::invalid_input, "--max-hours is less than the time bought now.",
                   "Give at least the same."};
    }
  }
  if (options.disk) {
    TRY(order.request.disk_bytes, read_disk(*options.disk));
  }
  TRY_VOID(take_image(options, order));
  order.public_key_file = options.ssh_key.value_or(home + "/.ssh/id_ed25519.pub");
  TRY(order.request.ssh_key, read_public_key(order.public_key_file));
  order.asked.ssh_key = market::ssh_fingerprint(order.request.ssh_key).value_or("");
  order.request.card = options.card;
  order.request.offer = options.offer;
  order.request.count = order.asked.count;
  order.asked.card = options.card;
  order.asked.offer = options.offer;
  order.asked.seconds = order.request.seconds;
  order.asked.max_seconds = order.request.max_seconds;
  order.asked.disk_bytes = order.request.disk_bytes;
  return order;
}

base::Result<Order> order_of_quote(const std::string& id, const MaybeText& ssh_key,
                                   const std::string& home) {
  const bool is_id = id.size() == 64 && id.find_first_not_of("0123456789abcdef") == id.npos;
  if (!is_id) {
    return Error{Code::invalid_input, "--quote is not the id of a quote.",
                 "It is the 64 digits that `obelisk quote` shows."};
  }
  Order order;
  order.public_key_file = ssh_key.value_or(home + "/.ssh/id_ed25519.pub");
  TRY(order.request.ssh_key, read_public_key(order.public_key_file));
  order.asked.ssh_key = market::ssh_fingerprint(order.request.ssh_key).value_or("");
  order.asked.quote = id;
  return order;
}

base::Result<void> check_price(const market::Terms& terms, const Order& order) {
  if (!order.max_micro_usd_per_hour) return {};
  // The cap as a quote would have it, rounded as quotes are.
  const auto count = static_cast<std::uint32_t>(terms.cards.size());
  TRY(const market::Rate cap,
      market::rate_for({*order.max_micro_usd_per_hour, 0, count, 0}, terms.micro_usd_per_sol));
  TRY(const market::Breakdown most, market::breakdown_for(cap, terms.seconds));
  if (terms.debit.cards <= most.cards) return {};
  return Error{Code::declined,
               "The price is above --max-price, so nothing was signed: " +
                   base::to_sol_text(terms.debit.cards) + " for the cards, not " +
                   base::to_sol_text(most.cards) + " or less.",
               "Give a higher --max-price, or --wait for a cheaper offer."};
}

bool says_what(const QuoteOptions& options) {
  return options.card || options.offer || options.count || options.max_hours || options.disk ||
         options.template_name || options.image || options.time.hours || options.time.minutes ||
         options.time.seconds || options.time.span;
}

namespace {

base::Result<OrderedQuote> checked_quote(Session& session, const Order& order,
                                         const api::Quote& quote) {
  TRY(ports::Chain * chain, session.chain());
  OrderedQuote out;
  TRY(const ChainView view, view_of(*chain, quote.market));
  TRY(out.checked, verify_quote(quote, order.asked, view, session.settings().program));
  TRY_VOID(check_price(out.checked.terms, order));
  out.signature = quote.signature;
  out.card_name = quote.offer.card_name;
  out.ready_deadline_s = view.account.ready_deadline_s;
  out.json = api::to_json(quote);
  return out;
}

}  // namespace

base::Result<OrderedQuote> order_quote(Session& session, const Order& order) {
  TRY(MarketClient * market, session.market());
  const std::int64_t began_ms = session.clock().steady_ms();
  TRY(const api::Quote quote,
      order.asked.quote ? market->quote_by_id(*order.asked.quote) : market->quote(order.request));
  const std::int64_t quote_ms = session.clock().steady_ms() - began_ms;
  auto out = checked_quote(session, order, quote);
  if (out) out->quote_ms = quote_ms;
  if (!out && !order.asked.quote) give_up(session, quote.id);
  return out;
}

void give_up(Session& session, const std::string& quote_id) {
  if (const auto market = session.market()) (void)(*market)->give_up_quote(quote_id);
}

}  // namespace obelisk::cli
