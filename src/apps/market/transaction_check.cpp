#include "apps/market/transaction_check.hpp"

#include "core/escrow/instruction_set.hpp"
#include "core/escrow/instructions.hpp"
#include "core/solana/known_keys.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

Error refused(const std::string& what, std::string action) {
  return {Code::refused, what + " Nothing was sent.", std::move(action)};
}

Error malformed() {
  return refused("The transaction calls this market's program in a way it does not know.",
                 "Sign the transaction as the market made it, or update the client.");
}

bool may_stand_beside(const base::PublicKey& program) {
  return program == solana::kComputeBudgetProgram || program == solana::kEd25519Program ||
         program == solana::kLighthouseProgram;
}

base::Result<void> take_open(const solana::Instruction& call, JudgedTransaction& out) {
  const auto said = escrow::parse_open(call.data);
  if (!said || call.accounts.size() != 5 || out.open) return malformed();
  OpenCall open;
  open.terms_hash = said->terms_hash;
  open.renter = call.accounts[0].key;
  open.lease = call.accounts[1].key;
  open.instruction = call;
  out.open = std::move(open);
  return {};
}

// `cancel` and `stop` name the lease first and its renter second.
void take_ending(const solana::Instruction& call, JudgedTransaction& out) {
  if (call.accounts.size() < 2 || !call.accounts[1].signer) return;
  out.endings.push_back({call.accounts[0].key, call.accounts[1].key});
}

base::Result<void> take_call(const solana::Instruction& call, JudgedTransaction& out) {
  if (call.data.empty() || call.data[0] > static_cast<std::uint8_t>(escrow::Tag::finish)) {
    return malformed();
  }
  const auto tag = static_cast<escrow::Tag>(call.data[0]);
  switch (tag) {
    case escrow::Tag::create_market:
    case escrow::Tag::update_market:
      return refused("The transaction changes a market, not a lease.",
                     "Send it by a node of your own: obelisk-market create-market does.");
    case escrow::Tag::open: return take_open(call, out);
    case escrow::Tag::cancel:
    case escrow::Tag::stop: take_ending(call, out); return {};
    case escrow::Tag::ready:
    case escrow::Tag::extend:
    case escrow::Tag::claim:
    case escrow::Tag::finish: return {};
  }
  return malformed();
}

}  // namespace

base::Result<JudgedTransaction> judge_transaction(const solana::Transaction& transaction,
                                                  const base::PublicKey& program) {
  const solana::Message& message = transaction.message();
  if (message.version == solana::MessageVersion::v1 || !message.lookups.empty()) {
    return refused("The transaction is of a kind that cannot be read here.",
                   "Send a legacy or v0 transaction without lookup tables.");
  }
  if (!transaction.is_signed()) {
    return refused("A signature is missing or wrong.",
                   "Sign it with every wallet that it names, and change nothing afterwards.");
  }
  JudgedTransaction out;
  bool calls_us = false;
  for (const solana::Instruction& call : solana::instructions_of(message)) {
    if (call.program == program) {
      TRY_VOID(take_call(call, out));
      calls_us = true;
    } else if (!may_stand_beside(call.program)) {
      return refused("The transaction calls " + call.program.to_string() +
                         ", which is none of this market's business.",
                     "Send it by a node of your own.");
    }
  }
  if (!calls_us) {
    return refused("The transaction does nothing on a lease of this market's program.",
                   "Send it by a node of your own.");
  }
  return out;
}

}  // namespace obelisk::market_app
