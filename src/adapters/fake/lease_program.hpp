// The lease program in memory: which accounts an instruction names, who signed, and then the
// escrow's own native rules. Internal to this folder. It must never be gentler than the program.
#pragma once

#include <string>
#include <vector>

#include "adapters/fake/ledger.hpp"
#include "core/escrow/instructions.hpp"

namespace obelisk::fake {

std::uint64_t read_number(const base::Bytes& data, std::size_t at, std::size_t bytes);

// Accounts as a transaction sees them: what it changed, over what was there.
class Overlay {
 public:
  explicit Overlay(const AccountMap& below) : below_(&below) {}
  // One that was never there has nothing.
  ports::Account get(const base::PublicKey& key) const;
  void set(const base::PublicKey& key, ports::Account account) {
    changed_[key] = std::move(account);
  }
  void give(const base::PublicKey& key, std::uint64_t lamports);
  bool take(const base::PublicKey& key, std::uint64_t lamports);
  const AccountMap& changed() const { return changed_; }

 private:
  const AccountMap* below_;
  AccountMap changed_;
};

struct LeaseCall {
  const base::PublicKey& program;
  const solana::Instruction& instruction;
  const solana::Instruction* before;  // the one right before it in the transaction
  const Moment& moment;
  std::vector<std::string>& logs;
};

escrow::Error run_lease_program(const LeaseCall& call, Overlay& accounts);

}  // namespace obelisk::fake
