// obelisk quote: the final price, checked, and nothing signed.
#include "apps/cli/order.hpp"
#include "apps/cli/program_info.hpp"
#include "apps/cli/quote_text.hpp"
#include "apps/cli/verbs/verbs.hpp"

namespace obelisk::cli {

base::Result<void> quote(Session& session, const QuoteOptions& options) {
  TRY(Order order, make_order(options, session.settings().home));
  TRY(ports::Signer * wallet, session.wallet());
  set_renter(order, wallet->public_key());
  TRY(const OrderedQuote ordered, order_quote(session, order));
  TRY(ports::Chain * chain, session.chain());
  TRY(const ports::ChainTime now, chain->now(ports::Commitment::confirmed));
  session.out().lines(quote_lines(ordered, now.unix_s));
  const base::PublicKey& program = ordered.checked.terms.program;
  session.out().lines(program_lines(program, program_info(*chain, program)));
  session.out().line("Nothing was signed. To pay exactly this, while it holds:");
  session.out().line("  obelisk rent --quote " + base::to_hex(ordered.checked.hash.view()));
  session.out().result(ordered.json);
  return {};
}

}  // namespace obelisk::cli
