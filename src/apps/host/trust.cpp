#include "apps/host/trust.hpp"

#include "core/market/probe.hpp"
#include "core/market/ssh_fingerprint.hpp"
#include "core/market/terms.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::host {

api::MarketLease merged(api::MarketLease known, const api::MarketLease& wish) {
  // A way in that is open stays open: what ran before the market knew so does not close it.
  const bool opened = known.want == api::Wanted::open && wish.want == api::Wanted::running;
  if (!opened) known.want = wish.want;
  known.type = wish.type;
  known.lease = wish.lease;
  if (!known.terms) known.terms = wish.terms;
  if (!known.quote_signature) known.quote_signature = wish.quote_signature;
  if (!known.ssh_key) known.ssh_key = wish.ssh_key;
  return known;
}

ports::LoginKeys keys_for(const LeaseRecord& record) {
  ports::LoginKeys keys;
  keys.watch = record.watch_key;
  keys.watch_command = market::probe_command();
  if (record.wish.want != api::Wanted::open || !record.wish.ssh_key || !record.wish.terms) {
    return keys;
  }
  const auto terms = market::read_terms(*record.wish.terms);
  if (terms && market::ssh_fingerprint(*record.wish.ssh_key) == terms->ssh_key) {
    keys.people.push_back(*record.wish.ssh_key);
  }
  return keys;
}

bool is_proof(const base::PublicKey& program, const LeaseRecord& record,
              const api::Attestation& attestation) {
  if (!record.wish.terms) return false;
  const auto terms = market::read_terms(*record.wish.terms);
  if (!terms || attestation.alive_until > INT64_MAX) return false;
  const bool this_opening =
      record.opened_slot == 0 || record.opened_slot == attestation.opened_slot;
  return this_opening && settlement::is_valid({terms->attestor,
                                               {program, record.wish.lease, attestation.opened_slot,
                                                static_cast<std::int64_t>(attestation.alive_until)},
                                               attestation.signature});
}

}  // namespace obelisk::host
