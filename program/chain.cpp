#include "program/chain.hpp"

#include "program/memory.hpp"
#include "program/well_known.hpp"

namespace obelisk::program {
namespace {

constexpr uint32_t kCreate = 0;
constexpr uint32_t kAssign = 1;
constexpr uint32_t kTransfer = 2;
constexpr uint32_t kAllocate = 8;

// The System program's data is a u32 and then words: starting 4 bytes in keeps the words aligned.
struct SystemCall {
  uint32_t unused;
  uint32_t tag;
  uint64_t first;
  uint64_t second;
  Key owner;
};

constexpr uint64_t kCreateLength = 52;
constexpr uint64_t kTransferLength = 12;
constexpr uint64_t kAllocateLength = 12;
constexpr uint64_t kAssignLength = 36;

void describe(Account& account, CallAccount& out) {
  out.key = &account.key;
  out.lamports = &account.lamports;
  out.data_length = account.data_length;
  out.data = account.data();
  out.owner = &account.owner;
  out.rent_epoch = ~uint64_t{0};
  out.is_signer = account.is_signer != 0;
  out.is_writable = account.is_writable != 0;
  out.executable = account.executable != 0;
}

const uint8_t* data_of(const SystemCall& call) {
  return reinterpret_cast<const uint8_t*>(&call.tag);
}

uint64_t make_over_prefunded(const Input& input, const Creation& creation,
                             const CallAccount* accounts, SystemCall& data) {
  const CallMeta from_to[2] = {{&creation.payer->key, true, true},
                               {&creation.account->key, true, false}};
  const CallMeta itself[1] = {{&creation.account->key, true, true}};
  Call call = {&kSystemProgram, from_to, 2, data_of(data), kTransferLength};
  data.tag = kTransfer;
  data.first = creation.lamports;
  if (uint64_t failed = sol_invoke_signed_c(&call, accounts, 2, nullptr, 0)) return failed;
  call = {&kSystemProgram, itself, 1, data_of(data), kAllocateLength};
  data.tag = kAllocate;
  data.first = creation.space;
  if (uint64_t failed = sol_invoke_signed_c(&call, accounts, 2, &creation.seeds, 1)) return failed;
  // Assign has its key directly after the tag.
  load_key(input.program, *reinterpret_cast<Key*>(&data.first));
  data.tag = kAssign;
  call.data_length = kAssignLength;
  return sol_invoke_signed_c(&call, accounts, 2, &creation.seeds, 1);
}

}  // namespace

// Always inlined, here and elsewhere in the program, is what costs more as a call: the VM has few
// registers, and what the caller holds in them goes to memory and back. Each was measured.
[[gnu::always_inline]] void read_clock(escrow::Moment& moment) {
  // slot, start of the epoch, epoch, epoch of the leader schedule, unix time
  uint64_t clock[5];
  sol_get_sysvar(&kClockSysvar, clock, 0, sizeof clock);
  moment.slot = clock[0];
  moment.now = static_cast<int64_t>(clock[4]);
}

uint64_t create_account(const Input& input, const Creation& creation) {
  CallAccount accounts[2];
  describe(*creation.payer, accounts[0]);
  describe(*creation.account, accounts[1]);
  SystemCall data;
  if (creation.account->lamports != 0) {
    return make_over_prefunded(input, creation, accounts, data);
  }
  data.tag = kCreate;
  data.first = creation.lamports;
  data.second = creation.space;
  load_key(input.program, data.owner);
  const CallMeta metas[2] = {{&creation.payer->key, true, true},
                             {&creation.account->key, true, true}};
  const Call call = {&kSystemProgram, metas, 2, data_of(data), kCreateLength};
  return sol_invoke_signed_c(&call, accounts, 2, &creation.seeds, 1);
}

[[gnu::always_inline]] uint64_t transfer(Account& payer, Account& to, uint64_t lamports) {
  CallAccount accounts[2];
  describe(payer, accounts[0]);
  describe(to, accounts[1]);
  SystemCall data;
  data.tag = kTransfer;
  data.first = lamports;
  const CallMeta metas[2] = {{&payer.key, true, true}, {&to.key, true, false}};
  const Call call = {&kSystemProgram, metas, 2, data_of(data), kTransferLength};
  return sol_invoke_signed_c(&call, accounts, 2, nullptr, 0);
}

[[gnu::always_inline]] void log_event(escrow::Tag tag, const Account& account,
                                      const escrow::Lease& lease,
                                      const escrow::Payments& payments) {
  // The four small fields at the front, as the one word they are.
  const uint64_t head = escrow::kEventMagic | static_cast<uint64_t>(tag) << 32 |
                        static_cast<uint64_t>(lease.state) << 40;
  escrow::Event event;
  __builtin_memcpy(&event, &head, sizeof head);
  event.lease = account.key;
  event.to_host = payments.to_host;
  event.to_treasury = payments.to_treasury;
  event.to_renter = payments.to_renter;
  event.proven_until = lease.proven_until;
  event.stopped_at = lease.stopped_at;
  const Slice slice = {&event, sizeof event};
  sol_log_data(&slice, 1);
}

}  // namespace obelisk::program
