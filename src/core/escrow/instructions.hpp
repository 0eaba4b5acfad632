// Native only. The program's instructions as clients send them: accounts in their order with their
// flags, and the data. Every encoder takes all that its instruction says; none of them signs, sends
// or reads a clock.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "core/escrow/instruction_set.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::escrow {

base::PublicKey system_program();
base::PublicKey instructions_sysvar();
base::PublicKey ed25519_program();

struct CallAccount {
  base::PublicKey key;
  bool is_signer = false;
  bool is_writable = false;

  bool operator==(const CallAccount&) const = default;
};

// One instruction of a transaction.
struct Call {
  base::PublicKey program;
  std::vector<CallAccount> accounts;
  base::Bytes data;

  bool operator==(const Call&) const = default;
};

struct CreateMarket {
  base::PublicKey operator_key;
  base::PublicKey market;
  base::PublicKey treasury;
  std::uint8_t bump = 0;
  MarketTerms terms{};
};

struct UpdateMarket {
  base::PublicKey operator_key;
  base::PublicKey market;
  base::PublicKey treasury;
  MarketTerms terms{};
};

struct Open {
  base::PublicKey renter;
  base::PublicKey lease;
  base::PublicKey host;
  base::PublicKey market;
  std::uint8_t bump = 0;
  std::uint64_t nonce = 0;
  std::uint64_t market_rev = 0;
  std::int64_t expires_at = 0;
  std::uint64_t rate_lamports_per_hour = 0;
  std::uint32_t seconds = 0;
  std::uint32_t max_seconds = 0;
  base::Hash terms_hash;

  bool operator==(const Open&) const = default;
};

// The accounts that every instruction on a running lease names.
struct LeaseAccounts {
  base::PublicKey lease;
  base::PublicKey renter;
  base::PublicKey host;
  base::PublicKey treasury;
  base::PublicKey attestor;
};
LeaseAccounts accounts_of(const base::PublicKey& address, const Lease& lease);

Call encode_create_market(const base::PublicKey& program, const CreateMarket& what);
Call encode_update_market(const base::PublicKey& program, const UpdateMarket& what);
Call encode_open(const base::PublicKey& program, const Open& what);
// What the data of an `open` says; the accounts, which the message names, are left empty. Nothing
// unless tag and length are those of an `open`.
std::optional<Open> parse_open(base::ByteView data);
Call encode_ready(const base::PublicKey& program, const LeaseAccounts& accounts,
                  std::uint64_t opened_slot);
// The renter may cancel at any time, and signs for it; anyone else after the deadline.
Call encode_cancel(const base::PublicKey& program, const LeaseAccounts& accounts,
                   bool renter_signs);
Call encode_extend(const base::PublicKey& program, const LeaseAccounts& accounts,
                   std::uint32_t total_seconds);
// Each claim needs its own Ed25519 instruction right before it in the transaction.
Call encode_claim(const base::PublicKey& program, const LeaseAccounts& accounts);
Call encode_stop(const base::PublicKey& program, const LeaseAccounts& accounts, StopHow how);
Call encode_finish(const base::PublicKey& program, const LeaseAccounts& accounts);

// The Ed25519 instruction that proves a signed attestation to the claim after it.
Call encode_ed25519(const base::PublicKey& signer, const base::Signature& signature,
                    base::ByteView attestation);

}  // namespace obelisk::escrow
