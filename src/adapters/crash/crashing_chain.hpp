// A Chain whose every call is a crash point first. What was subscribed to comes back uncounted: it
// is the others' doing. It must never change what a call does or answers.
#pragma once

#include "adapters/crash/crash_point.hpp"
#include "ports/chain.hpp"

namespace obelisk::crash {

class CrashingChain final : public ports::Chain {
 public:
  // Its operations are NAME.latest_blockhash and so on.
  CrashingChain(std::unique_ptr<ports::Chain> real, CrashPoint& point, std::string name = "chain")
      : real_(std::move(real)), point_(point), name_(std::move(name)) {}

  base::Result<ports::LatestBlockhash> latest_blockhash(ports::Commitment commitment) override;
  base::Result<ports::BlockHeight> block_height(ports::Commitment commitment) override;
  base::Result<ports::ChainTime> now(ports::Commitment commitment) override;
  base::Result<ports::AccountAt> account(const base::PublicKey& address,
                                         ports::Commitment commitment) override;
  base::Result<std::vector<ports::AccountAt>> accounts(
      const std::vector<base::PublicKey>& addresses, ports::Commitment commitment) override;
  base::Result<std::vector<ports::ProgramAccount>> program_accounts(
      const base::PublicKey& program, std::optional<std::size_t> data_size,
      const std::vector<ports::DataFilter>& filters, ports::Commitment commitment) override;
  base::Result<base::Lamports> minimum_balance(std::size_t data_size) override;
  base::Result<base::Signature> send(base::ByteView transaction, bool preflight) override;
  base::Result<ports::SignatureStatuses> statuses(const std::vector<base::Signature>& signatures,
                                                  ports::Search search) override;
  base::Result<ports::Simulation> simulate(base::ByteView transaction) override;
  base::Result<std::vector<std::uint64_t>> recent_fees(
      const std::vector<base::PublicKey>& writable) override;
  base::Result<std::vector<ports::HistoryEntry>> history(const base::PublicKey& address,
                                                         const ports::HistoryPage& page) override;
  base::Result<std::vector<base::Signature>> block_signatures(std::uint64_t slot) override;
  base::Result<std::optional<ports::TransactionRecord>> transaction(
      const base::Signature& signature) override;
  base::Result<base::Signature> airdrop(const base::PublicKey& to, base::Lamports amount) override;
  std::unique_ptr<ports::Subscription> watch_program(const base::PublicKey& program,
                                                     ports::Commitment commitment,
                                                     ProgramCallback callback) override;
  std::unique_ptr<ports::Subscription> watch_signature(const base::Signature& signature,
                                                       ports::Commitment commitment,
                                                       std::function<void()> callback) override;

 private:
  void hit(const char* what);

  const std::unique_ptr<ports::Chain> real_;
  CrashPoint& point_;
  const std::string name_;
};

}  // namespace obelisk::crash
