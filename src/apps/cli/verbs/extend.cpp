// obelisk extend: more time at the same rate, as far as the host offered it.
#include <algorithm>

#include "apps/cli/confirm.hpp"
#include "apps/cli/lease_file.hpp"
#include "apps/cli/transact.hpp"
#include "apps/cli/trust.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_lease.hpp"
#include "base/json_line.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

base::Result<std::uint32_t> new_total(const escrow::Lease& lease, std::uint32_t more_s) {
  const std::uint64_t total = std::uint64_t{lease.seconds} + more_s;
  if (total <= lease.max_seconds) return static_cast<std::uint32_t>(total);
  return Error{Code::invalid_input,
               "This lease can run " + base::to_duration_text(lease.max_seconds) + " at most; " +
                   base::to_duration_text(lease.seconds) + " are bought.",
               "Add less, or rent anew when it ends."};
}

base::Result<base::Lamports> cost_of(const escrow::Lease& lease, std::uint32_t total_s) {
  std::uint64_t after = 0;
  std::uint64_t before = 0;
  if (!escrow::price(lease.rate, total_s, after) ||
      !escrow::price(lease.rate, lease.seconds, before)) {
    return Error{Code::invalid_input, "The price does not fit.", "Add less time."};
  }
  return base::Lamports{after - before};
}

}  // namespace

base::Result<void> extend(Session& session, const ExtendOptions& options) {
  TRY(const std::uint32_t more_s, read_time(options.time));
  TRY(const base::PublicKey key, which_lease(session, options.lease));
  TRY(ports::Signer * wallet, session.signing_wallet());
  TRY(ports::Chain * chain, session.chain());
  TRY(const LeaseAccount lease, require_lease(*chain, key));
  if (lease.renter() != wallet->public_key()) {
    return Error{Code::forbidden, "This lease belongs to another wallet.",
                 "Use its key: --keypair"};
  }
  if (lease.data.state != escrow::State::active) {
    return Error{Code::conflict, "Only a running lease can be extended.",
                 "Look at it: obelisk show " + key.to_string()};
  }
  TRY_VOID(trust_program(session, lease));
  TRY(const std::uint32_t total_s, new_total(lease.data, more_s));
  TRY(const base::Lamports cost, cost_of(lease.data, total_s));
  session.out().line(base::to_duration_text(more_s) + " more, " + base::to_duration_text(total_s) +
                     " in all: " + base::to_sol_text(cost) + ". Unused time comes back.");
  TRY_VOID(confirm(session, options.yes, "Pay " + base::to_sol_text(cost) + "?"));
  TRY(const Sent sent,
      sign_and_send(session, {{escrow::encode_extend(lease.program, lease.accounts(), total_s)},
                              settlement::kExtendUnits}));
  const base::UnixSeconds ends_at = lease.data.started_at + base::UnixSeconds{total_s};
  session.out().line("Extended. It ends at " + base::to_rfc3339_seconds(ends_at) + ".");
  session.out().result(base::JsonLine()
                           .key("lease", key)
                           .number("seconds", total_s)
                           .number("added_s", more_s)
                           .lamports("paid_lamports", cost)
                           .text("ends_at", base::to_rfc3339_seconds(ends_at))
                           .signature("signature", sent.signature)
                           .done());
  return {};
}

}  // namespace obelisk::cli
