#include "adapters/solana/node_pool.hpp"

#include <algorithm>
#include <atomic>

#include "adapters/solana/agreement.hpp"
#include "adapters/solana/node_watch.hpp"
#include "base/check.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;
using base::Result;
using ports::Commitment;
using solana::Ask;
using solana::Freshness;

}  // namespace

NodePool::NodePool(Nodes nodes, std::shared_ptr<NodeHealth> health,
                   std::function<void(int ms)> pause)
    : nodes_(std::move(nodes)), health_(std::move(health)), pause_(std::move(pause)) {
  CHECK(nodes_.size() >= kAgree);
}

template <class Question>
auto NodePool::ask_any(const Question& question) {
  using Answer = decltype(question(*nodes_[0]));
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::any)) {
    Answer answer = ask(node, question);
    if (answer || !NodeHealth::moves_on(answer.error().code)) return answer;
    last = std::move(answer).error();
  }
  return Answer(std::move(last));
}

template <class Question, class SlotOf>
auto NodePool::ask_fresh(Commitment commitment, const Question& question, const SlotOf& slot_of) {
  using Answer = decltype(question(*nodes_[0]));
  const std::uint64_t known = health_->newest(commitment);
  Error last = no_node();
  for (int round = 0; round < kCatchUpRounds; ++round) {
    bool may_catch_up = false;
    for (const std::size_t node : health_->order(Ask::fresh)) {
      Answer answer = ask(node, question);
      if (!answer) {
        if (!NodeHealth::moves_on(answer.error().code)) return answer;
        last = std::move(answer).error();
        continue;
      }
      const Freshness freshness = health_->judge(node, commitment, slot_of(*answer), known);
      if (freshness == Freshness::fresh) return answer;
      may_catch_up = may_catch_up || freshness == Freshness::older;
      last = all_behind();
    }
    if (!may_catch_up) break;
    pause_(kCatchUpMs);
  }
  return Answer(std::move(last));
}

Result<ports::LatestBlockhash> NodePool::latest_blockhash(Commitment commitment) {
  const ports::Chain* first = nullptr;
  const auto question = [&](ports::Chain& node) {
    first = &node;
    return node.latest_blockhash(commitment);
  };
  const auto slot_of = [](const ports::LatestBlockhash& latest) { return latest.slot; };
  TRY(ports::LatestBlockhash latest, ask_fresh(commitment, question, slot_of));
  for (const std::size_t node : health_->order(Ask::any)) {
    if (nodes_[node].get() == first) continue;
    const auto other =
        ask(node, [&](ports::Chain& one) { return one.latest_blockhash(commitment); });
    if (!other) continue;
    latest.last_valid_block_height =
        std::max(latest.last_valid_block_height, other->last_valid_block_height);
    break;
  }
  return latest;
}

Result<ports::ChainTime> NodePool::now(Commitment commitment) {
  return ask_fresh(
      commitment, [&](ports::Chain& node) { return node.now(commitment); },
      [](const ports::ChainTime& time) { return time.slot; });
}

Result<std::vector<ports::ProgramAccount>> NodePool::program_accounts(
    const base::PublicKey& program, std::optional<std::size_t> data_size,
    const std::vector<ports::DataFilter>& filters, Commitment commitment) {
  // The list names no slot: the node's clock, read before it, says how new the list is at least.
  struct List {
    std::uint64_t slot = 0;
    std::vector<ports::ProgramAccount> accounts;
  };
  TRY(List list, ask_fresh(
                     commitment,
                     [&](ports::Chain& node) -> Result<List> {
                       TRY(const ports::ChainTime time, node.now(commitment));
                       TRY(auto found,
                           node.program_accounts(program, data_size, filters, commitment));
                       return List{time.slot, std::move(found)};
                     },
                     [](const List& one) { return one.slot; }));
  return std::move(list.accounts);
}

Result<base::Lamports> NodePool::minimum_balance(std::size_t data_size) {
  return ask_any([&](ports::Chain& node) { return node.minimum_balance(data_size); });
}

Result<ports::Simulation> NodePool::simulate(base::ByteView transaction) {
  return ask_fresh(
      Commitment::processed, [&](ports::Chain& node) { return node.simulate(transaction); },
      [](const ports::Simulation& found) { return found.slot; });
}

Result<std::vector<std::uint64_t>> NodePool::recent_fees(
    const std::vector<base::PublicKey>& writable) {
  return ask_any([&](ports::Chain& node) { return node.recent_fees(writable); });
}

Result<std::vector<base::Signature>> NodePool::block_signatures(std::uint64_t slot) {
  return ask_any([&](ports::Chain& node) { return node.block_signatures(slot); });
}

Result<base::Signature> NodePool::airdrop(const base::PublicKey& to, base::Lamports amount) {
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::any)) {
    auto paid = ask(node, [&](ports::Chain& one) { return one.airdrop(to, amount); });
    const bool not_done = !paid && (paid.error().code == Code::rate_limited ||
                                    paid.error().code == Code::unsupported);
    if (!not_done) return paid;
    last = std::move(paid).error();
  }
  return last;
}

std::unique_ptr<ports::Subscription> NodePool::watch_program(const base::PublicKey& program,
                                                             Commitment commitment,
                                                             ProgramCallback callback) {
  return std::make_unique<NodeWatch>(
      nodes_, program, commitment, std::move(callback),
      [health = health_, commitment](std::size_t node, std::uint64_t slot) {
        return health->judge(node, commitment, slot, 0) != Freshness::unbelievable;
      });
}

namespace {

// Watches of several nodes for one signature; whichever comes first calls back.
class FirstOf : public ports::Subscription {
 public:
  FirstOf(const NodePool::Nodes& nodes, const base::Signature& signature, Commitment commitment,
          std::function<void()> callback)
      : callback_(std::move(callback)) {
    for (const auto& node : nodes) {
      watches_.push_back(node->watch_signature(signature, commitment, [this] {
        if (!told_.exchange(true)) callback_();
      }));
    }
  }

 private:
  std::function<void()> callback_;
  std::atomic<bool> told_ = false;
  std::vector<std::unique_ptr<ports::Subscription>> watches_;  // last: they end before the rest
};

}  // namespace

std::unique_ptr<ports::Subscription> NodePool::watch_signature(const base::Signature& signature,
                                                               Commitment commitment,
                                                               std::function<void()> callback) {
  return std::make_unique<FirstOf>(nodes_, signature, commitment, std::move(callback));
}

}  // namespace obelisk::solana_rpc
