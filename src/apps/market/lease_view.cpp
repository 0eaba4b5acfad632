#include "apps/market/lease_view.hpp"

namespace obelisk::market_app {
namespace {

const char* words_of(api::LeaseState state) {
  switch (state) {
    case api::LeaseState::quoted: return "Quoted.";
    case api::LeaseState::preparing: return "Paid.";
    case api::LeaseState::checking: return "The host makes it.";
    case api::LeaseState::starting: return "It becomes ready.";
    case api::LeaseState::active: return "It runs.";
    case api::LeaseState::stopping: return "It ends.";
    case api::LeaseState::contested: return "Its last minutes are contested.";
    case api::LeaseState::ended: return "It is over.";
  }
  return "";
}

}  // namespace

bool may_see_all(const Caller& caller, const base::PublicKey& renter, const base::PublicKey& host) {
  return caller.is(renter) || caller.is(host);
}

base::Result<void> check_may_see_all(const Caller& caller, const base::PublicKey& renter,
                                     const base::PublicKey& host) {
  if (!caller.wallet) return nobody_asks();
  if (may_see_all(caller, renter, host)) return {};
  return base::Error{base::Code::forbidden, "This is for the lease's renter and its host.",
                     "Ask as one of them. What the chain shows: GET /v1/leases/{lease}."};
}

api::Lease public_view(api::Lease lease) {
  lease.ssh.reset();
  lease.ways.reset();
  lease.message = words_of(lease.state);
  return lease;
}

}  // namespace obelisk::market_app
