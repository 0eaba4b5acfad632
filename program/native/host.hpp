// A small runtime for tests: runs the program, compiled natively, over accounts in memory, with the
// syscalls it uses and the rules of the chain about who may change what. It models no compute units
// and no rent; the built file in the real VM stays the authority. It never repairs what a program
// did: what the chain would refuse comes back as a violation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "core/escrow/instructions.hpp"

namespace obelisk::program {

struct HostAccount {
  base::PublicKey key;
  base::PublicKey owner;  // the System program by default
  std::uint64_t lamports = 0;
  base::Bytes data;

  bool operator==(const HostAccount&) const = default;
};

struct Outcome {
  std::uint64_t code = 0;
  std::vector<base::Bytes> events;
  std::string violation;  // of the chain's rules; empty when there is none
};

class Host {
 public:
  explicit Host(const base::PublicKey& program) : program_(program) {}

  std::int64_t now = 0;
  std::uint64_t slot = 0;

  // The account with this key; made empty where there is none.
  HostAccount& at(const base::PublicKey& key);

  // One instruction. On an error every account is as it was. `before` is the instruction that
  // stands before it in the transaction, for the Instructions sysvar.
  Outcome run(const escrow::Call& call, const escrow::Call* before = nullptr);

  const std::vector<HostAccount>& accounts() const { return accounts_; }

 private:
  base::PublicKey program_;
  std::vector<HostAccount> accounts_;
};

// The address of these seeds; the bump is found as clients find it.
struct Address {
  base::PublicKey key;
  std::uint8_t bump = 0;
};
Address find_address(const base::PublicKey& program, const std::vector<base::Bytes>& seeds);

}  // namespace obelisk::program
