// A whole cluster in memory: wallets with balances, fees, blocks by the clock, three commitments, a
// pool of transactions on their way, and forks that take blocks back. It runs transactions by the
// escrow's own native rules and moves only when told to. It must never be gentler than the chain:
// signatures, blockhashes, balances, deadlines and errors are real.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include "adapters/fake/ledger.hpp"
#include "ports/chain.hpp"

namespace obelisk::fake {

inline constexpr std::int64_t kClusterSlotMs = 400;
inline constexpr std::uint64_t kConfirmedDepth = 2;
inline constexpr std::uint64_t kFinalizedDepth = 32;
inline constexpr std::uint64_t kBlockhashLife = 150;

class Cluster final : public ports::Chain {
 public:
  Cluster(base::PublicKey program, base::UnixSeconds start_s)
      : program_(program), start_s_(start_s) {}

  // --- the test's side ---

  // There from the first block on; its lamports count as minted.
  void put_account(const base::PublicKey& address, const ports::Account& account);
  // Blocks come, transactions land, commitments move, watchers hear.
  void advance_ms(std::int64_t by);
  // A fork wins that does not have the last `slots` blocks. What landed in them is tried again
  // where `again` says so, else it is forgotten. Never deeper than what is final.
  void fork(std::uint64_t slots, bool again);
  // How long a forwarded transaction takes into a block; nothing: it is lost on the way. Asked each
  // time one is sent.
  std::function<std::optional<std::int64_t>()> travel_ms = [] { return std::optional(0L); };
  // The node that is asked is behind: by everything that is not final yet, or by more.
  void set_behind(bool behind) { behind_ = behind; }
  // How far a node is that is behind; before the first block.
  void set_behind_slots(std::uint64_t slots) {
    behind_slots_ = std::clamp(slots, kFinalizedDepth, kFirstSlot);
  }

  // A lamport out of nowhere: for who wants to see that it is noticed.
  void mint_for_test(const base::PublicKey& to) { ++processed_state_[to].lamports.count; }

  // --- what is true, whoever answers ---
  base::UnixSeconds true_time_s() const { return time_of(tip_); }
  std::uint64_t tip() const { return tip_; }
  const AccountMap& accounts_at(ports::Commitment commitment) const;
  std::uint64_t minted() const { return minted_; }
  std::size_t landed_count() const { return landed_.size(); }
  // Something is on its way, or in a block and not confirmed.
  bool is_moving() const { return !pool_.empty() || confirmed_ < landed_.size(); }
  // Of everything that is in a block, in order; `final` counts from the first.
  struct Landed {
    ports::TransactionRecord record;
    std::optional<std::uint32_t> custom;
    std::vector<base::PublicKey> keys;
    AccountMap after;
  };
  const std::vector<Landed>& landed() const { return landed_; }
  std::size_t final_count() const { return finalized_; }

  // --- ports::Chain ---
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
  struct Pending {
    solana::Transaction transaction;
    std::int64_t due_ms = 0;
    bool mint = false;  // an airdrop: what it gives comes from nowhere
    base::PublicKey to;
    base::Lamports amount;
  };
  struct Watch {
    ports::Commitment commitment{};
    ProgramCallback callback;   // of a program ...
    base::Signature signature;  // ... or of one transaction
    std::function<void()> on_signature;
  };
  class WatchHandle;

  std::uint64_t slot_at(ports::Commitment commitment) const;
  std::size_t count_at(ports::Commitment commitment) const;
  // The same as the node sees it that is asked.
  std::uint64_t seen_slot(ports::Commitment commitment) const;
  std::size_t seen_count(ports::Commitment commitment) const;
  const AccountMap& seen_accounts(ports::Commitment commitment) const;
  base::UnixSeconds time_of(std::uint64_t slot) const;
  std::uint64_t fork_of(std::uint64_t slot) const;
  base::Hash blockhash_of(std::uint64_t slot) const;
  bool is_alive(const base::Hash& blockhash, std::uint64_t at_slot) const;
  void land(const Pending& pending, std::uint64_t slot);
  void keep(Landed landed);
  void settle();
  void apply(AccountMap& to, const AccountMap& changes);
  void undo(AccountMap& from, std::size_t keep, std::size_t have);
  void push(ports::Commitment commitment, const AccountMap& changes, std::uint64_t slot);
  std::uint64_t add_watch(Watch watch);

  const base::PublicKey program_;
  const base::UnixSeconds start_s_;
  std::int64_t now_ms_ = 0;
  std::uint64_t tip_ = kFirstSlot;
  std::uint64_t minted_ = 0;
  std::uint64_t airdrops_ = 0;
  bool behind_ = false;
  std::uint64_t behind_slots_ = kFinalizedDepth;
  AccountMap processed_state_;
  AccountMap confirmed_state_;
  AccountMap finalized_state_;
  AccountMap behind_state_;
  std::vector<Landed> landed_;
  std::map<base::Signature, std::size_t> place_;
  std::size_t confirmed_ = 0;  // so many of landed_
  std::size_t finalized_ = 0;
  std::size_t behind_count_ = 0;
  std::vector<Pending> pool_;
  std::vector<std::uint64_t> forks_;  // the last slot that both sides share
  std::map<std::uint64_t, Watch> watches_;
  std::uint64_t next_watch_ = 1;

  static constexpr std::uint64_t kFirstSlot = 1000;
};

}  // namespace obelisk::fake
