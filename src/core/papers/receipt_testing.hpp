// A lease's transactions as a node would list them, made by the program's own arithmetic: what the
// receipt tests read. Only for tests.
#pragma once

#include <map>
#include <vector>

#include "base/public_key.hpp"
#include "core/escrow/layout.hpp"
#include "core/escrow/step.hpp"
#include "core/settlement/settlement.hpp"
#include "core/solana/transaction_record.hpp"

namespace obelisk::papers {

class LeaseHistory {
 public:
  LeaseHistory();

  void open(std::uint32_t seconds = 3600);
  void ready(std::int64_t at_s);
  void claim(std::int64_t at_s, std::int64_t alive_until);
  void extend(std::int64_t at_s, std::uint32_t total_s);
  void stop(std::int64_t at_s, escrow::StopHow how);
  void cancel(std::int64_t at_s, bool renter_signs);
  void finish(std::int64_t at_s);
  // Somebody sends lamports to the lease's address.
  void gift(std::uint64_t lamports);
  // A transaction of the renter that failed: its fee is gone, nothing else.
  void failed();

  // Newest first.
  std::vector<solana::TransactionRecord> records() const;
  solana::TransactionRecord& last() { return records_.back(); }

  // Set before open(), where a test wants others; the address follows from the first three.
  base::PublicKey program;
  base::PublicKey renter;
  std::uint64_t nonce = 5;
  base::PublicKey host;
  base::PublicKey treasury;
  base::PublicKey attestor;
  base::PublicKey market;
  std::int64_t expires_at = 2000;
  base::Hash terms_hash;
  base::PublicKey address;
  void settle_address();
  escrow::Lease lease{};
  std::uint64_t lamports = 0;

 private:
  void run(const base::PublicKey& payer, const std::vector<escrow::Call>& calls,
           const std::vector<escrow::Action>& actions, std::int64_t at_s);
  void record(const base::PublicKey& payer, const std::vector<escrow::Call>& calls,
              std::uint64_t before, std::vector<std::string> logs, std::int64_t at_s);
  std::uint64_t balance_of(const base::PublicKey& wallet) const;
  std::vector<std::string> log_of(const escrow::Event& event) const;
  escrow::LeaseAccounts accounts() const;

  std::vector<solana::TransactionRecord> records_;
  std::map<base::PublicKey, std::uint64_t> wallets_;  // what they hold; all begin with the same
  std::map<base::PublicKey, std::uint64_t> before_;   // the same before the transaction at hand
  std::uint8_t next_ = 1;
};

}  // namespace obelisk::papers
