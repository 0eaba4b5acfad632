#include "program/differential/cast.hpp"

#include "base/check.hpp"
#include "core/escrow/codec.hpp"
#include "program/differential/model.hpp"

namespace obelisk::differential {
namespace {

using base::PublicKey;

constexpr std::uint64_t kSol = 1'000'000'000;
// More than the largest lease costs.
constexpr std::uint64_t kRich = 50'000'000 * kSol;

PublicKey random_key(Random& random) {
  base::Writer out;
  for (int i = 0; i < 4; ++i) out.u64(random.next());
  return *PublicKey::from(out.bytes());
}

// The first bump that gives an address, as clients look for it, or the one after it: the program
// takes any.
template <std::size_t N>
Address find(const PublicKey& program, const std::array<base::Bytes, N>& seeds, int skip) {
  for (int bump = 255; bump >= 0; --bump) {
    const auto at = static_cast<std::uint8_t>(bump);
    const auto key = address_of(program, {seeds.begin(), seeds.end()}, at);
    if (key && skip-- == 0) return {*key, at};
  }
  CHECK(false);
  return {};
}

std::uint64_t rent_of(std::size_t size) {
  return (escrow::kAccountOverheadBytes + size) * escrow::kHighestRentPerByte;
}

}  // namespace

Cast::Cast(const PublicKey& program, std::uint64_t seed) : program_(program) {
  Random random(seed, 0xca57);
  stranger = add_signer(random);
  for (int i = 0; i < 2; ++i) {
    operators.push_back(random_key(random));
    treasuries.push_back(random_key(random));
    attestors.push_back(add_signer(random));
    renters.push_back(add_signer(random));
    hosts.push_back(add_signer(random));
  }
  for (const PublicKey& key : operators) {
    const auto seeds = escrow::market_seeds(key);
    markets.push_back({key, find(program, seeds, random.percent(10) ? 1 : 0)});
  }
  const std::uint64_t nonce = random.percent(20) ? random.next() : random.below(1000);
  for (const auto& [renter, number] :
       {std::pair{renters[0], nonce}, {renters[0], nonce + 1}, {renters[1], nonce}}) {
    const auto seeds = escrow::lease_seeds(renter, number);
    leases.push_back({renter, number, find(program, seeds, random.percent(10) ? 1 : 0)});
  }
  for (PublicKey* junk : {&forged_lease, &forged_market, &blank_lease, &blank_market, &blank}) {
    *junk = random_key(random);
  }
  everyone = {stranger, forged_lease, forged_market, blank_lease, blank_market, blank};
  for (const auto* group : {&operators, &treasuries, &attestors, &renters, &hosts}) {
    everyone.insert(everyone.end(), group->begin(), group->end());
  }
  for (const MarketSeat& seat : markets) everyone.push_back(seat.address.key);
  for (const LeaseSeat& seat : leases) everyone.push_back(seat.address.key);
}

PublicKey Cast::add_signer(Random& random) {
  keypairs_.push_back(base::Keypair::from_seed(random_key(random).bytes));
  return keypairs_.back().public_key();
}

const base::Keypair& Cast::keypair_of(const PublicKey& key) const {
  for (const base::Keypair& pair : keypairs_) {
    if (pair.public_key() == key) return pair;
  }
  return keypairs_.front();
}

// Wallets sign; nobody has the key of a program's address, and junk is no party.
bool Cast::can_sign(const PublicKey& key) const {
  for (const auto* group : {&operators, &treasuries, &attestors, &renters, &hosts}) {
    for (const PublicKey& one : *group) {
      if (one == key) return true;
    }
  }
  return key == stranger;
}

void Cast::enter(Ledger& ledger, Random& random) const {
  for (const PublicKey& key : everyone) ledger.edit(key) = {};
  for (const auto* group : {&operators, &treasuries, &attestors, &renters, &hosts}) {
    for (const PublicKey& key : *group) ledger.edit(key).lamports = kSol;
  }
  ledger.edit(stranger).lamports = kRich;
  for (const PublicKey& key : renters) {
    const bool modest = random.percent(8);
    ledger.edit(key).lamports = modest ? 4'000'000 + random.below(4'000'000) : kRich;
  }
  for (const PublicKey& key : hosts) {
    if (random.percent(5)) ledger.edit(key).lamports = 0;
  }
  for (const PublicKey& key : treasuries) {
    if (random.percent(4)) ledger.edit(key).lamports = 0;
  }
  if (random.percent(15)) {
    ledger.edit(operators[1]).lamports = escrow::kMarketRentLamports + random.below(2) * 5000 - 1;
  }

  escrow::Lease lease{};
  lease.kind = escrow::kLeaseKind;
  lease.version = escrow::kVersion;
  lease.state =
      random.one_of({escrow::State::funded, escrow::State::active, escrow::State::closing});
  lease.renter = escrow::to_key(renters[0]);
  lease.host = escrow::to_key(hosts[0]);
  lease.treasury = escrow::to_key(treasuries[0]);
  lease.attestor = escrow::to_key(attestors[0]);
  escrow::Market market{};
  market.kind = escrow::kMarketKind;
  market.version = escrow::kVersion;
  market.rev = 1;
  market.operator_key = escrow::to_key(operators[0]);
  market.treasury = escrow::to_key(stranger);
  market.attestor = escrow::to_key(attestors[0]);
  const PublicKey foreign = random_key(random);
  ledger.edit(forged_lease) = {foreign, kSol, escrow::encode_lease(lease)};
  ledger.edit(forged_market) = {foreign, kSol, escrow::encode_market(market)};
  ledger.edit(blank_lease) = {program_, rent_of(296), base::Bytes(296)};
  ledger.edit(blank_market) = {program_, rent_of(128), base::Bytes(128)};
  ledger.edit(blank) = {program_, rent_of(0), {}};
}

}  // namespace obelisk::differential
