// A receipt file against a node's answers. The file is made anew from the node's records, by the
// same code that made it, and compared: nothing in it can be other than the chain has it.
#include <algorithm>

#include "apps/cli/papers/receipt_check.hpp"
#include "apps/cli/text/amounts.hpp"
#include "core/escrow/codec.hpp"
#include "core/market/terms.hpp"
#include "core/papers/opening.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::cli {
namespace {

using base::Lamports;

std::string named(const papers::PaperTransaction& transaction) {
  std::string out;
  for (const papers::PaperStep& step : transaction.steps)
    out += (out.empty() ? "" : ", ") + step.what;
  return (out.empty() ? "other" : out) + " " + transaction.signature.to_string();
}

std::string moved(const papers::PaperTransaction& transaction) {
  std::string out;
  const auto add = [&](const char* who, Lamports amount) {
    if (amount.count != 0) out += std::string(", ") + who + " " + base::to_decimal(amount);
  };
  for (const papers::PaperStep& step : transaction.steps) {
    add("paid in", step.paid_in);
    add("host", step.to_host);
    add("market", step.to_treasury);
    add("renter", step.to_renter);
  }
  return out.empty() ? "nothing moved" : out.substr(2) + " lamports";
}

enum class Balances {
  agree,
  differ,
  mixed,  // other programs had a part in it, so that a wallet's balance says nothing
};

// Whether the wallets changed by exactly what the transaction's events say.
Balances compare_balances(const papers::ReceiptFile& file, const papers::PaperTransaction& paper,
                          const ports::TransactionRecord& record) {
  const auto decoded = solana::decode_transaction(record.wire);
  if (!decoded) return Balances::differ;
  const solana::Message& message = decoded->message();
  for (const auto& call : solana::instructions_of(message)) {
    const bool ours = call.program == file.program ||
                      call.program == solana::kComputeBudgetProgram ||
                      call.program == escrow::ed25519_program();
    if (!ours) return Balances::mixed;
  }
  const auto agrees = [&](const base::PublicKey& wallet, Lamports papers::PaperStep::* gets,
                          bool pays) {
    const auto at = std::find(message.keys.begin(), message.keys.end(), wallet);
    const auto index = static_cast<std::size_t>(at - message.keys.begin());
    Lamports in, out;
    bool fits = true;
    const auto add = [&](Lamports& sum, Lamports amount) {
      const auto total = base::checked_add(sum, amount);
      fits = fits && total.has_value();
      sum = total.value_or(sum);
    };
    for (const papers::PaperStep& step : paper.steps) {
      add(in, step.*gets);
      if (pays) add(out, step.paid_in);
    }
    if (at == message.keys.end()) return fits && in.count == 0 && out.count == 0;
    if (index >= record.pre_balances.size() || index >= record.post_balances.size()) return false;
    if (message.payer() == wallet) add(out, record.fee);
    add(in, record.pre_balances[index]);
    add(out, record.post_balances[index]);
    return fits && in == out;
  };
  const bool both = agrees(file.host, &papers::PaperStep::to_host, false) &&
                    agrees(file.renter, &papers::PaperStep::to_renter, true);
  return both ? Balances::agree : Balances::differ;
}

class Comparison {
 public:
  Comparison(const papers::ReceiptFile& file, const Evidence& evidence)
      : file_(file), evidence_(evidence) {}

  std::vector<Check> run() {
    const bool same_network = evidence_.network == file_.network;
    say("network", same_network,
        same_network ? "The node belongs to the receipt's network."
                     : "The receipt is of another network than the node.");
    if (!same_network) return std::move(checks_);
    if (!all_found()) return std::move(checks_);
    check_complete();
    remake();
    return std::move(checks_);
  }

 private:
  void say(const char* what, bool right, std::string detail) {
    checks_.push_back({what, right ? Verdict::right : Verdict::wrong, std::move(detail)});
  }

  // A node forgets its oldest blocks first: one that still has the transaction's block and not the
  // transaction says that it never was.
  bool all_found() {
    bool all = true;
    for (std::size_t i = 0; i < file_.transactions.size(); ++i) {
      if (i < evidence_.records.size() && evidence_.records[i]) continue;
      all = false;
      const papers::PaperTransaction& paper = file_.transactions[i];
      const bool forgotten = paper.slot < evidence_.first_block;
      checks_.push_back(
          {"transaction", forgotten ? Verdict::unknown : Verdict::wrong,
           named(paper) + (forgotten ? ": the node has forgotten blocks that old (slot " +
                                           std::to_string(paper.slot) + ")."
                                     : ": the chain has no such transaction.")});
    }
    return all;
  }

