#include "apps/market/exits.hpp"

#include <algorithm>

#include "apps/market/host_view.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/escrow/layout.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

// What a stop at `until` leaves: lamports fit, since rate and time keep the program's bounds.
struct Split {
  base::Lamports used;
  base::Lamports back;  // without the bond
};

Split split_at(const lease::Record& record, base::UnixSeconds until_s) {
  const std::uint64_t rate = record.quote.rate_lamports_per_hour;
  const auto served = std::max<base::UnixSeconds>(until_s - record.life.started_at_s, 0);
  Split out;
  std::uint64_t paid = 0;
  if (!escrow::price(rate, record.life.seconds, paid) ||
      !escrow::earned(rate, static_cast<std::uint64_t>(served), out.used.count)) {
    return {};
  }
  out.used = std::min(out.used, base::Lamports{paid});
  out.back = {paid - out.used.count};
  return out;
}

Plan plan_cancel(const lease::Record& record, const base::PublicKey& program) {
  Plan plan;
  plan.calls = {escrow::encode_cancel(program, accounts_of(record.quote), true)};
  plan.units = settlement::kCancelUnits;
  plan.explanation =
      "Cancels the lease before it started. Everything paid comes back, the bond with it.";
  return plan;
}

Plan plan_served(const lease::Record& record, const base::PublicKey& program,
                 base::UnixSeconds now_s) {
  const Split split = split_at(record, now_s);
  Plan plan;
  plan.how = escrow::StopHow::served;
  plan.calls = {escrow::encode_stop(program, accounts_of(record.quote), *plan.how)};
  plan.units = settlement::kStopUnits;
  plan.explanation = "Stops now. You used " +
                     base::to_duration_text(now_s - record.life.started_at_s) + ": " +
                     base::to_sol_text(split.used) + ". " + base::to_sol_text(split.back) +
                     " and the bond come back. The disk is destroyed.";
  return plan;
}

// The newest attestation, where it proves more than the chain was shown.
std::optional<settlement::Proof> unshown_proof(const lease::Record& record,
                                               const base::PublicKey& program) {
  const auto& newest = record.life.attestation;
  if (!newest || newest->alive_until <= record.life.proven_until_s) return std::nullopt;
  return settlement::Proof{
      record.quote.attestor,
      {program, record.quote.lease, record.life.opened_slot, newest->alive_until},
      newest->signature};
}

Plan plan_dispute(const lease::Record& record, const base::PublicKey& program,
                  base::UnixSeconds now_s, base::UnixSeconds proven_s) {
  const lease::Quote& quote = record.quote;
  const escrow::LeaseAccounts accounts = accounts_of(quote);
  Plan plan;
  plan.how = escrow::StopHow::dispute;
  plan.units = settlement::kStopUnits;
  if (const auto proof = unshown_proof(record, program)) {
    plan.calls = settlement::claim_calls(program, accounts, *proof);
    plan.units += settlement::kClaimUnits;
  }
  plan.calls.push_back(escrow::encode_stop(program, accounts, *plan.how));
  const Split split = split_at(record, proven_s);
  const Split at_now = split_at(record, now_s);
  plan.explanation = "Stops and disputes the last " + base::to_duration_text(now_s - proven_s) +
                     ", for which there is no proof. " + base::to_sol_text(split.used) +
                     " is proven. " + base::to_sol_text(at_now.back) +
                     " comes back at once, the disputed part after " +
                     base::to_duration_text(quote.claim_window_s) +
                     " unless the host proves it. The disk is destroyed.";
  return plan;
}

Error nothing_to_stop(const std::string& why, std::string action) {
  return {Code::conflict, why, std::move(action)};
}

Error over(const lease::Record& record) {
  if (record.life.outcome == lease::Outcome::never_paid) {
    return nothing_to_stop("This quote was never paid. There is nothing to stop.",
                           "Ask for a new quote to rent.");
  }
  return nothing_to_stop("This lease has ended. There is nothing to stop.",
                         "Its receipt has every amount.");
}

}  // namespace

escrow::LeaseAccounts accounts_of(const lease::Quote& quote) {
  return {quote.lease, quote.renter, quote.host, quote.treasury, quote.attestor};
}

