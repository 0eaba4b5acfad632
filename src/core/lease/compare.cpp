#include "core/lease/compare.hpp"

#include "base/bytes.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::lease {

std::string_view difference(const Quote& quote, const escrow::Lease& account) {
  using escrow::to_public_key;
  if (to_public_key(account.renter) != quote.renter) return "renter";
  if (to_public_key(account.host) != quote.host) return "host";
  if (to_public_key(account.market) != quote.market) return "market";
  if (to_public_key(account.treasury) != quote.treasury) return "treasury";
  if (to_public_key(account.attestor) != quote.attestor) return "attestor";
  if (base::to_hex(escrow::to_hash(account.terms_hash).view()) != quote.id) return "terms_hash";
  if (account.nonce != quote.nonce) return "nonce";
  if (account.rate != quote.rate_lamports_per_hour) return "rate";
  if (account.max_seconds != quote.max_seconds) return "max_seconds";
  if (account.fee_bps != quote.fee_bps) return "fee_bps";
  if (account.ready_deadline_s != quote.ready_deadline_s) return "ready_deadline_s";
  if (account.gap_limit_s != quote.gap_limit_s) return "gap_limit_s";
  if (account.claim_window_s != quote.claim_window_s) return "claim_window_s";
  const bool extended = account.state != escrow::State::funded && account.seconds > quote.seconds &&
                        account.seconds <= quote.max_seconds;
  if (account.seconds != quote.seconds && !extended) return "seconds";
  return {};
}

}  // namespace obelisk::lease
