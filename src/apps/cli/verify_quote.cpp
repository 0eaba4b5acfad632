#include "apps/cli/verify_quote.hpp"

#include <algorithm>
#include <charconv>

#include "base/check.hpp"
#include "core/settlement/settlement.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::uint32_t kMostUnits = 20'000;  // four times what `open` can need

Error refused(const std::string& what) {
  return {Code::refused, what, "Nothing was signed. Do not pay this market; tell its operator."};
}

Error outdated(const std::string& what) {
  return {Code::expired, what, "Nothing was signed. Ask for a new quote."};
}

// Each pair is one promise made twice: in what is shown and in what is signed.
base::Result<void> same_words(const api::Quote& quote, const CheckedQuote& checked) {
  const market::Terms& terms = checked.terms;
  const api::Breakdown& shown = quote.breakdown;
  const market::Breakdown& debit = terms.debit;
  const struct {
    bool same;
    const char* what;
  } pairs[] = {
      {quote.id == base::to_hex(checked.hash.view()), "id"},
      {quote.lease == checked.lease, "lease"},
      {quote.attestor == terms.attestor, "attestor"},
      {quote.program == terms.program, "program"},
      {quote.market == terms.market, "market"},
      {quote.market_rev == terms.market_rev, "market_rev"},
      {quote.renter == terms.renter, "renter"},
      {quote.host == terms.host, "host"},
      {quote.nonce == std::to_string(terms.nonce), "nonce"},
      {quote.seconds == terms.seconds, "seconds"},
      {quote.max_seconds == terms.max_seconds, "max_seconds"},
      {quote.lamports_per_hour.count == terms.lamports_per_hour, "lamports_per_hour"},
      {quote.fee_bps == terms.fee_bps, "fee_bps"},
      {quote.count == terms.cards.size(), "count"},
      {quote.disk_bytes == terms.disk_bytes, "disk_bytes"},
      {quote.image.value_or(terms.image) == terms.image, "image"},
      {quote.template_.value_or("") == terms.template_name, "template"},
      {static_cast<std::int64_t>(quote.expires_at_s) == terms.expires_at, "expires_at_s"},
      {quote.offer.id == terms.offer, "offer"},
      {quote.offer.card == terms.card, "card"},
      {quote.offer.simulated == terms.simulated, "simulated"},
      {quote.sol_price.micro_usd_per_sol == terms.micro_usd_per_sol, "sol_price"},
      {shown.cards_lamports == debit.cards, "cards_lamports"},
      {shown.disk_lamports == debit.disk, "disk_lamports"},
      {shown.traffic_lamports == debit.traffic, "traffic_lamports"},
      {shown.price_lamports == debit.price, "price_lamports"},
      {shown.bond_lamports == debit.bond, "bond_lamports"},
      {shown.network_fees_lamports == debit.network_fees, "network_fees_lamports"},
      {shown.total_lamports == debit.total, "total_lamports"},
  };
  for (const auto& pair : pairs) {
    if (!pair.same) {
      return refused("The quote shows another " + std::string(pair.what) + " than it signs.");
    }
  }
  return {};
}

base::Result<void> is_what_was_asked(const market::Terms& terms, const Asked& asked) {
  if (terms.renter != asked.renter) return refused("The quote is for another wallet.");
  if (terms.ssh_key != asked.ssh_key) {
    return refused("The quote would let another SSH key log in: " + terms.ssh_key + ".");
  }
  if (asked.quote) {
    if (base::to_hex(market::terms_hash(market::terms_text(terms)).view()) == *asked.quote) {
      return {};
    }
    return refused("The market gave another quote than the one asked for.");
  }
  if (asked.offer && terms.offer != *asked.offer) {
    return refused("The quote is for another offer than the one asked for.");
  }
  if (asked.card && terms.card != *asked.card) {
    return refused("The quote is for another card than the one asked for.");
  }
  if (terms.cards.size() != asked.count) {
    return refused("The quote is for " + std::to_string(terms.cards.size()) + " cards, not " +
                   std::to_string(asked.count) + ".");
  }
  if (terms.seconds != asked.seconds) {
    return refused("The quote is for " + std::to_string(terms.seconds) + " s, not " +
                   std::to_string(asked.seconds) + ".");
  }
  if (asked.max_seconds && terms.max_seconds != *asked.max_seconds) {
    return refused("The quote allows another longest time than the one asked for.");
  }
  if (asked.disk_bytes && terms.disk_bytes < *asked.disk_bytes) {
    return refused("The quote has a smaller disk than the one asked for.");
  }
  if (asked.image && terms.image != *asked.image) {
    return refused("The quote is for another image than the one asked for.");
  }
  if (asked.template_name && terms.template_name != *asked.template_name) {
    return refused("The quote is for another template than the one asked for.");
  }
  return {};
}

