// obelisk rent: quote, confirm, check, pay, wait for ready. What is signed is built here from the
// checked terms alone.
#include <unistd.h>

#include <algorithm>

#include "apps/cli/await_offer.hpp"
#include "apps/cli/await_ready.hpp"
#include "apps/cli/bring_image.hpp"
#include "apps/cli/child.hpp"
#include "apps/cli/confirm.hpp"
#include "apps/cli/files.hpp"
#include "apps/cli/lease_file.hpp"
#include "apps/cli/lease_records.hpp"
#include "apps/cli/login.hpp"
#include "apps/cli/order.hpp"
#include "apps/cli/program_info.hpp"
#include "apps/cli/quote_text.hpp"
#include "apps/cli/ssh_access.hpp"
#include "apps/cli/text/amounts.hpp"
#include "apps/cli/transact.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "base/json_line.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

// The whole debit, and what a wallet must keep to stay on the chain at all.
base::Result<void> can_pay(ports::Chain& chain, const market::Terms& terms) {
  TRY(const ports::AccountAt wallet, chain.account(terms.renter, ports::Commitment::confirmed));
  TRY(const base::Lamports least, chain.minimum_balance(0));
  const base::Lamports has = wallet.account ? wallet.account->lamports : base::Lamports{};
  const auto needs = base::checked_add(terms.debit.total, least);
  if (needs && has >= *needs) return {};
  const base::Lamports missing{needs ? needs->count - has.count : 0};
  return Error{
      Code::insufficient_funds,
      "The wallet has " + base::to_sol_text(has) + "; this takes up to " +
          base::to_sol_text(terms.debit.total) + ", and " + base::to_sol_text(least) +
          " must stay in it. " + base::to_sol_text(missing) + " are missing.",
      "Send it to " + terms.renter.to_string() + ", or on a test network: obelisk wallet airdrop"};
}

LeaseFile notes_of(const OrderedQuote& quote, const Session& session, std::string identity) {
  const CheckedQuote& checked = quote.checked;
  LeaseFile notes;
  notes.lease = checked.lease;
  notes.program = checked.terms.program;
  notes.host = checked.terms.host;
  notes.quote = base::to_hex(checked.hash.view());
  notes.card = checked.terms.card;
  notes.card_name = quote.card_name;
  notes.market_url = session.settings().market_url;
  notes.terms = market::terms_text(checked.terms);
  notes.quote_signature = quote.signature;
  notes.quoted = checked.terms.debit.total;
  notes.micro_usd_per_sol = checked.terms.micro_usd_per_sol;
  notes.seconds = checked.terms.seconds;
  notes.ready_deadline_s = quote.ready_deadline_s;
  notes.identity_file = std::move(identity);
  return notes;
}

struct Rental {
  OrderedQuote quote;
  Sent open;
  ReadyLease ready;
  Login login;
};

// `ready`'s signature and the figures of the chain itself.
std::optional<base::Signature> ready_signature(ports::Chain& chain, const CheckedQuote& checked) {
  const auto receipt = read_receipt(chain, checked.lease, checked.terms.program);
  const papers::ReceiptStep* step = receipt ? receipt->find(escrow::Tag::ready) : nullptr;
  return step == nullptr ? std::nullopt : std::optional(step->signature);
}

