#include "apps/cli/transact.hpp"

#include <chrono>
#include <thread>

#include "adapters/solana/sender.hpp"
#include "adapters/solana/transaction_error.hpp"
#include "core/escrow/error_text.hpp"
#include "core/settlement/settlement.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::chrono::milliseconds kSendTimeout{90'000};
constexpr int kAttempts = 3;
constexpr int kRecordTries = 50;
constexpr std::chrono::milliseconds kRecordPause{100};

base::Result<Sent> attempt(Session& session, ports::Chain& chain, ports::Signer& wallet,
                           const Work& work) {
  TRY(const ports::LatestBlockhash latest, chain.latest_blockhash(ports::Commitment::confirmed));
  TRY(solana::Transaction transaction,
      settlement::transaction(wallet.public_key(), work.calls, work.units, latest.blockhash));
  TRY_VOID(solana::sign(transaction, wallet));
  if (!transaction.is_signed()) {
    return Error{Code::forbidden, "This wallet alone cannot sign that.",
                 "Use the key of the party that it names: --keypair"};
  }
  Sent out;
  out.signature = transaction.id();
  out.sent_ms = session.clock().steady_ms();
  TRY(const ports::SignatureStatus status,
      solana_rpc::send_and_confirm(chain, session.clock(), transaction,
                                   latest.last_valid_block_height, ports::Commitment::confirmed,
                                   kSendTimeout));
  out.confirmed_ms = session.clock().steady_ms();
  out.slot = status.slot;
  if (status.error) {
    const auto fee = solana::network_fee(transaction.message());
    return solana_rpc::landed_error(status, fee ? *fee : base::Lamports{});
  }
  return out;
}

}  // namespace

Error in_program_words(Error error) {
  const auto number = solana_rpc::program_error_in(error);
  const escrow::ErrorText* text = number ? escrow::error_text(*number) : nullptr;
  if (text == nullptr) return error;
  error.message = std::string(text->meaning) + " (" + std::string(text->name) + ")";
  error.action = text->action;
  return error;
}

base::Result<Sent> sign_and_send(Session& session, const Work& work) {
  TRY(ports::Signer * wallet, session.signing_wallet());
  TRY(ports::Chain * chain, session.chain());
  for (int tries = 1;; ++tries) {
    auto sent = attempt(session, *chain, *wallet, work);
    if (sent) return sent;
    // Expired means that it can no longer land: only then may another be signed in its place.
    if (sent.error().code != Code::expired || tries == kAttempts) {
      return in_program_words(std::move(sent).error());
    }
  }
}

base::Result<base::Lamports> network_fee_of(Session& session, const Work& work) {
  TRY(ports::Signer * wallet, session.wallet());
  TRY(const solana::Transaction unsent,
      settlement::transaction(wallet->public_key(), work.calls, work.units, base::Hash{}));
  return solana::network_fee(unsent.message());
}

base::Result<ports::TransactionRecord> record_of(Session& session,
                                                 const base::Signature& signature) {
  TRY(ports::Chain * chain, session.chain());
  for (int tries = 0; tries < kRecordTries; ++tries) {
    TRY(auto record, chain->transaction(signature));
    if (record) return std::move(*record);
    std::this_thread::sleep_for(kRecordPause);
  }
  return Error{Code::timeout,
               "The node does not have transaction " + signature.to_string() + " yet.",
               "Ask again in a moment: obelisk receipt"};
}

}  // namespace obelisk::cli
