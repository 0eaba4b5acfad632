#include "adapters/crash/crashing_chain.hpp"

namespace obelisk::crash {

using base::Result;
using ports::Commitment;

void CrashingChain::hit(const char* what) { point_.hit(name_ + "." + what); }

Result<ports::LatestBlockhash> CrashingChain::latest_blockhash(Commitment commitment) {
  hit("latest_blockhash");
  return real_->latest_blockhash(commitment);
}

Result<ports::BlockHeight> CrashingChain::block_height(Commitment commitment) {
  hit("block_height");
  return real_->block_height(commitment);
}

Result<ports::ChainTime> CrashingChain::now(Commitment commitment) {
  hit("now");
  return real_->now(commitment);
}

Result<ports::AccountAt> CrashingChain::account(const base::PublicKey& address,
                                                Commitment commitment) {
  hit("account");
  return real_->account(address, commitment);
}

Result<std::vector<ports::AccountAt>> CrashingChain::accounts(
    const std::vector<base::PublicKey>& addresses, Commitment commitment) {
  hit("accounts");
  return real_->accounts(addresses, commitment);
}

Result<std::vector<ports::ProgramAccount>> CrashingChain::program_accounts(
    const base::PublicKey& program, std::optional<std::size_t> data_size,
    const std::vector<ports::DataFilter>& filters, Commitment commitment) {
  hit("program_accounts");
  return real_->program_accounts(program, data_size, filters, commitment);
}

Result<base::Lamports> CrashingChain::minimum_balance(std::size_t data_size) {
  hit("minimum_balance");
  return real_->minimum_balance(data_size);
}

Result<base::Signature> CrashingChain::send(base::ByteView transaction, bool preflight) {
  hit("send");
  return real_->send(transaction, preflight);
}

Result<ports::SignatureStatuses> CrashingChain::statuses(
    const std::vector<base::Signature>& signatures, ports::Search search) {
  hit("statuses");
  return real_->statuses(signatures, search);
}

Result<ports::Simulation> CrashingChain::simulate(base::ByteView transaction) {
  hit("simulate");
  return real_->simulate(transaction);
}

Result<std::vector<std::uint64_t>> CrashingChain::recent_fees(
    const std::vector<base::PublicKey>& writable) {
  hit("recent_fees");
  return real_->recent_fees(writable);
}

Result<std::vector<ports::HistoryEntry>> CrashingChain::history(const base::PublicKey& address,
                                                                const ports::HistoryPage& page) {
  hit("history");
  return real_->history(address, page);
}

Result<std::vector<base::Signature>> CrashingChain::block_signatures(std::uint64_t slot) {
  hit("block_signatures");
  return real_->block_signatures(slot);
}

Result<std::optional<ports::TransactionRecord>> CrashingChain::transaction(
    const base::Signature& signature) {
  hit("transaction");
  return real_->transaction(signature);
}

Result<base::Signature> CrashingChain::airdrop(const base::PublicKey& to, base::Lamports amount) {
  hit("airdrop");
  return real_->airdrop(to, amount);
}

std::unique_ptr<ports::Subscription> CrashingChain::watch_program(const base::PublicKey& program,
                                                                  Commitment commitment,
                                                                  ProgramCallback callback) {
  hit("watch_program");
  return real_->watch_program(program, commitment, std::move(callback));
}

std::unique_ptr<ports::Subscription> CrashingChain::watch_signature(
    const base::Signature& signature, Commitment commitment, std::function<void()> callback) {
  hit("watch_signature");
  return real_->watch_signature(signature, commitment, std::move(callback));
}

}  // namespace obelisk::crash
