// libFuzzer: a sequence of instructions on one lease's address with time, accounts, flags and data
// bent by the input, in the program and in the model; see both.hpp for what must hold after each.
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "core/escrow/bounds.hpp"
#include "program/fuzz/both.hpp"

namespace obelisk::program {
namespace {

struct Input {
  const std::uint8_t* at;
  std::size_t left;

  std::uint8_t byte() {
    if (left == 0) return 0;
    --left;
    return *at++;
  }
};

// Where the edges are: the deadline, the gap limit, the end and the window, and a little beside.
std::int64_t seconds_of(Input& input) {
  constexpr std::int64_t kSteps[] = {0,    1,    7,    60,   61,     179,    180,    181,
                                     3599, 3600, 3601, 7200, 21'600, 21'601, 86'400, 600};
  return kSteps[input.byte() % std::size(kSteps)];
}

escrow::MarketTerms terms_of(const World& world, Input& input) {
  escrow::MarketTerms terms = world.terms();
  terms.paused = input.byte() % 8 == 0 ? 1 : 0;
  terms.fee_bps = static_cast<std::uint16_t>(input.byte() * 5);
  terms.ready_deadline_s = 20 + input.byte() * 3u;
  terms.gap_limit_s = 50 + input.byte() * 3u;
  terms.claim_window_s = 500 + input.byte() * 512u;
  return terms;
}

escrow::Open purchase_of(const Both& both, Input& input) {
  constexpr std::uint64_t kRates[] = {
      1, 3599, 3600, 9'200'000, 88'000'000, escrow::kMaxRate, escrow::kMaxRate + 1, 0};
  escrow::Open open = both.world().purchase();
  open.expires_at = both.now() - input.byte() % 2;
  open.rate_lamports_per_hour = kRates[input.byte() % std::size(kRates)];
  open.seconds = 59 + input.byte() * 40u;
  open.max_seconds = open.seconds + input.byte() * 60u - 1;
  open.market_rev = 1 + input.byte() % 4;
  return open;
}

escrow::Call base_call(const Both& both, Input& input) {
  const World& world = both.world();
  auto parties = world.parties();
  const auto open = both.lease();
  if (open) parties = escrow::accounts_of(world.lease.key, *open);
  switch (input.byte() % 12) {
    case 0: return world.create_market();
    case 1:
      return escrow::encode_update_market(world.program, {world.operator_key, world.market.key,
                                                          world.treasury, terms_of(world, input)});
    case 2: return escrow::encode_open(world.program, world.purchase());
    case 3: return escrow::encode_open(world.program, purchase_of(both, input));
    case 4:
      return escrow::encode_ready(world.program, parties, open ? open->opened_slot : input.byte());
    case 5: return escrow::encode_cancel(world.program, parties, input.byte() % 2 == 0);
    case 6:
      return escrow::encode_extend(world.program, parties,
                                   (open ? open->seconds : 0) + input.byte() * 16u);
    case 7: return escrow::encode_finish(world.program, parties);
    case 8:
    case 9: return escrow::encode_claim(world.program, parties);
    default:
      return escrow::encode_stop(world.program, parties,
                                 static_cast<escrow::StopHow>(input.byte() % 4));
  }
}

// What a call was made as; bent data may not say.
differential::Row row_of(const escrow::Call& call) {
  using differential::Row;
  constexpr Row kRows[] = {Row::create_market, Row::update_market, Row::open,
                           Row::ready,         Row::cancel_anyone, Row::extend,
                           Row::claim,         Row::stop_served,   Row::finish};
  constexpr Row kStops[] = {Row::stop_served, Row::stop_disputed, Row::stop_waived, Row::stop_dark};
  const Row row = kRows[call.data[0]];
  return row == Row::stop_served ? kStops[call.data[1]] : row;
}

// Bends the call a little: another account, other flags, other data, more or fewer of them.
void bend(const World& world, escrow::Call& call, Input& input) {
  const base::PublicKey keys[] = {world.renter,       world.host_wallet, world.treasury,
                                  world.attestor,     world.lease.key,   world.market.key,
                                  world.operator_key, key_of(99)};
  const std::size_t which = input.byte();
  const std::uint8_t how = input.byte();
  if (call.accounts.empty() || call.data.empty()) return;
  escrow::CallAccount& account = call.accounts[which % call.accounts.size()];
  switch (how % 6) {
    case 0: account.key = keys[input.byte() % std::size(keys)]; break;
    case 1: account.is_signer = !account.is_signer; break;
    case 2: account.is_writable = !account.is_writable; break;
    case 3: call.data[which % call.data.size()] = input.byte(); break;
    case 4: call.data.resize(which % 80); break;
    default: call.accounts.resize(which % 7); break;
  }
}

// The runtime knows one signer and one writable flag a key, whatever place it stands in, and its
// own accounts are never writable.
void merge_flags(escrow::Call& call) {
  for (escrow::CallAccount& a : call.accounts) {
    for (const escrow::CallAccount& b : call.accounts) {
      if (a.key == b.key) {
        a.is_signer = a.is_signer || b.is_signer;
        a.is_writable = a.is_writable || b.is_writable;
      }
    }
    const bool reserved =
        a.key == escrow::system_program() || a.key == escrow::instructions_sysvar();
    if (reserved) a.is_writable = false;
  }
}

void move_wealth(Both& both, Input& input) {
  const World& world = both.world();
  const base::PublicKey wallets[] = {world.renter, world.host_wallet, world.treasury,
                                     world.operator_key};
  constexpr std::uint64_t kAmounts[] = {0, 890'880, 5'000'000, World::kRich};
  const base::PublicKey& wallet = wallets[input.byte() % std::size(wallets)];
  both.set_lamports(wallet, kAmounts[input.byte() % std::size(kAmounts)]);
}

escrow::Call proof_of(const Both& both, Input& input) {
  const World& world = both.world();
  const auto open = both.lease();
  const std::int64_t alive_until = both.now() - seconds_of(input) + input.byte() % 2;
  const std::uint64_t slot = (open ? open->opened_slot : 0) + (input.byte() % 16 == 0 ? 1 : 0);
  const auto message =
      escrow::encode_attestation({world.program, world.lease.key, slot, alive_until});
  const std::uint8_t who = input.byte() % 8;
  const base::PublicKey& by = who == 0   ? world.host_wallet
                              : who <= 2 ? world.renter
                                         : world.attestor;
  escrow::Call proof = escrow::encode_ed25519(by, {}, message);
  if (input.byte() % 16 == 0) proof.data[input.byte() % proof.data.size()] ^= input.byte();
  return proof;
}

}  // namespace
}  // namespace obelisk::program

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk::program;
  Input input{data, size};
  Both both;
  while (input.left != 0) {
    const std::uint8_t mood = input.byte();
    both.pass(seconds_of(input), mood % 2);
    if (mood % 32 == 31) move_wealth(both, input);
    obelisk::escrow::Call call = base_call(both, input);
    const auto row = row_of(call);
    const int bends = mood % 8 == 7 ? 1 + mood % 3 : 0;
    for (int i = 0; i < bends; ++i) bend(both.world(), call, input);
    merge_flags(call);
    const obelisk::escrow::Call proof = proof_of(both, input);
    both.run(call, row, mood % 16 == 15 ? nullptr : &proof);
    if (mood % 4 == 0) both.everybody_gets_out();
  }
  return 0;
}
