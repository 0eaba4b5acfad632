// The model's side of the differential test: accounts in memory, and what a transaction does to
// them by the page of rules, with core/escrow deciding about the money. It shares no line with
// program/'s account checks, and it never asks the program anything.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "core/escrow/instructions.hpp"

namespace obelisk::differential {

struct Account {
  base::PublicKey owner;  // the System program by default
  std::uint64_t lamports = 0;
  base::Bytes data;

  bool operator==(const Account&) const = default;
};

// The rows of the coverage table: every instruction of ours, and every way to say it.
enum class Row : std::uint8_t {
  create_market,
  update_market,
  open,
  ready,
  cancel_renter,
  cancel_anyone,
  extend,
  claim,
  stop_served,
  stop_disputed,
  stop_waived,
  stop_dark,
  finish,
  other,  // not ours: a transfer, an Ed25519 instruction
};
const char* name_of(Row row);

// What stood at the address in question before the instruction.
enum class Found : std::uint8_t { none, funded, active, closing, market };

// One instruction of a transaction. `row` is what it was made as: data that cannot be read does not
// say. `forged`: an Ed25519 instruction whose signature does not hold.
struct Act {
  escrow::Call call;
  Row row = Row::other;
  bool forged = false;
};
using Transaction = std::vector<Act>;

enum class End : std::uint8_t {
  done = 0,
  refused = 1,  // with a code, ours or the System program's
  seeds = 2,    // the runtime: these seeds do not give the address
  forged = 3,   // the runtime: the signature is false
  rent = 4,     // the runtime: an account would be left below the rent
};

inline constexpr std::uint8_t kHostLeftOut = 1;
inline constexpr std::uint8_t kTreasuryLeftOut = 2;
inline constexpr std::uint8_t kRenterLeftOut = 4;

// One instruction of ours as it ran: what the coverage counts.
struct Trace {
  Row row = Row::other;
  Found found = Found::none;
  std::uint8_t left_out = 0;  // payments that could not land
};

struct Verdict {
  End end = End::done;
  std::size_t at = 0;  // the instruction that was refused
  std::uint64_t code = 0;
  std::vector<Trace> traces;  // up to and with the refused one
  std::vector<base::Bytes> events;
};

class Ledger {
 public:
  explicit Ledger(const base::PublicKey& program) : program_(program) {}

  std::int64_t now = 0;
  std::uint64_t slot = 0;

  const base::PublicKey& program() const { return program_; }
  // Empty where there is none.
  const Account& at(const base::PublicKey& key) const;
  Account& edit(const base::PublicKey& key) { return accounts_[key]; }
  const std::map<base::PublicKey, Account>& accounts() const { return accounts_; }

  Found lease_at(const base::PublicKey& key) const;

  // All of it or nothing, as on the chain.
  Verdict run(const Transaction& transaction);

 private:
  Verdict run_all(const Transaction& transaction);

  base::PublicKey program_;
  std::map<base::PublicKey, Account> accounts_;
};

}  // namespace obelisk::differential
