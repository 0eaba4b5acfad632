// What the runtime hands to the program: the accounts of the instruction, its data and our own
// address, read in place. Nothing is copied, so what is written to an account is what the chain
// keeps. An Account must never be used before the checks of checks.hpp have passed.
#pragma once

#include "core/escrow/errors.hpp"
#include "core/escrow/instruction_set.hpp"
#include "core/escrow/key.hpp"

namespace obelisk::program {

using escrow::Error;
using escrow::Key;

// One account as it lies in the input region; `data_length` bytes of data follow.
struct Account {
  uint8_t duplicate_of;  // 255: not met before
  uint8_t is_signer;
  uint8_t is_writable;
  uint8_t executable;
  uint32_t spare;
  Key key;
  Key owner;
  uint64_t lamports;
  uint64_t data_length;

  uint8_t* data() { return reinterpret_cast<uint8_t*>(this + 1); }
};
static_assert(sizeof(Account) == 88 && offsetof(Account, key) == 8);
static_assert(offsetof(Account, owner) == 40 && offsetof(Account, lamports) == 72);
static_assert(offsetof(Account, data_length) == 80);

struct Input {
  Account* accounts[escrow::kMaxAccounts];
  uint64_t account_count;  // plus kDuplicate, when an account stands in it twice
  const uint8_t* data;
  uint64_t data_length;
  const uint8_t* program;  // 32 bytes, not aligned
};

inline constexpr uint64_t kGrowthBytes = 10'240;  // the runtime leaves them after each account
inline constexpr uint8_t kFirstSeen = 255;
// One comparison then tells that count and accounts are right, which they nearly always are.
inline constexpr uint64_t kDuplicate = uint64_t{1} << 63;

inline void parse(uint8_t* region, Input& input) {
  const uint64_t count = *reinterpret_cast<const uint64_t*>(region);
  uint8_t* at = region + 8;
  input.account_count = count;
  for (uint64_t i = 0; i < count; ++i) {
    if (*at != kFirstSeen) {
      input.account_count = count | kDuplicate;
      at += 8;
      continue;
    }
    Account* account = reinterpret_cast<Account*>(at);
    if (i < escrow::kMaxAccounts) input.accounts[i] = account;
    // The data is padded to 8 bytes, and 8 bytes of rent epoch follow it.
    constexpr uint64_t kBeside = sizeof(Account) + kGrowthBytes + 7 + 8;
    at += (account->data_length + kBeside) & ~uint64_t{7};
  }
  input.data_length = *reinterpret_cast<const uint64_t*>(at);
  input.data = at + 8;
  input.program = input.data + input.data_length;
}

}  // namespace obelisk::program
