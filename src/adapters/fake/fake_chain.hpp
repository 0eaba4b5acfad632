// A cluster in memory that knows our program and nothing else: it executes the real transactions by
// the escrow's own native rules, keeps their logs, and moves its clock only when told to. Blocks
// are confirmed at once, or, with hold(), when the test says so. It must never be gentler than the
// chain: signatures, deadlines and errors are real.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "core/escrow/event.hpp"
#include "core/escrow/instructions.hpp"
#include "core/escrow/step.hpp"
#include "core/solana/transaction.hpp"
#include "ports/chain.hpp"

namespace obelisk::fake {

class FakeChain final : public ports::Chain {
 public:
  FakeChain(base::PublicKey program, base::UnixSeconds start_s)
      : program_(program), now_s_(start_s) {}

  // --- the test's side ---
  void put_market(const base::PublicKey& address, const escrow::Market& market);
  // A lease as `open` leaves it; what it must equal is the caller's business.
  void open(const base::PublicKey& address, escrow::Lease lease);
  // Signed by whoever the calls ask: for what renters and hosts do.
  base::Result<base::Signature> submit(const base::PublicKey& payer,
                                       const std::vector<escrow::Call>& calls);
  void advance_s(base::UnixSeconds by);
  // From now on changes are processed and not confirmed until confirm().
  void hold();
  void confirm();
  // What is confirmed is final from now on.
  void finalize();
  // Unconfirmed changes are gone, as if another fork had won.
  void drop_fork();
  // No call is answered.
  void set_down(bool down);
  // The next `calls` that ask for a transaction find none, as at a node that is behind.
  void hide_transactions(int calls);
  // Subscriptions hear nothing while this lasts, and begin anew with reconnect().
  void mute();
  void reconnect();
  std::optional<escrow::Lease> lease(const base::PublicKey& address) const;
  std::size_t sent() const;

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
  using Accounts = std::map<base::PublicKey, ports::Account>;
  struct Landed {
    ports::TransactionRecord record;
    std::set<base::PublicKey> touched;
    std::optional<std::uint32_t> custom;
    bool confirmed = false;
    bool finalized = false;
  };
  struct Watch {
    ports::Commitment commitment{};
    ProgramCallback callback;
  };
  class WatchHandle;
  struct Push {
    ports::Commitment commitment{};
    ports::ProgramAccount account;
    std::uint64_t slot = 0;
  };

  static base::Error rejected(std::uint32_t code);
  base::Result<void> check_up() const;
  const Accounts& at(ports::Commitment commitment) const;
  base::Signature land(const solana::Transaction& transaction);
  std::optional<std::uint32_t> dry_run(const solana::Transaction& transaction);
  escrow::Error execute(const solana::Instruction& instruction, const solana::Instruction* before,
                        Accounts& accounts, Landed& landed);
  void log_event(const escrow::Event& event, Landed& landed) const;
  void settle_commitment();
  void deliver();

  const base::PublicKey program_;
  mutable std::mutex mutex_;
  base::UnixSeconds now_s_;
  std::uint64_t slot_ = 1000;
  bool held_ = false;
  bool down_ = false;
  bool muted_ = false;
  int hidden_ = 0;
  std::uint64_t nonce_ = 0;
  Accounts processed_;
  Accounts confirmed_;
  std::vector<Landed> landed_;
  std::map<std::uint64_t, Watch> watches_;
  std::uint64_t next_watch_ = 1;
  std::vector<Push> pushes_;
};

}  // namespace obelisk::fake
