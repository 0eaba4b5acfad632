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
  // Deals with one that is due; false where there was none.
  bool help_one();
  std::size_t count() const;

 private:
  void run();
  static bool is_due(const escrow::Lease& account, base::UnixSeconds now);

  Settle& settle_;
  const ChainView& view_;
  const base::PublicKey market_;
  const Log log_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::map<base::PublicKey, escrow::Lease> known_;
  std::thread thread_;
};

}  // namespace obelisk::engine
