// A program that calls another: for tests of what the lease program does when a program, and not a
// transaction, calls it. Account 0 is whom to call, the rest go along. Data: u8 what it tries, u8
// index of the account it tries it on, u8 bump of its own address, and then the data to pass on.
#include "program/syscalls.hpp"

namespace {

using obelisk::program::Call;
using obelisk::program::CallAccount;
using obelisk::program::CallMeta;
using obelisk::program::Key;
using obelisk::program::Seeds;
using obelisk::program::Slice;

constexpr uint8_t kSignByOwnAddress = 1;  // with the seeds that make the address its own
constexpr uint8_t kClaimSignature = 2;    // says that the account signs, with nothing to show
constexpr uint8_t kDropSignatures = 4;
constexpr uint8_t kCallTwice = 8;
constexpr uint8_t kLogFirst = 16;  // logs the data to pass on, as if it were an event

constexpr uint64_t kMostAccounts = 8;
constexpr uint64_t kHeader = 3;

struct Account {
  uint8_t duplicate_of;
  uint8_t is_signer;
  uint8_t is_writable;
  uint8_t executable;
  uint32_t spare;
  Key key;
  Key owner;
  uint64_t lamports;
  uint64_t data_length;
};

struct Passed {
  Key* program = nullptr;
  CallAccount accounts[kMostAccounts];
  CallMeta metas[kMostAccounts];
  uint64_t count = 0;
  const uint8_t* data = nullptr;
  uint64_t data_length = 0;
};

void pass(Account* account, Passed& out) {
  auto* data = reinterpret_cast<uint8_t*>(account + 1);
  out.accounts[out.count] = {&account->key,           &account->lamports,
                             account->data_length,    data,
                             &account->owner,         ~uint64_t{0},
                             account->is_signer != 0, account->is_writable != 0,
                             account->executable != 0};
  out.metas[out.count] = {&account->key, account->is_writable != 0, account->is_signer != 0};
  ++out.count;
}

// Every account of a test is a different one.
bool parse(uint8_t* region, Passed& out) {
  const uint64_t count = *reinterpret_cast<const uint64_t*>(region);
  if (count == 0 || count > kMostAccounts) return false;
  uint8_t* at = region + 8;
  for (uint64_t i = 0; i < count; ++i) {
    auto* account = reinterpret_cast<Account*>(at);
    if (account->duplicate_of != 255) return false;
    if (i == 0) out.program = &account->key;
    if (i != 0) pass(account, out);
    at += (sizeof(Account) + account->data_length + 10'240 + 7 + 8) & ~uint64_t{7};
  }
  out.data_length = *reinterpret_cast<const uint64_t*>(at);
  out.data = at + 8;
  return out.data_length > kHeader;
}

}  // namespace

extern "C" uint64_t entrypoint(uint8_t* region) {
  Passed passed;
  if (!parse(region, passed)) return 1;
  const uint8_t what = passed.data[0];
  const uint8_t which = passed.data[1];
  if (which >= passed.count) return 2;
  const Slice seeds[2] = {{"caller", 6}, {&passed.data[2], 1}};
  const Seeds signer = {seeds, 2};
  const Slice rest = {passed.data + kHeader, passed.data_length - kHeader};
  if ((what & kLogFirst) != 0) sol_log_data(&rest, 1);
  for (uint64_t i = 0; i < passed.count; ++i) {
    if ((what & kDropSignatures) != 0) passed.metas[i].is_signer = false;
  }
  if ((what & (kSignByOwnAddress | kClaimSignature)) != 0) passed.metas[which].is_signer = true;
  const Call call = {passed.program, passed.metas, passed.count, passed.data + kHeader,
                     passed.data_length - kHeader};
  const uint64_t signers = (what & kSignByOwnAddress) != 0 ? 1 : 0;
  for (int turn = 0; turn < ((what & kCallTwice) != 0 ? 2 : 1); ++turn) {
    if (const uint64_t failed =
            sol_invoke_signed_c(&call, passed.accounts, passed.count, &signer, signers)) {
      return failed;
    }
  }
  return 0;
}