base::Result<Plan> plan_stop(const lease::Record& record, const base::PublicKey& program,
                             base::UnixSeconds chain_now_s) {
  const lease::Life& life = record.life;
  switch (life.state) {
    case lease::State::quoted:
      return nothing_to_stop("This quote is not paid. There is nothing to stop.",
                             "Leave it: its cards are free again when it expires.");
    case lease::State::contested:
      return nothing_to_stop(
          "This lease is stopped already. The disputed part comes back at " +
              base::to_rfc3339_seconds(life.window_ends_s) + " unless the host proves it.",
          "Wait, or concede it: {\"concede\":true}, or obelisk escrow stop --how 0.");
    case lease::State::ended: return over(record);
    case lease::State::preparing:
    case lease::State::checking:
    case lease::State::starting:
    case lease::State::active:
    case lease::State::stopping: break;
  }
  if (life.is_over()) return over(record);
  if (life.closed) {
    return nothing_to_stop("This lease is closed on the chain. The amounts are being read.",
                           "Ask for the lease again in a moment.");
  }
  if (life.started_at_s == 0) return plan_cancel(record, program);
  const base::UnixSeconds now = std::clamp(chain_now_s, life.started_at_s, life.ends_at_s());
  const base::UnixSeconds attested = life.attestation ? life.attestation->alive_until : 0;
  const base::UnixSeconds proven =
      std::min(std::max({attested, life.proven_until_s, life.started_at_s}), life.ends_at_s());
  if (now - proven < static_cast<base::UnixSeconds>(record.quote.gap_limit_s)) {
    return plan_served(record, program, std::max(now, proven));
  }
  return plan_dispute(record, program, now, proven);
}

base::Result<Plan> plan_concede(const lease::Record& record, const base::PublicKey& program) {
  const lease::Life& life = record.life;
  if (life.state != lease::State::contested || life.closed) {
    return nothing_to_stop("Nothing of this lease is in dispute.", "Look at the lease.");
  }
  const base::Lamports all = split_at(record, life.stopped_at_s).used;
  const base::Lamports proven = split_at(record, life.proven_until_s).used;
  Plan plan;
  plan.how = escrow::StopHow::served;
  plan.calls = {escrow::encode_stop(program, accounts_of(record.quote), *plan.how)};
  plan.units = settlement::kStopUnits;
  plan.explanation = "Concedes the dispute. " +
                     base::to_sol_text({all.count - std::min(all.count, proven.count)}) +
                     " go to the host and the market now, and the bond comes back.";
  return plan;
}

base::Result<Plan> plan_claim(const lease::Record& record, const base::PublicKey& program,
                              base::UnixSeconds chain_now_s) {
  const auto waits = waiting_in(record, chain_now_s);
  const auto proof = unshown_proof(record, program);
  if (!waits || !proof) {
    return Error{Code::conflict, "Nothing of this lease waits to be claimed.",
                 "A proof is made every minute while it runs: ask again after the next."};
  }
  Plan plan;
  plan.calls = settlement::claim_calls(program, accounts_of(record.quote), *proof);
  plan.units = settlement::kClaimUnits;
  plan.explanation = "Pays the host " + base::to_sol_text(waits->to_host) +
                     " for what is proven until " +
                     base::to_rfc3339_seconds(waits->proven_until_s) + ", and the market " +
                     base::to_sol_text(waits->market_fee) +
                     ". It takes nothing from who signs but the network's fee.";
  return plan;
}

base::Result<Plan> plan_extend(const lease::Record& record, const base::PublicKey& program,
                               std::uint32_t total_seconds, base::UnixSeconds chain_now_s) {
  const lease::Quote& quote = record.quote;
  const lease::Life& life = record.life;
  if (life.state != lease::State::active || life.closed) {
    return Error{Code::conflict,
                 "Only a running lease can be extended, and this one is " +
                     std::string(to_string(life.state)) + ".",
                 "Ask for a new quote to rent on."};
  }
  if (chain_now_s >= life.ends_at_s()) {
    return Error{Code::conflict, "The time bought is over.", "Ask for a new quote to rent on."};
  }
  if (total_seconds <= life.seconds) {
    return Error{Code::invalid_input, std::to_string(life.seconds) + " seconds are bought already.",
                 "Send the new total, counted from the start: more than " +
                     std::to_string(life.seconds) + "."};
  }
  if (total_seconds > quote.max_seconds) {
    return Error{Code::invalid_input,
                 "The host agreed to at most " + std::to_string(quote.max_seconds) +
                     " seconds at this rate.",
                 "Extend to that, or ask for a new quote."};
  }
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  if (!escrow::price(quote.rate_lamports_per_hour, life.seconds, before) ||
      !escrow::price(quote.rate_lamports_per_hour, total_seconds, after)) {
    return Error{Code::internal, "The rate of this lease is out of its bounds.", "Report this."};
  }
  Plan plan;
  plan.calls = {escrow::encode_extend(program, accounts_of(quote), total_seconds)};
  plan.units = settlement::kExtendUnits;
  plan.lamports = {after - before};
  plan.explanation = "Buys " + base::to_duration_text(total_seconds - life.seconds) +
                     " more at the same rate: " + base::to_sol_text(plan.lamports) +
                     ". Unused time still comes back at the stop.";
  return plan;
}

}  // namespace obelisk::market_app
