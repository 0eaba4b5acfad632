// The chain follower: turns what the cluster says into events of leases. Pushes make it quick,
// polls make it complete: subscriptions miss what happens while they are down, and never report a
// close. It must never decide what an account means.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "apps/market/engine/chain_view.hpp"
#include "apps/market/engine/settle.hpp"
#include "core/lease/events.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"

namespace obelisk::engine {

class ChainFollower {
 public:
  struct Parts {
    ports::Chain& chain;
    ports::Clock& clock;
    ChainView& view;
    base::PublicKey program;
    base::PublicKey market;
    std::function<void(const base::PublicKey& lease, lease::Event event)> post;
    std::function<void()> tick;  // chain time moved on
    std::function<std::vector<base::PublicKey>()> live_addresses;
    Log log;
  };

  explicit ChainFollower(Parts parts) : parts_(std::move(parts)) {}
  ~ChainFollower();

  void subscribe();
  void start();
  void stop();
  // One round of asking: time, all leases where a subscription began anew, accounts of live leases.
  void poll_once();

 private:
  void run();
  void on_push(ports::Commitment commitment, const std::optional<ports::ProgramAccount>& pushed,
               std::uint64_t slot);
  bool poll_time();
  bool read_all();
  void poll_accounts();
  void poll_one_by_one(const std::vector<base::PublicKey>& addresses);
  void take(const base::PublicKey& address, const ports::AccountAt& answer);
  bool is_read_all_due();

  Parts parts_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;   // guarded by mutex_
  bool read_all_ = true;  // guarded by mutex_
  bool complained_ = false;
  std::int64_t read_all_ms_ = 0;
  std::unique_ptr<ports::Subscription> processed_;
  std::unique_ptr<ports::Subscription> confirmed_;
  std::thread thread_;
};

}  // namespace obelisk::engine
