#include "apps/cli/forecast.hpp"

#include <algorithm>

#include "core/escrow/error_text.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

Error refusal(escrow::Error code) {
  const auto* text = escrow::error_text(static_cast<std::uint32_t>(code));
  if (text == nullptr) return {Code::rejected_on_chain, "The program refuses this.", ""};
  return {Code::rejected_on_chain,
          std::string(text->meaning) + " (" + std::string(text->name) + ")",
          std::string(text->action)};
}

}  // namespace

base::Result<Forecast> forecast(const LeaseAccount& lease,
                                const std::vector<escrow::Action>& actions,
                                base::UnixSeconds now_s) {
  escrow::Lease data = lease.data;
  Forecast out;
  std::uint64_t left = lease.lamports.count;
  std::uint64_t to_renter = 0;
  for (const escrow::Action& action : actions) {
    constexpr std::uint64_t kSomething = escrow::kBondLamports;
    const escrow::Scene scene{now_s, left, kSomething, kSomething, kSomething};
    escrow::Payments payments{};
    const escrow::Error error = escrow::step(data, action, scene, payments);
    if (error != escrow::Error::none) return refusal(error);
    // The program checks these sums; they fit.
    out.host.count += payments.to_host;
    out.fee.count += payments.to_treasury;
    to_renter += payments.to_renter;
    left = payments.left;
  }
  out.closes = data.state == escrow::State::closed;
  const std::uint64_t bond = escrow::kBondLamports;
  out.refunded = {out.closes ? to_renter - std::min(to_renter, bond) : to_renter};
  out.held = {out.closes ? 0 : left - std::min(left, bond)};
  if (data.state == escrow::State::closing) out.window_ends = data.window_ends;
  const base::UnixSeconds until = data.stopped_at != 0 ? data.stopped_at : data.proven_until;
  if (data.started_at != 0) out.used_s = std::max<std::int64_t>(until - data.started_at, 0);
  return out;
}

}  // namespace obelisk::cli
