#include "adapters/solana/node_pool.hpp"

#include <algorithm>
#include <atomic>

#include "adapters/solana/agreement.hpp"
#include "adapters/solana/answers.hpp"
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

constexpr std::uint64_t kBlockhashLife = 150;  // blocks

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

template <class Question, class SlotOf>
auto NodePool::ask_another(const ports::Chain* first, Commitment commitment,
                           const Question& question, const SlotOf& slot_of) {
  using Answer = std::decay_t<decltype(*question(*nodes_[0]))>;
  for (const std::size_t node : health_->order(Ask::fresh)) {
    if (nodes_[node].get() == first) continue;
    auto other = ask(node, question);
    if (!other) continue;
    const Freshness freshness = health_->judge(node, commitment, slot_of(*other), 0);
    if (freshness == Freshness::fresh) return std::optional<Answer>(*std::move(other));
  }
  return std::optional<Answer>();
}

Result<ports::LatestBlockhash> NodePool::latest_blockhash(Commitment commitment) {
  const ports::Chain* first = nullptr;
  const auto question = [&](ports::Chain& node) {
    first = &node;
    return node.latest_blockhash(commitment);
  };
  const auto slot_of = [](const ports::LatestBlockhash& latest) { return latest.slot; };
  TRY(ports::LatestBlockhash latest, ask_fresh(commitment, question, slot_of));
  std::uint64_t& expiry = latest.last_valid_block_height;
  if (const auto other = ask_another(first, commitment, question, slot_of)) {
    const std::uint64_t earlier = std::min(expiry, other->last_valid_block_height);
    if (earlier > kBlockhashLife) saw_height(earlier - kBlockhashLife);
    expiry = std::max(expiry, other->last_valid_block_height);
  } else if (const auto highest = highest_possible()) {
    expiry = std::max(expiry, *highest + kBlockhashLife);
  }
  return latest;
}

Result<ports::ChainTime> NodePool::now(Commitment commitment) {
  const ports::Chain* first = nullptr;
  const auto question = [&](ports::Chain& node) {
    first = &node;
    return node.now(commitment);
  };
  const auto slot_of = [](const ports::ChainTime& time) { return time.slot; };
  TRY(ports::ChainTime time, ask_fresh(commitment, question, slot_of));
  const auto other = ask_another(first, commitment, question, slot_of);
  if (other) time.unix_s = std::min(time.unix_s, other->unix_s);
  return time;
}

Result<std::vector<ports::ProgramAccount>> NodePool::program_accounts(
    const base::PublicKey& program, std::optional<std::size_t> data_size,
    const std::vector<ports::DataFilter>& filters, Commitment commitment) {
  // The list names no slot: the node's clock, read before it, says how new the list is at least.
  struct List {
    std::uint64_t slot = 0;
    std::vector<ports::ProgramAccount> accounts;
  };
  const ports::Chain* first = nullptr;
  const auto question = [&](ports::Chain& node) -> Result<List> {
    first = &node;
    TRY(const ports::ChainTime time, node.now(commitment));
    TRY(auto found, node.program_accounts(program, data_size, filters, commitment));
    return List{time.slot, std::move(found)};
  };
  const auto slot_of = [](const List& one) { return one.slot; };
  TRY(List list, ask_fresh(commitment, question, slot_of));
  const auto other = ask_another(first, commitment, question, slot_of);
  if (!other) return std::move(list.accounts);
  return borne_out(
      std::move(list.accounts), other->accounts, commitment,
      [&](const ports::ProgramAccount& one) { return matches(one, program, data_size, filters); });
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
