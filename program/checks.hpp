// The checks that stand before every instruction, in the order of the error codes: shape, flags,
// programs, owners, kinds. The first that fails is what the caller gets.
#pragma once

#include "core/escrow/layout.hpp"
#include "program/input.hpp"
#include "program/memory.hpp"
#include "program/well_known.hpp"

namespace obelisk::program {

inline Error check_shape(const Input& input, uint64_t data_length, uint64_t account_count) {
  if (input.data_length != data_length) return Error::bad_data;
  if (input.account_count == account_count) return Error::none;
  return input.account_count == (account_count | kDuplicate) ? Error::duplicate_account
                                                             : Error::bad_count;
}

inline bool is_ours(const Input& input, const Account& account) {
  return key_at_is(input.program, account.owner);
}

inline Error find_market(const Input& input, Account& account, escrow::Market*& market) {
  if (!is_ours(input, account)) return Error::wrong_owner;
  if (account.data_length != sizeof(escrow::Market)) return Error::wrong_kind;
  market = reinterpret_cast<escrow::Market*>(account.data());
  if (market->kind != escrow::kMarketKind || market->version != escrow::kVersion) {
    return Error::wrong_kind;
  }
  return Error::none;
}

inline Error find_lease(const Input& input, Account& account, escrow::Lease*& lease) {
  if (!is_ours(input, account)) return Error::wrong_owner;
  if (account.data_length != sizeof(escrow::Lease)) return Error::wrong_kind;
  lease = reinterpret_cast<escrow::Lease*>(account.data());
  // Kind and version in one read.
  constexpr uint16_t kBoth = escrow::kLeaseKind | escrow::kVersion << 8;
  if (*reinterpret_cast<const uint16_t*>(account.data()) != kBoth) return Error::wrong_kind;
  return Error::none;
}

// An address that nobody has made an account at; lamports may lie there already.
inline bool is_vacant(const Account& account) {
  return escrow::same(account.owner, kSystemProgram) && account.data_length == 0;
}

}  // namespace obelisk::program
