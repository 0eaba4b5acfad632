// obelisk quote: the final price, checked, and nothing signed.
#include "apps/cli/bring_image.hpp"
#include "apps/cli/order.hpp"
#include "apps/cli/program_info.hpp"
#include "apps/cli/quote_text.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {
namespace {

base::Result<void> give_up_verb(Session& session, const std::string& id) {
  TRY(MarketClient * market, session.market());
  TRY_VOID(market->give_up_quote(id));
  session.out().line("Given up. Its cards are free again; nothing was charged.");
  session.out().result(base::JsonLine().text("quote", id).flag("given_up", true).done());
  return {};
}

}  // namespace

base::Result<void> quote(Session& session, const QuoteOptions& options) {
  if (options.given_up && says_what(options)) {
    return base::Error{base::Code::usage, "--give-up names a quote and asks for none.",
                       "Give --give-up ID alone."};
  }
  if (options.given_up) return give_up_verb(session, *options.given_up);
  TRY(Order order, make_order(options, session.settings().home));
  TRY(ports::Signer * wallet, session.wallet());
  set_renter(order, wallet->public_key());
  TRY_VOID(bring_image(session, order));
  TRY(const OrderedQuote ordered, order_quote(session, order));
  TRY(ports::Chain * chain, session.chain());
  TRY(const ports::ChainTime now, chain->now(ports::Commitment::confirmed));
  session.out().lines(quote_lines(ordered, now.unix_s));
  const base::PublicKey& program = ordered.checked.terms.program;
  session.out().lines(program_lines(*chain, program));
  session.out().line("Nothing was signed. To pay exactly this, while it holds:");
  const std::string id = base::to_hex(ordered.checked.hash.view());
  session.out().line("  obelisk rent --quote " + id);
  session.out().line("Or make room for another one:");
  session.out().line("  obelisk quote --give-up " + id);
  session.out().result(ordered.json);
  return {};
}

}  // namespace obelisk::cli
