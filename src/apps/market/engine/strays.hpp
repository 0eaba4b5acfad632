// Leases of our market on chain that are no quote of ours, or whose nonce was opened again. They
// are never served. Once their deadline or time has passed, anyone may send their money back where
// it belongs: we do, slowly, since each costs a network fee.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "apps/market/engine/chain_view.hpp"
#include "apps/market/engine/settle.hpp"

namespace obelisk::engine {

class Strays {
 public:
  Strays(Settle& settle, const ChainView& view, base::PublicKey market, Log log)
      : settle_(settle), view_(view), market_(market), log_(std::move(log)) {}
  ~Strays();

  void start();
  void stop();
  void found(const base::PublicKey& lease, const escrow::Lease& account);
  // How many may be sent back at once, and how soon another: strangers make strays, we pay the fee.
  static constexpr int kBudget = 20;
  static constexpr base::UnixSeconds kRefillEveryS = 60;
  // What failed is tried again after a moment, and after twice that each time it fails again, up
  // to half an hour.
  static constexpr base::UnixSeconds kAgainAfterS = 2;
  static constexpr int kMostDoublings = 10;
  static constexpr int kLoudTries = 3;
  // Deals with one that is due; false where there was none.
  bool help_one();
  std::size_t count() const;

 private:
  struct Known {
    escrow::Lease account{};
    int tries = 0;
    base::UnixSeconds not_before_s = 0;  // chain time
  };
  void run();
  bool may_spend(base::UnixSeconds now);
  static bool is_due(const escrow::Lease& account, base::UnixSeconds now);

  Settle& settle_;
  const ChainView& view_;
  const base::PublicKey market_;
  const Log log_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::map<base::PublicKey, Known> known_;
  int budget_ = kBudget;
  base::UnixSeconds refilled_s_ = 0;  // chain time
  std::thread thread_;
};

}  // namespace obelisk::engine
