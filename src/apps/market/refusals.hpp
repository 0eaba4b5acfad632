// Whom the operator refuses, as the store has it, kept in memory: asked with every quote and every
// search, read again every second, since another process changes it. It must never be asked about a
// lease: what runs is settled by the chain's rules, whoever is refused.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ports/refusal_store.hpp"

namespace obelisk::market_app {

// One more is refused by the verb: each look reads them all.
inline constexpr std::size_t kMaxRefusals = 10'000;

class Refusals {
 public:
  // The store must outlive it.
  explicit Refusals(ports::RefusalStore& store) : store_(store) {}

  struct Changes {
    std::vector<base::PublicKey> refused;
    std::vector<base::PublicKey> lifted;
  };
  // Where the store does not answer, what was known stands.
  base::Result<Changes> refresh();

  bool contains(const base::PublicKey& address) const;

 private:
  using Known = std::map<base::PublicKey, ports::Refusal>;
  std::shared_ptr<const Known> known() const;

  ports::RefusalStore& store_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Known> known_ = std::make_shared<const Known>();  // guarded by mutex_
};

// What a refused renter is told, and a refused host. Why is between the operator and them.
base::Error refused_renter();
base::Error refused_host();

}  // namespace obelisk::market_app
