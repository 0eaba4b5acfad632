// libFuzzer: a sequence of instructions with accounts, flags and data bent by the input. Whatever
// comes, the program keeps the chain's rules, pays only the lease's own parties, and leaves an open
// lease with its bond.
#include <cstdlib>

#include "program/native/world.hpp"

namespace {

using namespace obelisk;
using program::HostAccount;
using program::World;

struct Input {
  const std::uint8_t* at;
  std::size_t left;

  std::uint8_t byte() {
    if (left == 0) return 0;
    --left;
    return *at++;
  }
  std::uint64_t word() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
  }
};

escrow::Call base_call(const World& world, Input& input) {
  const auto parties = world.parties();
  switch (input.byte() % 9) {
    case 0: return world.create_market();
    case 1:
      return escrow::encode_update_market(
          world.program, {world.operator_key, world.market.key, world.treasury, world.terms()});
    case 2: return escrow::encode_open(world.program, world.purchase());
    case 3: return escrow::encode_ready(world.program, parties, world.host.slot);
    case 4: return escrow::encode_cancel(world.program, parties, input.byte() % 2 == 0);
    case 5: return escrow::encode_extend(world.program, parties, 3600 + input.byte() * 16u);
    case 6: return escrow::encode_claim(world.program, parties);
    case 7:
      return escrow::encode_stop(world.program, parties,
                                 static_cast<escrow::StopHow>(input.byte() % 4));
    default: return escrow::encode_finish(world.program, parties);
  }
}

// Bends the call a little: another account, other flags, other data, more or fewer of them.
void bend(const World& world, escrow::Call& call, Input& input) {
  const base::PublicKey keys[] = {world.renter,       world.host_wallet, world.treasury,
                                  world.attestor,     world.lease.key,   world.market.key,
                                  program::key_of(99)};
  const std::size_t which = input.byte();
  switch (input.byte() % 6) {
    case 0:
      if (!call.accounts.empty()) {
        call.accounts[which % call.accounts.size()].key = keys[input.byte() % std::size(keys)];
      }
      break;
    case 1:
      if (!call.accounts.empty()) {
        call.accounts[which % call.accounts.size()].is_signer = input.byte() % 2 != 0;
      }
      break;
    case 2:
      if (!call.accounts.empty()) {
        call.accounts[which % call.accounts.size()].is_writable = input.byte() % 2 != 0;
      }
      break;
    case 3:
      if (!call.data.empty()) call.data[which % call.data.size()] = input.byte();
      break;
    case 4: call.data.resize(which % 80); break;
    default: call.accounts.resize(which % 7); break;
  }
}

// The runtime knows one signer and one writable flag a key, whatever place it stands in.
void merge_flags(escrow::Call& call) {
  for (escrow::CallAccount& a : call.accounts) {
    for (const escrow::CallAccount& b : call.accounts) {
      if (a.key == b.key) {
        a.is_signer = a.is_signer || b.is_signer;
        a.is_writable = a.is_writable || b.is_writable;
      }
    }
  }
}

std::uint64_t total(const World& world) {
  std::uint64_t sum = 0;
  for (const HostAccount& account : world.host.accounts()) sum += account.lamports;
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input{data, size};
  World world;
  if (world.host.run(world.create_market()).code != 0) std::abort();
  if (world.host.run(escrow::encode_open(world.program, world.purchase())).code != 0) std::abort();
  const std::uint64_t sum = total(world);
  const std::uint64_t operator_lamports = world.host.at(world.operator_key).lamports;
  while (input.left != 0) {
    world.host.now += static_cast<std::int64_t>(input.byte()) * (input.byte() % 64);
    world.host.slot += input.byte() % 2;
    escrow::Call call = base_call(world, input);
    const std::uint8_t bends = input.byte() % 4;
    for (std::uint8_t i = 1; i < bends; ++i) bend(world, call, input);
    merge_flags(call);
    escrow::Call proof = world.proof(world.host.now - input.byte(),
                                     input.byte() % 4 == 0 ? world.renter : world.attestor);
    if (input.byte() % 8 == 0) proof.data[input.byte() % proof.data.size()] ^= input.byte();
    const bool has_proof = input.byte() % 8 != 0;
    const auto outcome = world.host.run(call, has_proof ? &proof : nullptr);
    if (!outcome.violation.empty()) std::abort();
    if (total(world) != sum) std::abort();
    const HostAccount& lease = world.host.at(world.lease.key);
    if (lease.owner == world.program && lease.lamports < escrow::kBondLamports) std::abort();
    if (world.host.at(world.operator_key).lamports > operator_lamports) std::abort();
  }
  return 0;
}
