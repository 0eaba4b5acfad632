// The node that the simulated market asks: the cluster, seen through what is wrong at the time. The
// market may also die as it hands a transaction over. It must never invent an answer, unless a
// fault is planted.
#pragma once

#include "core/lease/record.hpp"
#include "sim/stage.hpp"

namespace obelisk::sim {

class Node final : public ports::Chain {
 public:
  explicit Node(Stage& stage) : stage_(stage) {}

  // Tells subscriptions that heard nothing for a while to begin anew, once they hear again.
  void wake();
  void die_at_send(bool dies) { dies_at_send_ = dies; }
  // The market's record of a lease, if there is one: only for planted faults.
  std::function<const lease::Life*(const base::PublicKey&)> life_of;

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
  // Asks the cluster, if the node answers at all, through a node that may be behind.
  template <class Ask>
  auto ask(Ask what) -> decltype(what());
  bool hides(const base::PublicKey& lease) const;
  bool refuses(base::ByteView transaction) const;

  Stage& stage_;
  bool dies_at_send_ = false;
  bool was_deaf_ = false;
  std::vector<std::weak_ptr<ProgramCallback>> listeners_;
};

}  // namespace obelisk::sim