std::string rental_json(const Rental& rental, const std::optional<base::Signature>& ready) {
  const CheckedQuote& checked = rental.quote.checked;
  const api::SshAccess& access = rental.login.access;
  const std::int64_t sent_ms = rental.open.sent_ms;
  const std::int64_t confirmed_ms = rental.open.confirmed_ms;
  base::JsonLine signatures;
  signatures.signature("open", rental.open.signature).signature("ready", ready);
  base::JsonLine ssh;
  ssh.text("address", access.address)
      .number("port", access.port)
      .text("user", access.user)
      .text("host_key", access.host_key);
  return base::JsonLine()
      .key("lease", checked.lease)
      .text("quote", base::to_hex(checked.hash.view()))
      .text("card", checked.terms.card)
      .key("program", checked.terms.program)
      .key("host_wallet", checked.terms.host)
      .lamports("quoted_lamports", checked.terms.debit.total)
      .raw("signatures", signatures.done())
      .text("started_at", base::to_rfc3339_seconds(rental.ready.account.data.started_at))
      .number("quote_ms", rental.quote.quote_ms)
      .number("sent_to_confirmed_ms", confirmed_ms - sent_ms)
      .number("confirmed_to_ready_ms", rental.ready.ready_ms - confirmed_ms)
      .number("confirmed_to_ssh_ms", rental.login.in_ms - confirmed_ms)
      .number("sent_to_ssh_ms", rental.login.in_ms - sent_ms)
      .raw("ssh", ssh.done())
      .done();
}

void say_connected(Session& session, const Rental& rental, const std::string& folder) {
  const std::string lease = key_beginning(rental.quote.checked.lease);
  Output& out = session.out();
  out.line(whole_seconds_text(rental.login.in_ms - rental.open.confirmed_ms) + ". You are in.");
  out.line();
  out.line("Lease " + rental.quote.checked.lease.to_string());
  out.line("  obelisk ssh " + lease);
  out.line("  obelisk stop " + lease);
  out.line("For scp, rsync and editors, the host is \"lease\" with:");
  out.line("  -F " + folder + "/ssh_config");
}

// An error from here on is about a lease that is paid and runs: what it cost so far is what it
// would cost to stop now.
Error after_payment(Error error, Session& session, const LeaseAccount& lease) {
  if (error.charged_lamports != 0) return error;
  auto chain = session.chain();
  const auto now = chain ? (*chain)->now(ports::Commitment::confirmed)
                         : base::Result<ports::ChainTime>(chain.error());
  std::uint64_t earned = 0;
  const std::int64_t served_s = now ? now->unix_s - lease.data.started_at : 0;
  if (escrow::earned(lease.data.rate,
                     static_cast<std::uint64_t>(std::max<std::int64_t>(served_s, 0)), earned)) {
    error.charged_lamports = earned;
  }
  return error;
}

base::Result<void> pay_and_enter(Session& session, Rental& rental, LeaseFile& notes) {
  const CheckedQuote& checked = rental.quote.checked;
  const std::string& state_dir = session.settings().state_dir;
  const std::string folder = lease_folder(state_dir, checked.lease);
  TRY(MarketClient * market, session.market());
  std::optional<Interrupts> interrupts(std::in_place);  // before the follower's thread
  LeaseFollower follower(*market, checked.lease);
  session.out().status("Paying.");
  TRY(rental.open,
      sign_and_send(session, {{escrow::encode_open(checked.terms.program, checked.open)},
                              settlement::kOpenUnits}));
  notes.open = rental.open.signature;
  // The money is on its way in; notes that cannot be written now must not stop the way in.
  const auto noted = save_lease_file(state_dir, notes);
  const auto paid = base::checked_add(checked.terms.debit.price, checked.terms.debit.bond);
  const PaidLease lease{checked.lease, checked.terms.program, paid.value_or(base::Lamports{}),
                        rental.quote.ready_deadline_s, rental.open.confirmed_ms};
  TRY(rental.ready, await_ready(session, follower, *interrupts, lease));
  interrupts.reset();  // from here on Ctrl-C ends this program and not the lease
  auto login = log_in(session, follower, rental.ready.account, folder, notes.identity_file);
  if (!login) return after_payment(login.error(), session, rental.ready.account);
  rental.login = std::move(login).value();
  notes.dial_ms = rental.login.in_ms - rental.open.confirmed_ms;
  const auto noted_again = save_lease_file(state_dir, notes);
  if (!noted || !noted_again) session.out().line("Notes about this lease could not be written.");
  return {};
}

