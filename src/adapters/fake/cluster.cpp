#include "adapters/fake/cluster.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/crypto.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::fake {

using ports::Commitment;

const AccountMap& Cluster::accounts_at(Commitment commitment) const {
  switch (commitment) {
    case Commitment::processed: return processed_state_;
    case Commitment::confirmed: return confirmed_state_;
    case Commitment::finalized: return finalized_state_;
  }
  return finalized_state_;
}

std::size_t Cluster::count_at(Commitment commitment) const {
  switch (commitment) {
    case Commitment::processed: return landed_.size();
    case Commitment::confirmed: return confirmed_;
    case Commitment::finalized: return finalized_;
  }
  return finalized_;
}

std::uint64_t Cluster::slot_at(Commitment commitment) const {
  switch (commitment) {
    case Commitment::processed: return tip_;
    case Commitment::confirmed: return tip_ - kConfirmedDepth;
    case Commitment::finalized: return tip_ - kFinalizedDepth;
  }
  return tip_;
}

base::UnixSeconds Cluster::time_of(std::uint64_t slot) const {
  const auto since = static_cast<std::int64_t>(slot) - static_cast<std::int64_t>(kFirstSlot);
  return start_s_ + since * kClusterSlotMs / 1000;
}

void Cluster::put_account(const base::PublicKey& address, const ports::Account& account) {
  minted_ += account.lamports.count;
  for (AccountMap* state :
       {&processed_state_, &confirmed_state_, &finalized_state_, &behind_state_}) {
    (*state)[address] = account;
  }
}

// Which of the forks made the block that counts in this slot.
std::uint64_t Cluster::fork_of(std::uint64_t slot) const {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < forks_.size(); ++i) {
    if (slot > forks_[i]) out = i + 1;
  }
  return out;
}

// The slot and the fork stand in it, so that nothing has to be remembered.
base::Hash Cluster::blockhash_of(std::uint64_t slot) const {
  base::Writer bytes;
  bytes.u64(slot);
  bytes.u64(fork_of(slot));
  bytes.put(program_.view().subspan(0, 16));
  return *base::Hash::from(bytes.bytes());
}

bool Cluster::is_alive(const base::Hash& blockhash, std::uint64_t at_slot) const {
  std::uint64_t slot = 0;
  for (std::size_t i = 0; i < 8; ++i) slot |= std::uint64_t{blockhash.bytes[i]} << (8 * i);
  if (slot > at_slot || at_slot > slot + kBlockhashLife) return false;
  return blockhash == blockhash_of(slot);
}

void Cluster::apply(AccountMap& to, const AccountMap& changes) {
  for (const auto& [key, account] : changes) {
    if (account.lamports.count == 0) {
      to.erase(key);
    } else {
      to[key] = account;
    }
  }
}

void Cluster::keep(Landed landed) {
  place_[landed.record.signature] = landed_.size();
  apply(processed_state_, landed.after);
  landed_.push_back(std::move(landed));
}

void Cluster::land(const Pending& pending, std::uint64_t slot) {
  const solana::Transaction& transaction = pending.transaction;
  if (place_.contains(transaction.id())) return;
  Landed landed;
  ports::TransactionRecord& record = landed.record;
  record.signature = transaction.id();
  record.slot = slot;
  record.block_time = time_of(slot);
  record.wire = transaction.wire();
  record.compute_units = 1000;
  landed.keys = transaction.message().keys;
  if (pending.mint) {
    ports::Account account;
    if (const auto at = processed_state_.find(pending.to); at != processed_state_.end()) {
      account = at->second;
    }
    account.lamports.count += pending.amount.count;
    minted_ += pending.amount.count;
    landed.after[pending.to] = account;
    landed.keys = {pending.to};
    return keep(std::move(landed));
  }
  if (!is_alive(transaction.message().blockhash, slot)) return;
  Execution run = execute(processed_state_, program_, {time_of(slot), slot}, transaction);
  if (!run.fee_paid) return;
  record.fee = run.fee;
  record.logs = std::move(run.logs);
  record.error = std::move(run.error);
  landed.custom = run.custom;
  for (auto& [key, account] : run.after) landed.after[key] = account;
  const auto balance = [&](const base::PublicKey& key, bool after) {
    if (after && landed.after.contains(key)) return landed.after.at(key).lamports;
    const auto at = processed_state_.find(key);
    return at == processed_state_.end() ? base::Lamports{} : at->second.lamports;
  };
  for (const base::PublicKey& key : landed.keys) {
    record.pre_balances.push_back(balance(key, false));
    record.post_balances.push_back(balance(key, true));
  }
  keep(std::move(landed));
  const Landed& kept = landed_.back();
  push(Commitment::processed, kept.after, slot);
}

