// The index that a market keeps beside its work: its lock, its file, its own way to the nodes, its
// thread. It must never keep a market from starting or from renting.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "apps/market/indexer/index_lock.hpp"
#include "apps/market/indexer/index_thread.hpp"

namespace obelisk::indexer {

struct KeptIndexOptions {
  std::string state_dir;
  // A way of its own: a node that holds the indexer back holds up no payment.
  std::unique_ptr<ports::Chain> chain;
  ports::Clock& clock;
  base::PublicKey program;
  std::function<void(const Health&)> report;
  std::function<void(const std::string&)> log;
  // What stands before the file; empty: nothing.
  std::function<std::unique_ptr<ports::IndexStore>(std::unique_ptr<ports::IndexStore>)> wrap = {};
};

class KeptIndex {
 public:
  // An error: the market goes on without.
  static base::Result<std::unique_ptr<KeptIndex>> start(KeptIndexOptions options);

 private:
  KeptIndex(IndexLock lock, std::unique_ptr<ports::Chain> chain,
            std::unique_ptr<ports::IndexStore> store)
      : lock_(std::move(lock)), chain_(std::move(chain)), store_(std::move(store)) {}

  IndexLock lock_;
  std::unique_ptr<ports::Chain> chain_;
  std::unique_ptr<ports::IndexStore> store_;
  std::unique_ptr<IndexThread> thread_;  // last: everything above outlives it
};

}  // namespace obelisk::indexer
