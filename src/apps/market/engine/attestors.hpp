// The attestor's keys: the one that the Market account names now, and older ones, since a lease
// keeps the key that it was opened with. Each lease is attested by its own. It must never sign for
// a lease with another key than the lease names: the program would refuse it, and the host not be
// paid.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "base/check.hpp"
#include "ports/signer.hpp"

namespace obelisk::engine {

class Attestors {
 public:
  // The signers must outlive it.
  Attestors(ports::Signer& only) : signers_{&only} {}
  explicit Attestors(std::vector<ports::Signer*> signers) : signers_(std::move(signers)) {
    CHECK(!signers_.empty());
  }

  // Null where that key is not here.
  ports::Signer* find(const base::PublicKey& key) const {
    const auto at = std::ranges::find_if(
        signers_, [&](const ports::Signer* signer) { return signer->public_key() == key; });
    return at == signers_.end() ? nullptr : *at;
  }
  bool any(const std::function<bool(const base::PublicKey&)>& is_it) const {
    return std::ranges::any_of(
        signers_, [&](const ports::Signer* signer) { return is_it(signer->public_key()); });
  }
  // The one that sends what anybody may send.
  ports::Signer& first() const { return *signers_.front(); }

 private:
  std::vector<ports::Signer*> signers_;
};

}  // namespace obelisk::engine
