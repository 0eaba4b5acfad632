// What NodePool says only when two nodes do, and sending, which goes to all.
#include <algorithm>
#include <limits>
#include <map>

#include "adapters/solana/agreement.hpp"
#include "adapters/solana/node_pool.hpp"

namespace obelisk::solana_rpc {
namespace {

constexpr std::size_t kAccountsAtOnce = 100;
// An older height says too little about the one of now.
constexpr std::int64_t kHeightLastsMs = 60'000;

}  // namespace

using base::Error;
using base::Result;
using ports::AccountAt;
using ports::Commitment;
using solana::Ask;
using solana::Freshness;

void NodePool::saw_height(std::uint64_t height) {
  const std::lock_guard lock(mutex_);
  if (height > height_) height_ = height, height_ms_ = health_->steady_ms();
}

std::optional<std::uint64_t> NodePool::highest_possible() {
  const std::lock_guard lock(mutex_);
  const std::int64_t passed_ms = health_->steady_ms() - height_ms_;
  if (height_ == 0 || passed_ms > kHeightLastsMs) return std::nullopt;
  return height_ + static_cast<std::uint64_t>(passed_ms / solana::kShortestSlotMs) + 1;
}

Result<ports::BlockHeight> NodePool::block_height(Commitment commitment) {
  std::vector<ports::BlockHeight> heights;
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::any)) {
    auto height = ask(node, [&](ports::Chain& one) { return one.block_height(commitment); });
    if (height) {
      const auto freshness = health_->judge(node, commitment, height->slot, 0);
      if (freshness == Freshness::unbelievable) continue;
      heights.push_back(*height);
      last = one_alone("this block height has passed");
    } else if (!NodeHealth::moves_on(height.error().code)) {
      return height;
    } else if (heights.empty()) {
      last = std::move(height).error();
    }
  }
  const auto reached = reached_by_two(std::move(heights));
  if (!reached) return last;
  saw_height(reached->height);
  return *reached;
}

Result<std::optional<std::vector<AccountAt>>> NodePool::accounts_round(std::size_t count,
                                                                       Commitment commitment,
                                                                       const AskAccounts& question,
                                                                       std::uint64_t known) {
  std::vector<AccountVotes> votes(count);
  const auto settled = [](const AccountVotes& one) { return one.settled(); };
  const auto results = [&] {
    std::vector<AccountAt> out;
    for (const AccountVotes& one : votes) out.push_back(one.result());
    return out;
  };
  bool may_catch_up = false;
  int heard = 0;
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::fresh)) {
    auto answer = ask(node, question);
    if (!answer) {
      if (!NodeHealth::moves_on(answer.error().code)) return std::move(answer).error();
      if (heard == 0) last = std::move(answer).error();
      continue;
    }
    // All of one answer are of one slot; were they not, the oldest would count.
    std::uint64_t slot = answer->front().slot;
    for (const AccountAt& one : *answer) slot = std::min(slot, one.slot);
    const Freshness freshness = health_->judge(node, commitment, slot, known);
    const bool is_fresh = freshness == Freshness::fresh;
    may_catch_up = may_catch_up || freshness == Freshness::older;
    if (!is_fresh && heard == 0) last = all_behind();
    if (!is_fresh && freshness != Freshness::older) continue;
    if (is_fresh) {
      ++heard;
      last = one_alone("an account does not exist");
    }
    for (std::size_t i = 0; i < count; ++i) votes[i].add(std::move((*answer)[i]), is_fresh);
    if (std::all_of(votes.begin(), votes.end(), settled)) return std::optional(results());
  }
  // Two that differ are not of one slot, or one of them lies: the next round tells.
  may_catch_up = may_catch_up || heard >= 2;
  // Where nobody else can be heard, what one node shows has to do.
  const auto is_as_good = [&](const AccountVotes& one) {
    return one.settled() || one.is_one_alone();
  };
  if (!may_catch_up && std::all_of(votes.begin(), votes.end(), is_as_good)) {
    return std::optional(results());
  }
  if (may_catch_up) return std::optional<std::vector<AccountAt>>();
  return last;
}

// What only one of two lists has is read from the accounts, as everything that money hangs on.
Result<std::vector<ports::ProgramAccount>> NodePool::borne_out(
    std::vector<ports::ProgramAccount> found, const std::vector<ports::ProgramAccount>& other,
    Commitment commitment, const Belongs& belongs) {
  std::map<base::PublicKey, const ports::Account*> shown;
  for (const ports::ProgramAccount& one : other) shown.emplace(one.address, &one.account);
  std::vector<ports::ProgramAccount> out;
  std::vector<ports::ProgramAccount> doubtful;
  for (ports::ProgramAccount& one : found) {
    const auto at = shown.find(one.address);
    const bool is_same = at != shown.end() && at->second->owner == one.account.owner &&
                         at->second->data == one.account.data;
    (is_same ? out : doubtful).push_back(std::move(one));
  }
  for (std::size_t from = 0; from < doubtful.size(); from += kAccountsAtOnce) {
    const std::size_t to = std::min(doubtful.size(), from + kAccountsAtOnce);
    std::vector<base::PublicKey> addresses;
    for (std::size_t i = from; i < to; ++i) addresses.push_back(doubtful[i].address);
    TRY(auto read, accounts(addresses, commitment));
    for (std::size_t i = from; i < to; ++i) {
      auto& account = read[i - from].account;
      if (!account) continue;
      ports::ProgramAccount one{doubtful[i].address, *std::move(account)};
      if (belongs(one)) out.push_back(std::move(one));
    }
  }
  return out;
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

Result<ports::SignatureStatuses> NodePool::statuses(const std::vector<base::Signature>& signatures,
                                                    ports::Search search) {
  const bool whole = search == ports::Search::whole;
  const StatusVotes none(whole ? health_->newest(Commitment::finalized) : 0);
  std::vector<StatusVotes> votes(signatures.size(), none);
  std::size_t answers = 0;
  std::uint64_t oldest = 0;
  Error last = no_node();
  for (const std::size_t node : health_->order(Ask::any)) {
    auto said = ask(node, [&](ports::Chain& one) { return one.statuses(signatures, search); });
    if (!said) {
      if (!NodeHealth::moves_on(said.error().code)) return said;
      if (answers == 0) last = std::move(said).error();
      continue;
    }
    if (said->found.size() != signatures.size()) continue;
    oldest = answers == 0 ? said->slot : std::min(oldest, said->slot);
    ++answers;
    last = one_alone("this is how a transaction ended");
    for (std::size_t i = 0; i < votes.size(); ++i) votes[i].add(said->found[i], said->slot);
    const bool settled = std::all_of(votes.begin(), votes.end(),
                                     [](const StatusVotes& one) { return one.settled(); });
    if (answers >= kAgree && settled) break;
  }
  if (answers < kAgree) return last;
  // Two know nothing of it at least up to there; of what is found the slot says nothing.
  ports::SignatureStatuses out{std::numeric_limits<std::uint64_t>::max(), {}};
  for (const StatusVotes& one : votes) {
    if (one.contradicts()) return one_alone("this is how a transaction ended");
    out.found.push_back(one.result());
    if (!out.found.back()) out.slot = std::min(out.slot, one.unknown_slot());
  }
  if (out.slot == std::numeric_limits<std::uint64_t>::max()) out.slot = oldest;
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
