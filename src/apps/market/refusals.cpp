#include "apps/market/refusals.hpp"

namespace obelisk::market_app {

std::shared_ptr<const Refusals::Known> Refusals::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

bool Refusals::contains(const base::PublicKey& address) const { return known()->contains(address); }

base::Result<Refusals::Changes> Refusals::refresh() {
  TRY(const auto rows, store_.all());
  auto now = std::make_shared<Known>();
  for (const ports::Refusal& row : rows) now->emplace(row.address, row);
  const auto before = known();
  Changes out;
  for (const auto& [address, row] : *now) {
    if (!before->contains(address)) out.refused.push_back(address);
  }
  for (const auto& [address, row] : *before) {
    if (!now->contains(address)) out.lifted.push_back(address);
  }
  const std::lock_guard lock(mutex_);
  known_ = std::move(now);
  return out;
}

base::Error refused_renter() {
  return {base::Code::forbidden, "This market makes no new quotes for this wallet.",
          "Ask its operator. Leases that run go on and are settled as the chain's rules say."};
}

base::Error refused_host() {
  return {base::Code::forbidden, "This market offers nothing of this host at the moment.",
          "Ask its operator. Leases that run go on and are paid as the chain's rules say."};
}

}  // namespace obelisk::market_app
