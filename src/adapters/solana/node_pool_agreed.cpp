// What NodePool says only when two nodes do, and sending, which goes to all.
#include <algorithm>

#include "adapters/solana/agreement.hpp"
#include "adapters/solana/node_pool.hpp"

namespace obelisk::solana_rpc {

using base::Error;
using base::Result;
using ports::AccountAt;
using ports::Commitment;
using solana::Ask;
using solana::Freshness;

Result<std::uint64_t> NodePool::block_height(Commitment commitment) {
  std::vector<std::uint64_t> heights;
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::any)) {
    auto height = ask(node, [&](ports::Chain& one) { return one.block_height(commitment); });
    if (height) {
      heights.push_back(*height);
      last = one_alone("this block height has passed");
    } else if (!NodeHealth::moves_on(height.error().code)) {
      return height;
    } else if (heights.empty()) {
      last = std::move(height).error();
    }
  }
  if (const auto reached = reached_by_two(std::move(heights))) return *reached;
  return last;
}

Result<std::optional<std::vector<AccountAt>>> NodePool::accounts_round(std::size_t count,
                                                                       Commitment commitment,
                                                                       const AskAccounts& question,
                                                                       std::uint64_t known) {
  std::vector<AccountVotes> votes(count);
  const auto settled = [](const AccountVotes& one) { return one.settled(); };
  bool may_catch_up = false;
  bool heard = false;
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::fresh)) {
    auto answer = ask(node, question);
    if (!answer) {
      if (!NodeHealth::moves_on(answer.error().code)) return std::move(answer).error();
      if (!heard) last = std::move(answer).error();
      continue;
    }
    // All of one answer are of one slot; were they not, the oldest would count.
    std::uint64_t slot = answer->front().slot;
    for (const AccountAt& one : *answer) slot = std::min(slot, one.slot);
    const Freshness freshness = health_->judge(node, commitment, slot, known);
    may_catch_up = may_catch_up || freshness == Freshness::older;
    if (freshness != Freshness::fresh) {
      if (!heard) last = all_behind();
      continue;
    }
    heard = true;
    last = one_alone("an account does not exist");
    for (std::size_t i = 0; i < count; ++i) votes[i].add(std::move((*answer)[i]));
    if (!std::all_of(votes.begin(), votes.end(), settled)) continue;
    std::vector<AccountAt> out;
    for (const AccountVotes& one : votes) out.push_back(one.result());
    return std::optional(std::move(out));
  }
  if (may_catch_up) return std::optional<std::vector<AccountAt>>();
  return last;
}

Result<std::vector<AccountAt>> NodePool::agreed_accounts(std::size_t count, Commitment commitment,
                                                         const AskAccounts& question) {
  const std::uint64_t known = health_->newest(commitment);
  for (int round = 0; round < kCatchUpRounds; ++round) {
    TRY(auto found, accounts_round(count, commitment, question, known));
    if (found) return *std::move(found);
    pause_(kCatchUpMs);
  }
  return all_behind();
}

Result<AccountAt> NodePool::account(const base::PublicKey& address, Commitment commitment) {
  TRY(auto found,
      agreed_accounts(1, commitment, [&](ports::Chain& node) -> Result<std::vector<AccountAt>> {
        TRY(AccountAt one, node.account(address, commitment));
        return std::vector{std::move(one)};
      }));
  return std::move(found.front());
}

Result<std::vector<AccountAt>> NodePool::accounts(const std::vector<base::PublicKey>& addresses,
                                                  Commitment commitment) {
  if (addresses.empty()) return std::vector<AccountAt>{};
  return agreed_accounts(addresses.size(), commitment,
                         [&](ports::Chain& node) { return node.accounts(addresses, commitment); });
}

Result<base::Signature> NodePool::send(base::ByteView transaction, bool preflight) {
  std::optional<base::Signature> accepted;
  std::vector<Error> refusals;
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::any)) {
    const bool first_run = preflight && !accepted;
    auto sent = ask(node, [&](ports::Chain& one) { return one.send(transaction, first_run); });
    if (sent) {
      accepted = *sent;
    } else if (NodeHealth::moves_on(sent.error().code)) {
      last = std::move(sent).error();
    } else {
      refusals.push_back(std::move(sent).error());
    }
  }
  if (accepted) return *accepted;
  if (refusals.size() >= kAgree) return refusals.front();
  if (refusals.empty()) return last;
  return one_alone("the transaction is refused (" + refusals.front().message + ")");
}

Result<std::vector<std::optional<ports::SignatureStatus>>> NodePool::statuses(
    const std::vector<base::Signature>& signatures, ports::Search search) {
  std::vector<StatusVotes> votes(signatures.size());
  std::size_t answers = 0;
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::any)) {
    auto said = ask(node, [&](ports::Chain& one) { return one.statuses(signatures, search); });
    if (!said) {
      if (!NodeHealth::moves_on(said.error().code)) return said;
      if (answers == 0) last = std::move(said).error();
      continue;
    }
    if (said->size() != signatures.size()) continue;
    ++answers;
    last = one_alone("this is how a transaction ended");
    for (std::size_t i = 0; i < votes.size(); ++i) votes[i].add((*said)[i]);
    const bool settled = std::all_of(votes.begin(), votes.end(),
                                     [](const StatusVotes& one) { return one.settled(); });
    if (answers >= kAgree && settled) break;
  }
  if (answers < kAgree) return last;
  std::vector<std::optional<ports::SignatureStatus>> out;
  for (const StatusVotes& one : votes) {
    if (one.contradicts()) return one_alone("this is how a transaction ended");
    out.push_back(one.result());
  }
  return out;
}

Result<std::vector<ports::HistoryEntry>> NodePool::history(const base::PublicKey& address,
                                                           const ports::HistoryPage& page) {
  std::vector<ports::HistoryEntry> longest;
  std::size_t answers = 0;
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::fresh)) {
    auto list = ask(node, [&](ports::Chain& one) { return one.history(address, page); });
    if (!list) {
      if (!NodeHealth::moves_on(list.error().code)) return list;
      if (answers == 0) last = std::move(list).error();
      continue;
    }
    last = one_alone("an address has no transactions");
    if (list->size() > longest.size()) longest = *std::move(list);
    if (++answers == kAgree) break;
  }
  if (longest.empty() && answers < kAgree) return last;
  return longest;
}

Result<std::optional<ports::TransactionRecord>> NodePool::transaction(
    const base::Signature& signature) {
  std::size_t without = 0;
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::any)) {
    auto record = ask(node, [&](ports::Chain& one) { return one.transaction(signature); });
    if (!record) {
      if (!NodeHealth::moves_on(record.error().code)) return record;
      if (without == 0) last = std::move(record).error();
      continue;
    }
    if (*record) return record;
    last = one_alone("a transaction does not exist");
    ++without;
  }
  if (without >= kAgree) return std::optional<ports::TransactionRecord>{};
  return last;
}

}  // namespace obelisk::solana_rpc
