// The attestor's keys: the one that the Market account names now, and older ones, since a lease
// keeps the key that it was opened with. Each lease is attested by its own. It must never sign for
// a lease with another key than the lease names: the program would refuse it, and the host not be
// paid.
#pragma once

#include <algorithm>
#include <vector>

#include "base/check.hpp"
#include "ports/attestor.hpp"

namespace obelisk::engine {

class Attestors {
 public:
  // They must outlive it.
  Attestors(ports::Attestor& only) : keys_{&only} {}
  explicit Attestors(std::vector<ports::Attestor*> keys) : keys_(std::move(keys)) {
    CHECK(!keys_.empty());
  }

  // Null where that key is not here.
  ports::Attestor* find(const base::PublicKey& key) const {
    const auto at = std::ranges::find_if(
        keys_, [&](const ports::Attestor* one) { return one->public_key() == key; });
    return at == keys_.end() ? nullptr : *at;
  }
  // The one that sends what anybody may send.
  ports::Attestor& first() const { return *keys_.front(); }

 private:
  std::vector<ports::Attestor*> keys_;
};

}  // namespace obelisk::engine