base::Result<void> is_known_on_chain(const market::Terms& terms, const ChainView& chain,
                                     const std::optional<base::PublicKey>& trusted_program) {
  if (trusted_program && terms.program != *trusted_program) {
    return refused("The quote's program " + terms.program.to_string() +
                   " is not the one you trust.");
  }
  if (chain.market != terms.market) {
    return refused("The market account that was read is not the quote's.");
  }
  if (chain.market_owner != terms.program) {
    return refused("The quote's market account does not belong to its program.");
  }
  const auto operator_key = escrow::to_public_key(chain.account.operator_key);
  if (settlement::market_address(terms.program, operator_key).address != terms.market) {
    return refused("The quote's market account is not its program's for that operator.");
  }
  if (escrow::to_public_key(chain.account.attestor) != terms.attestor) {
    return refused("The quote's attestor is not the one the market has on the chain.");
  }
  // The operator may have changed its terms a moment ago: then a new quote will do.
  if (chain.account.rev != terms.market_rev) {
    return outdated("The market changed its terms since the quote.");
  }
  if (chain.account.fee_bps != terms.fee_bps) {
    return refused("The quote's fee is not the one the market has on the chain.");
  }
  if (chain.account.paused != 0) return outdated("The market takes no new leases at the moment.");
  if (chain.now_s > terms.expires_at) return outdated("The quote has expired.");
  return {};
}

bool is_compute_budget(const solana::Instruction& instruction) {
  return instruction.program == solana::kComputeBudgetProgram;
}

// Keys of a message can be there without any instruction that uses them; none may be.
base::Result<void> has_no_strange_keys(const solana::Message& message,
                                       const solana::Instruction& open) {
  for (std::size_t i = 0; i < message.keys.size(); ++i) {
    const base::PublicKey& key = message.keys[i];
    const auto account = std::find_if(open.accounts.begin(), open.accounts.end(),
                                      [&](const auto& meta) { return meta.key == key; });
    const bool known = account != open.accounts.end();
    const bool may_sign = known && account->signer;
    const bool may_change = known && account->writable;
    const bool is_program = key == open.program || key == solana::kComputeBudgetProgram;
    if (!known && !is_program) {
      return refused("The transaction names an account that its quote does not.");
    }
    if (message.is_signer(i) != may_sign || message.is_writable(i) != may_change) {
      return refused("The transaction gives an account more rights than its quote needs.");
    }
  }
  return {};
}

}  // namespace

base::Result<void> verify_open_transaction(const solana::Transaction& transaction,
                                           const CheckedQuote& quote) {
  const solana::Message& message = transaction.message();
  if (message.version == solana::MessageVersion::v1 || !message.lookups.empty()) {
    return refused("The transaction is of a kind that cannot be checked here.");
  }
  if (message.keys.empty() || message.payer() != quote.terms.renter) {
    return refused("The transaction's fees are not paid by this wallet.");
  }
  const auto open =
      settlement::to_instruction(escrow::encode_open(quote.terms.program, quote.open));
  const auto instructions = solana::instructions_of(message);
  bool found = false;
  for (const solana::Instruction& instruction : instructions) {
    if (is_compute_budget(instruction)) {
      if (instruction.accounts.empty()) continue;
      return refused("The transaction names accounts where none belong.");
    }
    if (instruction.program != quote.terms.program) {
      return refused("The transaction calls another program, " + instruction.program.to_string() +
                     ".");
    }
    if (found) return refused("The transaction does more than open one lease.");
    if (instruction != open) return refused("The transaction opens another lease than its quote.");
    found = true;
  }
  if (!found) return refused("The transaction opens no lease.");
  TRY_VOID(has_no_strange_keys(message, open));

  const auto budget = solana::compute_budget_of(instructions);
  const auto fee = solana::network_fee(message);
  if (!budget || !fee) return refused("The transaction's fee cannot be read.");
  if (budget->unit_limit.value_or(0) > kMostUnits) {
    return refused("The transaction asks for more of the network than opening a lease needs.");
  }
  // What is left of the quoted fees must still pay for the dearest stop.
  const std::uint64_t stop = market::kMaxStopSignatures * market::kLamportsPerSignature;
  if (quote.terms.debit.network_fees.count < stop ||
      fee->count > quote.terms.debit.network_fees.count - stop) {
    return refused("The transaction's network fee is higher than its quote says.");
  }
  return {};
}

base::Result<CheckedQuote> verify_quote(const api::Quote& quote, const Asked& asked,
                                        const ChainView& chain,
                                        const std::optional<base::PublicKey>& trusted_program) {
  auto terms = market::read_terms(quote.terms);
  if (!terms) return refused("The quote's terms cannot be read: " + terms.error().message);
  CheckedQuote checked;
  checked.terms = std::move(terms).value();
  checked.hash = market::terms_hash(quote.terms);
  const market::Terms& t = checked.terms;
  if (!market::verify_quote(quote.terms, t.attestor, quote.signature)) {
    return refused("The quote is not signed by its attestor.");
  }
  TRY_VOID(is_what_was_asked(t, asked));
  TRY_VOID(is_known_on_chain(t, chain, trusted_program));
  const auto lease = settlement::lease_address(t.program, t.renter, t.nonce);
  checked.lease = lease.address;
  checked.open = {t.renter,     lease.address, t.host,
                  t.market,     lease.bump,    t.nonce,
                  t.market_rev, t.expires_at,  t.lamports_per_hour,
                  t.seconds,    t.max_seconds, checked.hash};
  TRY_VOID(same_words(quote, checked));
  const auto transaction = solana::decode_transaction_base64(quote.transaction);
  if (!transaction) {
    return refused("The quote's transaction cannot be read: " + transaction.error().message);
  }
  TRY_VOID(verify_open_transaction(*transaction, checked));
  return checked;
}

}  // namespace obelisk::cli