  void remake() {
    std::vector<ports::TransactionRecord> newest_first;
    for (auto at = evidence_.records.rbegin(); at != evidence_.records.rend(); ++at) {
      newest_first.push_back(**at);
    }
    const auto receipt = papers::make_receipt(file_.lease, file_.program, newest_first);
    if (!receipt) return say("transactions", false, receipt.error().message);
    const auto remade = papers::make_receipt_file(
        *receipt, newest_first,
        {file_.network, file_.terms, file_.quote_signature, file_.attestations});
    if (!remade) return say("transactions", false, remade.error().message);
    compare_transactions(*remade);
    compare_opening(newest_first);
    compare_fields(*remade);
    check_attestor(newest_first);
    check_account();
  }

  void compare_transactions(const papers::ReceiptFile& chain) {
    const std::size_t count = file_.transactions.size();
    if (chain.transactions.size() != count) {
      say("transactions", false, "The receipt begins before the lease was opened.");
    }
    for (std::size_t i = 0; i < std::min(count, chain.transactions.size()); ++i) {
      const papers::PaperTransaction& paper = file_.transactions[i];
      const bool same = paper == chain.transactions[i];
      const Balances balances = compare_balances(file_, paper, *evidence_.records[i]);
      std::string detail = named(paper) + ": " + moved(paper) + ".";
      if (!same) detail += " The chain says: " + moved(chain.transactions[i]) + ".";
      if (same && balances == Balances::differ) {
        detail += " The wallets' balances changed by another amount.";
      }
      if (same && balances == Balances::mixed) {
        // Events are only a program's word; without the balances nothing shows that it was kept.
        detail += " Another program had a part in it, so the wallets say nothing.";
        checks_.push_back({"transaction", Verdict::absent, std::move(detail)});
        continue;
      }
      say("transaction", same && balances == Balances::agree, std::move(detail));
    }
  }

  void compare_opening(const std::vector<ports::TransactionRecord>& records) {
    const auto opening = papers::latest_opening(file_.lease, records);
    bool same = opening && opening->open.terms_hash == file_.terms_hash &&
                opening->program == file_.program;
    const auto terms = file_.terms ? market::read_terms(*file_.terms) : base::Error{};
    if (same && terms) {
      const escrow::Open& open = opening->open;
      same = open.nonce == terms->nonce && open.market_rev == terms->market_rev &&
             open.expires_at == terms->expires_at && open.seconds == terms->seconds &&
             open.max_seconds == terms->max_seconds && open.market == terms->market &&
             open.rate_lamports_per_hour == terms->lamports_per_hour;
      const papers::PaperStep paid = file_.transactions.front().steps.empty()
                                         ? papers::PaperStep{}
                                         : file_.transactions.front().steps.front();
      const auto price = base::checked_add(terms->debit.price, terms->debit.bond);
      same = same && price && paid.paid_in == *price;
    }
    say("open", same,
        same ? "The renter paid for exactly these terms: `open` carries their hash."
             : "`open` carries other terms, or another price, than the receipt.");
  }

  void compare_fields(const papers::ReceiptFile& chain) {
    const struct {
      bool same;
      const char* what;
    } pairs[] = {
        {chain.market == file_.market, "market"},
        {chain.renter == file_.renter, "renter"},
        {chain.host == file_.host, "host_wallet"},
        {chain.attestor == file_.attestor, "attestor"},
        {chain.opened_slot == file_.opened_slot, "opened_slot"},
        {chain.lamports_per_hour == file_.lamports_per_hour, "lamports_per_hour"},
        {chain.terms_hash == file_.terms_hash, "terms_hash"},
        {chain.closed == file_.closed, "closed"},
        {chain.outcome == file_.outcome, "outcome"},
        {chain.paid == file_.paid, "paid_lamports"},
        {chain.host_got == file_.host_got, "host_lamports"},
        {chain.fee == file_.fee, "fee_lamports"},
        {chain.refunded == file_.refunded, "refunded_lamports"},
        {chain.held == file_.held, "held_lamports"},
        {chain.bond == file_.bond, "rent_lamports"},
        {chain.surplus == file_.surplus, "surplus_lamports"},
        {chain.network_fees == file_.network_fees, "network_fees_lamports"},
        {chain.opened_at_s == file_.opened_at_s, "opened_at_s"},
        {chain.started_at_s == file_.started_at_s, "started_at_s"},
        {chain.stopped_at_s == file_.stopped_at_s, "stopped_at_s"},
        {chain.used_s == file_.used_s, "used_s"},
    };
    std::string different;
    for (const auto& pair : pairs) {
      if (!pair.same) different += (different.empty() ? "" : ", ") + std::string(pair.what);
    }
    say("figures", different.empty(),
        different.empty() ? "Every sum, time and party is the chain's."
                          : "The chain says otherwise: " + different + ".");
  }

