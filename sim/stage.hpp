// Stage: what all parts of a simulated world share: its clock, its chain, its chances, and what is
// true whatever the market believes. It must never be seen by the market.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "adapters/fake/cluster.hpp"
#include "adapters/fake/fake_clock.hpp"
#include "base/crypto.hpp"
#include "ports/signer.hpp"
#include "sim/plant.hpp"
#include "sim/trouble.hpp"

namespace obelisk::sim {

// The market's process dies: thrown out of a port, caught where the world calls the market.
struct Crash {};

// What really happened to a lease, by address.
struct Truth {
  base::UnixSeconds alive_s = 0;            // a login that really worked, last
  std::vector<base::UnixSeconds> checks_s;  // logins that really saw the cards, before `ready`
  base::UnixSeconds failing_since_s = 0;    // logins really failed since then; 0: the last worked
  base::UnixSeconds given_until_s = 0;      // the newest attestation that left the market
  bool was_active = false;                  // the chain had confirmed `ready` once
};

// A promise that a part saw broken as it happened.
struct Wrong {
  std::string_view promise;
  std::string what;
};

struct Totals {
  std::uint64_t events = 0;  // writes, logins, messages, transactions, breaks
  std::uint64_t served_s = 0;
  std::uint64_t leases = 0;
};

struct Stage {
  Stage(std::uint64_t seed, Plant plant_in, const base::PublicKey& program_in,
        base::UnixSeconds start_s, std::int64_t calm_ms)
      : random(seed),
        plant_random(~seed),
        plant(plant_in),
        program(program_in),
        chain(program_in, start_s),
        trouble(random.split(), calm_ms) {}

  // Time goes on: the chain with it.
  void pass(std::int64_t ms) {
    clock.advance_ms(ms);
    chain.advance_ms(ms);
  }
  std::int64_t now_ms() { return clock.steady_ms(); }
  bool strikes(Ill ill) {
    const std::int64_t bad = trouble.how_bad(ill, now_ms());
    return bad > 0 && random.percent(bad);
  }
  bool is_planted(Plant which) const { return plant == which; }

  Random random;
  Random plant_random;  // for what is planted alone
  const Plant plant;
  const base::PublicKey program;
  fake::FakeClock clock;
  fake::Cluster chain;
  Trouble trouble;
  std::map<base::PublicKey, Truth> truth;
  Totals totals;
  std::vector<Wrong> wrong;
};

class KeySigner final : public ports::Signer {
 public:
  explicit KeySigner(base::Keypair key) : key_(std::move(key)) {}
  const base::PublicKey& public_key() const override { return key_.public_key(); }
  base::Signature sign(base::ByteView message) override { return key_.sign(message); }

 private:
  base::Keypair key_;
};

}  // namespace obelisk::sim
