// NodePool: the Chain port over several nodes, so that one which is down, behind, busy or lying
// stops nobody and costs nobody. Any thread may call. What it does, in one rule:
//
//   A read goes to one node and on to the next until an answer is as new as the newest slot that
//   any node had named; what only a node that is behind says is not heard. A transaction goes to
//   all. Where money hangs on it, two nodes have to say so: that an account or a transaction does
//   not exist, how a transaction ended, which block height has passed, that a transaction is
//   refused. What one alone says there is `unreachable` for now (and a status no more than
//   processed): the caller waits.
//
// So with two nodes a silent one delays what needs both; with three it delays nothing. What exists,
// the chain's time, and what a transaction did are one node's word. It must never go back behind a
// slot it has shown, take one node's word that something is not there, or sign anything.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/solana/node_health.hpp"
#include "ports/chain.hpp"

namespace obelisk::solana_rpc {

// A node that is a slot or two behind has caught up within a second; longer nobody is kept.
inline constexpr int kCatchUpRounds = 10;
inline constexpr int kCatchUpMs = 100;

class NodePool : public ports::Chain {
 public:
  using Nodes = std::vector<std::unique_ptr<ports::Chain>>;
  // `health` is for as many nodes. `pause` waits for a node that is a little behind.
  NodePool(Nodes nodes, std::shared_ptr<NodeHealth> health, std::function<void(int ms)> pause);

  // The expiry is never before that which a second node gives its own blockhash, or, where none
  // answers, before a blockhash could expire that is as new as the chain can be: a height named too
  // low would call expired what may still land.
  base::Result<ports::LatestBlockhash> latest_blockhash(ports::Commitment commitment) override;
  base::Result<ports::BlockHeight> block_height(ports::Commitment commitment) override;
  // The earlier of what two nodes say, if a second one answers: a node that is ahead would have a
  // silent host paid for time that it may not have served.
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
  // One node's word: it makes a limit or a fee, both of which the sender clamps.
  base::Result<ports::Simulation> simulate(base::ByteView transaction) override;
  base::Result<std::vector<std::uint64_t>> recent_fees(
      const std::vector<base::PublicKey>& writable) override;
  // The longest list of two nodes: one that is a moment behind lacks the newest.
  base::Result<std::vector<ports::HistoryEntry>> history(const base::PublicKey& address,
                                                         const ports::HistoryPage& page) override;
  base::Result<std::vector<base::Signature>> block_signatures(std::uint64_t slot) override;
  base::Result<std::optional<ports::TransactionRecord>> transaction(
      const base::Signature& signature) override;
  // Of one node only: a second one would pay again.
  base::Result<base::Signature> airdrop(const base::PublicKey& to, base::Lamports amount) override;

  // From every node at once, each change told once; a confirmed one only when two nodes tell it.
  // Reconnects of each node are told.
  std::unique_ptr<ports::Subscription> watch_program(const base::PublicKey& program,
                                                     ports::Commitment commitment,
                                                     ProgramCallback callback) override;
  // From every node at once: the first that speaks is heard.
  std::unique_ptr<ports::Subscription> watch_signature(const base::Signature& signature,
                                                       ports::Commitment commitment,
                                                       std::function<void()> callback) override;

 private:
  // One node's answer, noted for its health.
  template <class Question>
  auto ask(std::size_t node, const Question& question) {
    auto answer = question(*nodes_[node]);
    health_->saw(node, answer ? nullptr : &answer.error());
    return answer;
  }
  // The first answer that a node gives; for what an old answer cannot spoil.
  template <class Question>
  auto ask_any(const Question& question);
  // The first answer whose slot is as new as has to be known.
  template <class Question, class SlotOf>
  auto ask_fresh(ports::Commitment commitment, const Question& question, const SlotOf& slot_of);
  // accounts() and account() over one way to ask a node for all of `count`.
  using AskAccounts =
      std::function<base::Result<std::vector<ports::AccountAt>>(ports::Chain& node)>;
  base::Result<std::vector<ports::AccountAt>> agreed_accounts(std::size_t count,
                                                              ports::Commitment commitment,
                                                              const AskAccounts& question);
  // One round of that: nothing if it needs another, once nodes have had a moment to catch up.
  base::Result<std::optional<std::vector<ports::AccountAt>>> accounts_round(
      std::size_t count, ports::Commitment commitment, const AskAccounts& question,
      std::uint64_t known);

  // Of `found`, what `other` has too; the rest as two nodes show it when they are asked, if it
  // `belongs` to what was asked for.
  using Belongs = std::function<bool(const ports::ProgramAccount&)>;
  base::Result<std::vector<ports::ProgramAccount>> borne_out(
      std::vector<ports::ProgramAccount> found, const std::vector<ports::ProgramAccount>& other,
      ports::Commitment commitment, const Belongs& belongs);
  // One more answer to a question that a node has answered already, if there is one that is not
  // behind.
  template <class Question, class SlotOf>
  auto ask_another(const ports::Chain* first, ports::Commitment commitment,
                   const Question& question, const SlotOf& slot_of);
  // A height that two nodes have reached, and how high the chain can be by now.
  void saw_height(std::uint64_t height);
  std::optional<std::uint64_t> highest_possible();

  const Nodes nodes_;
  const std::shared_ptr<NodeHealth> health_;
  const std::function<void(int ms)> pause_;
  std::mutex mutex_;
  std::uint64_t height_ = 0;    // guarded by mutex_
  std::int64_t height_ms_ = 0;  // guarded by mutex_
};

}  // namespace obelisk::solana_rpc