  // Whose word counted: the key that the program took `ready` from; without one, the market's, if
  // its terms have not changed since.
  void check_attestor(const std::vector<ports::TransactionRecord>& records) {
    if (file_.started_at_s) {
      const bool there = file_.attestor.has_value();
      return say("attestor", there,
                 there ? "The program took `ready` from the receipt's attestor."
                       : "The receipt leaves its attestor out.");
    }
    const auto opening = papers::latest_opening(file_.lease, records);
    const auto market =
        evidence_.market ? escrow::parse_market(evidence_.market->data) : std::nullopt;
    if (!file_.attestor || !opening || !market || evidence_.market->owner != file_.program ||
        market->rev != opening->open.market_rev) {
      checks_.push_back({"attestor", Verdict::absent,
                         "It never signed for this lease, so the chain does not name it."});
      return;
    }
    const bool same = escrow::to_public_key(market->attestor) == *file_.attestor;
    say("attestor", same,
        same ? "It is the one that the market names on the chain."
             : "The market names another attestor on the chain.");
  }

  // The node's list of the address holds the receipt's transactions one after the other, and
  // nothing between them.
  void check_complete() {
    std::vector<base::Signature> oldest_first(evidence_.listed.rbegin(), evidence_.listed.rend());
    std::vector<base::Signature> receipt;
    for (const papers::PaperTransaction& one : file_.transactions) receipt.push_back(one.signature);
    const auto at =
        std::search(oldest_first.begin(), oldest_first.end(), receipt.begin(), receipt.end());
    if (at == oldest_first.end()) {
      const auto listed = [&](const base::Signature& one) {
        return std::find(oldest_first.begin(), oldest_first.end(), one) != oldest_first.end();
      };
      const bool cut =
          oldest_first.size() >= papers::kMaxReceiptTransactions && !listed(receipt.front());
      if (cut || std::none_of(receipt.begin(), receipt.end(), listed)) {
        checks_.push_back({"complete", Verdict::unknown,
                           "The node's list of this address does not reach back so far."});
        return;
      }
      return say(
          "complete", false,
          "The lease has transactions that the receipt leaves out, or has in another order.");
    }
    const auto later = oldest_first.end() - at - static_cast<std::ptrdiff_t>(receipt.size());
    say("complete", true,
        file_.closed || later == 0 ? "No transaction of the lease is left out."
                                   : "Nothing is left out; " + std::to_string(later) +
                                         " came after it was saved. Save it again for them.");
  }

  void check_account() {
    if (file_.closed) return;
    const auto& account = evidence_.account;
    if (!account || account->data.opened_slot != file_.opened_slot) {
      checks_.push_back({"account", Verdict::absent, "The lease is over by now. Save it again."});
      return;
    }
    const bool same = escrow::to_hash(account->data.terms_hash) == file_.terms_hash &&
                      account->program == file_.program && account->renter() == file_.renter &&
                      account->host() == file_.host &&
                      account->data.rate == file_.lamports_per_hour.count &&
                      (!file_.attestor || account->attestor() == *file_.attestor);
    say("account", same,
        same ? "The lease's account has these terms and parties."
             : "The lease's account has other terms or parties.");
  }

  const papers::ReceiptFile& file_;
  const Evidence& evidence_;
  std::vector<Check> checks_;
};

}  // namespace

std::vector<Check> check_against(const papers::ReceiptFile& file, const Evidence& evidence) {
  return Comparison(file, evidence).run();
}

}  // namespace obelisk::cli
