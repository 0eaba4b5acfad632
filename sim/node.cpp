#include "sim/node.hpp"

#include <algorithm>

#include "core/escrow/codec.hpp"

namespace obelisk::sim {

using base::Result;
using ports::Commitment;

template <class Ask>
auto Node::ask(Ask what) -> decltype(what()) {
  if (stage_.strikes(Ill::node_silent) || stage_.strikes(Ill::watch_cut_off)) {
    return base::Error{base::Code::unreachable, "The node does not answer.", "Try again.", 0};
  }
  stage_.chain.set_behind(stage_.strikes(Ill::node_behind));
  auto answer = what();
  stage_.chain.set_behind(false);
  return answer;
}

bool Node::hides(const base::PublicKey& lease) const {
  if (!stage_.is_planted(Plant::loses_stray)) return false;
  const lease::Life* life = life_of(lease);
  return life == nullptr || life->state == lease::State::ended;
}

bool Node::refuses(base::ByteView wire) const {
  if (!stage_.is_planted(Plant::never_finishes)) return false;
  const auto transaction = solana::decode_transaction(wire);
  if (!transaction) return false;
  const auto& accounts = stage_.chain.accounts_at(Commitment::processed);
  const auto& keys = transaction->message().keys;
  return std::any_of(keys.begin(), keys.end(), [&](const base::PublicKey& key) {
    const auto at = accounts.find(key);
    const auto lease = at == accounts.end() ? std::nullopt : escrow::parse_lease(at->second.data);
    return lease && lease->state == escrow::State::closing;
  });
}

Result<ports::LatestBlockhash> Node::latest_blockhash(Commitment commitment) {
  return ask([&] { return stage_.chain.latest_blockhash(commitment); });
}

Result<ports::BlockHeight> Node::block_height(Commitment commitment) {
  return ask([&] { return stage_.chain.block_height(commitment); });
}

Result<ports::ChainTime> Node::now(Commitment commitment) {
  auto time = ask([&] { return stage_.chain.now(commitment); });
  if (time && stage_.is_planted(Plant::attests_too_far)) time->unix_s += 20;
  return time;
}

Result<ports::AccountAt> Node::account(const base::PublicKey& address, Commitment commitment) {
  return ask([&] { return stage_.chain.account(address, commitment); });
}

Result<std::vector<ports::AccountAt>> Node::accounts(const std::vector<base::PublicKey>& addresses,
                                                     Commitment commitment) {
  return ask([&] { return stage_.chain.accounts(addresses, commitment); });
}

Result<std::vector<ports::ProgramAccount>> Node::program_accounts(
    const base::PublicKey& program, std::optional<std::size_t> data_size,
    const std::vector<ports::DataFilter>& filters, Commitment commitment) {
  auto all =
      ask([&] { return stage_.chain.program_accounts(program, data_size, filters, commitment); });
  if (all) std::erase_if(*all, [this](const auto& found) { return hides(found.address); });
  return all;
}

Result<base::Lamports> Node::minimum_balance(std::size_t data_size) {
  return ask([&] { return stage_.chain.minimum_balance(data_size); });
}

Result<base::Signature> Node::send(base::ByteView transaction, bool preflight) {
  const bool dies = std::exchange(dies_at_send_, false);
  if (dies && stage_.random.percent(50)) throw Crash{};
  auto sent = ask([&] { return stage_.chain.send(transaction, preflight); });
  if (dies) throw Crash{};
  return sent;
}

Result<ports::SignatureStatuses> Node::statuses(const std::vector<base::Signature>& signatures,
                                                ports::Search search) {
  return ask([&] { return stage_.chain.statuses(signatures, search); });
}

Result<ports::Simulation> Node::simulate(base::ByteView transaction) {
  if (refuses(transaction)) return ports::Simulation{stage_.chain.tip(), 0, "\"Planted\"", {}};
  return ask([&] { return stage_.chain.simulate(transaction); });
}

Result<std::vector<std::uint64_t>> Node::recent_fees(const std::vector<base::PublicKey>& writable) {
  return ask([&] { return stage_.chain.recent_fees(writable); });
}

Result<std::vector<ports::HistoryEntry>> Node::history(const base::PublicKey& address,
                                                       const ports::HistoryPage& page) {
  return ask([&]() -> Result<std::vector<ports::HistoryEntry>> {
    const lease::Life* life =
        stage_.is_planted(Plant::calls_paid_unpaid) ? life_of(address) : nullptr;
    if (life != nullptr && life->outcome == lease::Outcome::never_paid) {
      return std::vector<ports::HistoryEntry>();
    }
    return stage_.chain.history(address, page);
  });
}

Result<std::vector<base::Signature>> Node::block_signatures(std::uint64_t slot) {
  return ask([&] { return stage_.chain.block_signatures(slot); });
}

Result<std::optional<ports::TransactionRecord>> Node::transaction(
    const base::Signature& signature) {
  return ask([&] { return stage_.chain.transaction(signature); });
}

Result<base::Signature> Node::airdrop(const base::PublicKey& to, base::Lamports amount) {
  return ask([&] { return stage_.chain.airdrop(to, amount); });
}

namespace {

// Keeps the callback as long as the subscription.
class Listening final : public ports::Subscription {
 public:
  Listening(std::shared_ptr<ports::Chain::ProgramCallback> callback,
            std::unique_ptr<ports::Subscription> below)
      : callback_(std::move(callback)), below_(std::move(below)) {}

 private:
  std::shared_ptr<ports::Chain::ProgramCallback> callback_;
  std::unique_ptr<ports::Subscription> below_;
};

}  // namespace

std::unique_ptr<ports::Subscription> Node::watch_program(const base::PublicKey& program,
                                                         Commitment commitment,
                                                         ProgramCallback callback) {
  auto kept = std::make_shared<ProgramCallback>(std::move(callback));
  std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
  listeners_.push_back(kept);
  auto below = stage_.chain.watch_program(
      program, commitment,
      [this, hear = kept.get()](const std::optional<ports::ProgramAccount>& account,
                                std::uint64_t slot) {
        if (stage_.trouble.how_bad(Ill::pushes_stop, stage_.now_ms()) > 0) {
          was_deaf_ = true;
          return;
        }
        if (!account || !hides(account->address)) (*hear)(account, slot);
      });
  return std::make_unique<Listening>(std::move(kept), std::move(below));
}

void Node::wake() {
  if (!was_deaf_ || stage_.trouble.how_bad(Ill::pushes_stop, stage_.now_ms()) > 0) return;
  was_deaf_ = false;
  for (const auto& listener : listeners_) {
    if (const auto hear = listener.lock()) (*hear)(std::nullopt, 0);
  }
}

std::unique_ptr<ports::Subscription> Node::watch_signature(const base::Signature& signature,
                                                           Commitment commitment,
                                                           std::function<void()> callback) {
  return stage_.chain.watch_signature(signature, commitment, std::move(callback));
}

}  // namespace obelisk::sim
