#include "core/host/claimable.hpp"

#include "core/escrow/step.hpp"

namespace obelisk::host {

std::optional<Claimable> claimable(const escrow::Lease& lease, base::Lamports balance,
                                   std::int64_t alive_until, base::UnixSeconds chain_now_s) {
  escrow::Lease after = lease;
  escrow::Action action{};
  action.tag = escrow::Tag::claim;
  action.alive_until = alive_until;
  constexpr std::uint64_t kSomething = escrow::kBondLamports;  // the wallets are not empty
  const escrow::Scene scene{chain_now_s, balance.count, kSomething, kSomething, kSomething};
  escrow::Payments payments{};
  if (escrow::step(after, action, scene, payments) != escrow::Error::none) return std::nullopt;
  const bool closes = after.state == escrow::State::closed;
  if (payments.to_host == 0 && !closes) return std::nullopt;
  return Claimable{{payments.to_host}, {payments.to_treasury}, after.proven_until, closes};
}

}  // namespace obelisk::host
