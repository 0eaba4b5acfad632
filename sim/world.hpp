// One simulated world: a market as it is built, over a chain, hosts, renters and a disk that follow
// from a seed. It lives through its trouble, becomes calm, and has to settle. The same seed is the
// same world, event by event. It must never wait, nor read this machine's clock.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "apps/market/engine/lease_engine.hpp"
#include "sim/invariants.hpp"
#include "sim/node.hpp"
#include "sim/renters.hpp"
#include "sim/watch.hpp"

namespace obelisk::sim {

struct Failure {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  base::UnixSeconds at_s = 0;  // since the world began
  std::string promise;
  std::string what;
};

struct Outcome {
  Totals totals;
  std::optional<Failure> failure;
};

class World {
 public:
  // `trace` hears what the market logs and what breaks; empty: nobody does.
  World(std::uint64_t seed, Plant plant, std::function<void(const std::string&)> trace);

  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  Outcome run();

 private:
  struct Market;

  void put_market(Random& random);
  void boot();
  void die(const char* how);
  void pause(int ms);
  template <class Act>
  void guarded(Act act);
  void step();
  void break_things();
  void fork_now();
  void operate();
  std::int64_t how_long();
  bool is_hot() const;
  Look look();
  bool check();
  void fail(std::string promise, std::string what);
  void count_leases();
  void say(const std::string& words);

  const std::uint64_t seed_;
  const std::function<void(const std::string&)> trace_;
  const std::int64_t calm_ms_;
  std::unique_ptr<Stage> stage_;
  std::unique_ptr<SimStore> store_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<Payments> payments_;
  std::unique_ptr<Hosts> hosts_;
  std::unique_ptr<Renters> renters_;
  std::unique_ptr<LedgerBook> ledger_;
  std::unique_ptr<KeySigner> attestor_;
  std::unique_ptr<watch_app::Memory> watch_memory_;
  std::unique_ptr<KeySigner> operator_;
  std::unique_ptr<ports::Subscription> truth_watch_;
  std::unique_ptr<Market> market_;
  base::PublicKey market_address_;
  escrow::MarketTerms terms_{};
  base::PublicKey treasury_;
  Random random_;
  std::optional<std::int64_t> boot_ms_ = 0;
  std::optional<Break> fork_wanted_;
  std::int64_t operate_ms_ = INT64_MAX;
  std::optional<base::UnixSeconds> calm_since_s_;
  bool restarted_at_the_end_ = false;
  bool is_over_ = false;
  std::int64_t polled_ms_ = 0;
  std::uint64_t steps_ = 0;
  std::optional<Failure> failure_;
};

}  // namespace obelisk::sim
