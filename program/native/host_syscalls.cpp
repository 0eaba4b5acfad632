#include "program/native/host_syscalls.hpp"

#include <cstring>

#include "base/check.hpp"
#include "base/crypto.hpp"
#include "core/escrow/codec.hpp"
#include "program/well_known.hpp"

namespace obelisk::program {
namespace {

// Codes of the System program and the runtime, as far as a test can tell them apart.
constexpr std::uint64_t kAlreadyInUse = 0;
constexpr std::uint64_t kTooLittle = 1;
constexpr std::uint64_t kCustomZero = std::uint64_t{1} << 32;
constexpr std::uint64_t kMissingPrivilege = std::uint64_t{9} << 32;

const CallAccount* find(const CallAccount* accounts, std::uint64_t count, const Key& key) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (escrow::same(*accounts[i].key, key)) return &accounts[i];
  }
  return nullptr;
}

// The address that a program signs for with these seeds, bump included.
bool signs_for(const Seeds& seeds, const Key& key) {
  base::Bytes all;
  for (std::uint64_t i = 0; i < seeds.count; ++i) {
    const auto* first = static_cast<const std::uint8_t*>(seeds.seeds[i].bytes);
    all.insert(all.end(), first, first + seeds.seeds[i].length);
  }
  const auto& program = Running::current()->program.bytes;
  all.insert(all.end(), program.begin(), program.end());
  const auto marker = base::view_of("ProgramDerivedAddress");
  all.insert(all.end(), marker.begin(), marker.end());
  const base::PublicKey address{base::sha256(all).bytes};
  return address == escrow::to_public_key(key) && !base::is_on_curve(address);
}

struct SystemCall {
  base::Reader data;
  const CallAccount* first = nullptr;
  const CallAccount* second = nullptr;
};

std::uint64_t transfer(const SystemCall& call, std::uint64_t lamports) {
  if (call.first->data_length != 0) return kMissingPrivilege;
  if (*call.first->lamports < lamports) return kTooLittle;
  *call.first->lamports -= lamports;
  *call.second->lamports += lamports;
  return 0;
}

void set_data_length(const CallAccount& account, std::uint64_t length) {
  CHECK(length <= kGrowthBytes);
  std::memset(account.data, 0, length);
  std::memcpy(account.data - sizeof length, &length, sizeof length);
}

void set_owner(const CallAccount& account, const std::array<std::uint8_t, 32>& owner) {
  std::memcpy(const_cast<Key*>(account.owner), owner.data(), owner.size());
}

bool is_vacant(const CallAccount& account) {
  std::uint64_t length = 0;
  std::memcpy(&length, account.data - sizeof length, sizeof length);
  return length == 0 && escrow::same(*account.owner, kSystemProgram);
}

std::uint64_t create(SystemCall& call) {
  const std::uint64_t lamports = call.data.u64();
  const std::uint64_t space = call.data.u64();
  const auto owner = call.data.array<32>();
  if (*call.second->lamports != 0 || !is_vacant(*call.second)) return kCustomZero + kAlreadyInUse;
  if (const std::uint64_t failed = transfer(call, lamports)) return failed;
  set_data_length(*call.second, space);
  set_owner(*call.second, owner);
  return 0;
}

std::uint64_t run_system(SystemCall& call) {
  switch (call.data.u32()) {
    case 0: return create(call);
    case 1: set_owner(*call.first, call.data.array<32>()); return 0;
    case 2: return transfer(call, call.data.u64());
    case 8:
      if (!is_vacant(*call.first)) return kCustomZero + kAlreadyInUse;
      set_data_length(*call.first, call.data.u64());
      return 0;
    default: return kMissingPrivilege;
  }
}

}  // namespace

Running*& Running::current() {
  thread_local Running* running = nullptr;
  return running;
}

extern "C" {

std::uint64_t sol_get_sysvar(const Key* sysvar, void* out, std::uint64_t offset,
                             std::uint64_t length) {
  CHECK(escrow::same(*sysvar, kClockSysvar));
  const Running& running = *Running::current();
  const std::uint64_t clock[5] = {running.slot, 0, 0, 0, static_cast<std::uint64_t>(running.now)};
  CHECK(offset + length <= sizeof clock);
  std::memcpy(out, reinterpret_cast<const std::uint8_t*>(clock) + offset, length);
  return 0;
}

void sol_log_data(const Slice* slices, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto* first = static_cast<const std::uint8_t*>(slices[i].bytes);
    Running::current()->events.emplace_back(first, first + slices[i].length);
  }
}

std::uint64_t sol_invoke_signed_c(const Call* call, const CallAccount* accounts,
                                  std::uint64_t account_count, const Seeds* signers,
                                  std::uint64_t signer_count) {
  CHECK(escrow::same(*call->program, kSystemProgram));
  CHECK(call->account_count >= 1 && call->account_count <= 2);
  const CallAccount* found[2] = {};
  for (std::uint64_t i = 0; i < call->account_count; ++i) {
    const CallMeta& meta = call->accounts[i];
    found[i] = find(accounts, account_count, *meta.key);
    if (found[i] == nullptr) return kMissingPrivilege;
    bool may_sign = found[i]->is_signer;
    for (std::uint64_t s = 0; s < signer_count; ++s) {
      may_sign = may_sign || signs_for(signers[s], *meta.key);
    }
    if (meta.is_signer && !may_sign) return kMissingPrivilege;
    if (meta.is_writable && !found[i]->is_writable) return kMissingPrivilege;
  }
  SystemCall system = {base::Reader({call->data, call->data_length}), found[0], found[1]};
  return run_system(system);
}

}  // extern "C"

}  // namespace obelisk::program
