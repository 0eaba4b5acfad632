// RefusalStore: the addresses that the operator does no new business with. It must never be asked
// about a lease: what runs is settled by the chain's rules, whoever is on this list. Calls block
// and may come from any thread.
#pragma once

#include <string>
#include <vector>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::ports {

struct Refusal {
  base::PublicKey address;
  base::UnixMillis at_ms = 0;
  std::string why;

  bool operator==(const Refusal&) const = default;
};

class RefusalStore {
 public:
  virtual ~RefusalStore() = default;

  // In the place of what stood for this address; false where nothing did.
  virtual base::Result<bool> put(const Refusal& refusal) = 0;
  // False where the address was not refused.
  virtual base::Result<bool> lift(const base::PublicKey& address) = 0;
  // By address.
  virtual base::Result<std::vector<Refusal>> all() = 0;
};

}  // namespace obelisk::ports