// On a terminal the login is the end that people came for; this program becomes it. A script goes
// on with its next line.
base::Result<void> enter(Session& session, const RentOptions& options, const std::string& folder) {
  const bool person = session.out().terminal() && ::isatty(STDIN_FILENO) == 1;
  if (!person || options.no_ssh || session.out().json()) return {};
  session.out().line("The time runs until you stop it; leaving this shell does not.");
  session.out().line();
  return become(ssh_command(folder, false, {}));
}

}  // namespace

namespace {

base::Result<Order> read_order(const RentOptions& options, const std::string& home) {
  if (options.quote_id && (options.wait || says_what(options.quote))) {
    return Error{Code::usage, "--quote says all of it: card, time and price are in it.",
                 "Give --quote ID alone, or the rest without it."};
  }
  if (options.wait && options.yes && !options.max_price) {
    return Error{Code::usage, "To wait and to agree beforehand takes a price.",
                 "Give --max-price USD, or leave --yes out and be asked."};
  }
  if (options.wait && !options.yes && ::isatty(STDIN_FILENO) == 0) {
    return Error{Code::declined, "Nobody can be asked once the offer is there.",
                 "Give --yes and --max-price USD if you agree beforehand."};
  }
  TRY(Order order, options.quote_id ? order_of_quote(*options.quote_id, options.quote.ssh_key, home)
                                    : make_order(options.quote, home));
  if (options.max_price) {
    TRY(order.max_micro_usd_per_hour, read_usd("--max-price", *options.max_price));
  }
  return order;
}

}  // namespace

namespace {

// Everything between the price and the payment: shows it, and asks.
base::Result<void> agree(Session& session, ports::Chain& chain, const OrderedQuote& quote,
                         bool yes) {
  const market::Terms& terms = quote.checked.terms;
  if (session.settings().mainnet && !session.settings().program) {
    return Error{Code::refused, "On mainnet the program must be one that you name.",
                 "Give --program " + terms.program.to_string() + " if you trust it."};
  }
  TRY(const ports::ChainTime now, chain.now(ports::Commitment::confirmed));
  session.out().lines(quote_lines(quote, now.unix_s));
  if (!session.out().json()) {
    session.out().lines(program_lines(chain, terms.program));
  }
  TRY_VOID(can_pay(chain, terms));
  return confirm(session, yes,
                 "Pay at most " + sol_and_usd(terms.debit.total, terms.micro_usd_per_sol) + "?");
}

}  // namespace

base::Result<void> rent(Session& session, const RentOptions& options) {
  const Settings& settings = session.settings();
  TRY(Order order, read_order(options, settings.home));
  TRY(ports::Signer * wallet, session.signing_wallet());
  set_renter(order, wallet->public_key());
  TRY(ports::Chain * chain, session.chain());
  if (!options.wait) TRY_VOID(bring_image(session, order));
  Rental rental;
  TRY(rental.quote, options.wait ? await_offer(session, order) : order_quote(session, order));
  const CheckedQuote& checked = rental.quote.checked;
  if (const auto agreed = agree(session, *chain, rental.quote, options.yes); !agreed) {
    // One that was made before may still be wanted.
    if (!options.quote_id) give_up(session, base::to_hex(checked.hash.view()));
    return agreed.error();
  }
  LeaseFile notes =
      notes_of(rental.quote, session,
               absolute_path(options.identity.value_or(identity_beside(order.public_key_file))));
  // Written before the money moves: whatever happens then, this machine knows where it is.
  TRY_VOID(save_lease_file(settings.state_dir, notes));
  TRY_VOID(pay_and_enter(session, rental, notes));
  const std::string folder = lease_folder(settings.state_dir, checked.lease);
  say_connected(session, rental, folder);
  if (session.out().json()) {
    session.out().result(rental_json(rental, ready_signature(*chain, checked)));
  }
  return enter(session, options, folder);
}

}  // namespace obelisk::cli