void Cluster::advance_ms(std::int64_t by) {
  const std::int64_t end_ms = now_ms_ + by;
  while (!pool_.empty()) {
    const auto next =
        std::min_element(pool_.begin(), pool_.end(),
                         [](const Pending& a, const Pending& b) { return a.due_ms < b.due_ms; });
    if (next->due_ms > end_ms) break;
    const Pending pending = *next;
    pool_.erase(next);
    now_ms_ = std::max(now_ms_, pending.due_ms);
    tip_ = kFirstSlot + static_cast<std::uint64_t>(now_ms_ / kClusterSlotMs) + 1;
    settle();
    land(pending, tip_);
  }
  now_ms_ = end_ms;
  tip_ = std::max(tip_, kFirstSlot + static_cast<std::uint64_t>(now_ms_ / kClusterSlotMs));
  settle();
}

void Cluster::settle() {
  std::vector<std::function<void()>> told;
  const auto move = [&](Commitment commitment, AccountMap& state, std::size_t& count) {
    while (count < landed_.size() && landed_[count].record.slot <= slot_at(commitment)) {
      const Landed& landed = landed_[count++];
      apply(state, landed.after);
      push(commitment, landed.after, landed.record.slot);
    }
  };
  move(Commitment::confirmed, confirmed_state_, confirmed_);
  move(Commitment::finalized, finalized_state_, finalized_);
  while (behind_count_ < finalized_ && landed_[behind_count_].record.slot <= tip_ - behind_slots_) {
    apply(behind_state_, landed_[behind_count_++].after);
  }
  for (auto at = watches_.begin(); at != watches_.end();) {
    const Watch& watch = at->second;
    const auto place = watch.on_signature ? place_.find(watch.signature) : place_.end();
    if (place == place_.end() || place->second >= count_at(watch.commitment)) {
      ++at;
      continue;
    }
    told.push_back(watch.on_signature);
    at = watches_.erase(at);
  }
  for (const auto& tell : told) tell();
}

// Back to what the first `keep` of them made; what is final stays as it is.
void Cluster::undo(AccountMap& from, std::size_t keep, std::size_t have) {
  for (std::size_t i = keep; i < have; ++i) {
    for (const auto& [key, account] : landed_[i].after) {
      const auto was = finalized_state_.find(key);
      if (was == finalized_state_.end()) {
        from.erase(key);
      } else {
        from[key] = was->second;
      }
    }
  }
  for (std::size_t i = finalized_; i < keep; ++i) apply(from, landed_[i].after);
}

void Cluster::fork(std::uint64_t slots, bool again) {
  const std::uint64_t shared = tip_ - std::min(slots, kFinalizedDepth - 1);
  std::size_t keep = landed_.size();
  while (keep > finalized_ && landed_[keep - 1].record.slot > shared) --keep;
  AccountMap changed;
  for (std::size_t i = keep; i < landed_.size(); ++i) {
    for (const auto& [key, account] : landed_[i].after) changed[key] = {};
    if (landed_[i].record.wire.empty()) continue;
    auto transaction = solana::decode_transaction(landed_[i].record.wire);
    if (again && transaction)
      pool_.push_back({*transaction, now_ms_ + kClusterSlotMs, false, {}, {}});
  }
  undo(processed_state_, keep, landed_.size());
  if (keep < confirmed_) undo(confirmed_state_, keep, confirmed_);
  confirmed_ = std::min(confirmed_, keep);
  while (landed_.size() > keep) {
    place_.erase(landed_.back().record.signature);
    landed_.pop_back();
  }
  forks_.push_back(shared);
  AccountMap now;
  for (const auto& [key, account] : changed) {
    const auto at = processed_state_.find(key);
    if (at != processed_state_.end()) now[key] = at->second;
  }
  push(Commitment::processed, now, tip_);
}

void Cluster::push(Commitment commitment, const AccountMap& changes, std::uint64_t slot) {
  std::vector<ProgramCallback> hear;
  for (const auto& [id, watch] : watches_) {
    if (watch.callback && watch.commitment == commitment) hear.push_back(watch.callback);
  }
  for (const auto& [key, account] : changes) {
    if (account.owner != program_ || account.data.empty()) continue;
    for (const ProgramCallback& tell : hear) tell(ports::ProgramAccount{key, account}, slot);
  }
}

}  // namespace obelisk::fake
