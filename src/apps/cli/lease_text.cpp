#include "apps/cli/lease_text.hpp"

#include <algorithm>

#include "apps/cli/text/dial.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::cli {
namespace {

std::string when(base::UnixSeconds time_s) {
  return time_s == 0 ? "-" : base::to_rfc3339_seconds(time_s);
}

std::string time_line(const LeaseAccount& lease, base::UnixSeconds now_s) {
  switch (lease.data.state) {
    case escrow::State::funded:
      return dial((now_s - lease.data.opened_at) * 1000,
                  std::int64_t{lease.data.ready_deadline_s} * 1000);
    case escrow::State::active:
      return time_dial(std::min(now_s, lease.ends_at()) - lease.data.started_at,
                       lease.data.seconds);
    case escrow::State::closing:
      return time_dial(lease.data.stopped_at - lease.data.started_at, lease.data.seconds);
    case escrow::State::closed: break;
  }
  return "-";
}

}  // namespace

std::string state_text(escrow::State state) {
  switch (state) {
    case escrow::State::funded: return "paid, not ready yet";
    case escrow::State::active: return "running";
    case escrow::State::closing: return "stopped, unproven time waits";
    case escrow::State::closed: break;
  }
  return "over";
}

base::Lamports earned_so_far(const LeaseAccount& lease, base::UnixSeconds now_s) {
  if (lease.data.started_at == 0) return {};
  const base::UnixSeconds end = std::min(now_s, lease.ends_at());
  const base::UnixSeconds until = lease.data.stopped_at != 0 ? lease.data.stopped_at : end;
  const std::int64_t served_s = std::max<std::int64_t>(until - lease.data.started_at, 0);
  std::uint64_t lamports = 0;
  if (!escrow::earned(lease.data.rate, static_cast<std::uint64_t>(served_s), lamports)) return {};
  return {lamports};
}

std::vector<std::pair<std::string, std::string>> lease_facts(const LeaseAccount& lease,
                                                             base::UnixSeconds now_s) {
  const escrow::Lease& d = lease.data;
  std::vector<std::pair<std::string, std::string>> rows{
      {"lease", lease.address.to_string()},
      {"state", state_text(d.state)},
      {"time", time_line(lease, now_s)},
      {"rate", base::to_sol_text({d.rate}) + " an hour"},
      {"used", base::to_sol_text(earned_so_far(lease, now_s))},
      {"in the lease", base::to_sol_text(lease.lamports)},
      {"started", when(d.started_at)},
      {"proven until", when(d.proven_until)},
      {"host", lease.host().to_string()},
      {"renter", lease.renter().to_string()},
      {"attestor", lease.attestor().to_string()},
      {"program", lease.program.to_string()},
  };
  if (d.state == escrow::State::active) {
    rows.insert(rows.begin() + 3, {"ends", when(lease.ends_at())});
  }
  if (d.state == escrow::State::closing) {
    rows.insert(rows.begin() + 3, {"window ends", when(d.window_ends)});
  }
  return rows;
}

std::vector<std::pair<std::string, std::string>> account_facts(const LeaseAccount& lease,
                                                               base::UnixSeconds now_s) {
  const escrow::Lease& d = lease.data;
  auto rows = lease_facts(lease, now_s);
  const auto seconds = [](std::uint32_t count) { return std::to_string(count) + " s"; };
  const std::vector<std::pair<std::string, std::string>> rest{
      {"market", escrow::to_public_key(d.market).to_string()},
      {"treasury", lease.treasury().to_string()},
      {"terms hash", base::to_hex(escrow::to_hash(d.terms_hash).view())},
      {"nonce", std::to_string(d.nonce)},
      {"opened", when(d.opened_at) + ", in slot " + std::to_string(d.opened_slot)},
      {"stopped", when(d.stopped_at)},
      {"window ends", when(d.window_ends)},
      {"bought", seconds(d.seconds) + ", at most " + seconds(d.max_seconds)},
      {"fee", std::to_string(d.fee_bps / 100) + "." + std::to_string(d.fee_bps % 100 / 10) +
                  std::to_string(d.fee_bps % 10) + " % of what the host earns"},
      {"paid out so far", base::to_sol_text({d.released}) + " to host and market"},
      {"account rent", base::to_sol_text({escrow::kBondLamports}) + ", back at the end"},
      {"ready within", seconds(d.ready_deadline_s)},
      {"gap limit", seconds(d.gap_limit_s)},
      {"claim window", seconds(d.claim_window_s)},
  };
  for (const auto& row : rest) {
    const bool there = std::any_of(rows.begin(), rows.end(),
                                   [&](const auto& other) { return other.first == row.first; });
    if (!there) rows.push_back(row);
  }
  return rows;
}

std::string lease_account_json(const LeaseAccount& lease) {
  return lease_account_fields(lease).done();
}

base::JsonLine lease_account_fields(const LeaseAccount& lease) {
  const escrow::Lease& d = lease.data;
  base::JsonLine out;
  out.key("lease", lease.address)
      .key("program", lease.program)
      .text("state", escrow::state_name(d.state))
      .lamports("lamports", lease.lamports)
      .key("renter", lease.renter())
      .key("host", lease.host())
      .key("market", escrow::to_public_key(d.market))
      .key("treasury", lease.treasury())
      .key("attestor", lease.attestor())
      .text("terms_hash", base::to_hex(escrow::to_hash(d.terms_hash).view()))
      .text("nonce", std::to_string(d.nonce))
      .number("opened_slot", static_cast<std::int64_t>(d.opened_slot))
      .lamports("lamports_per_hour", base::Lamports{d.rate})
      .lamports("released_lamports", base::Lamports{d.released})
      .number("fee_bps", d.fee_bps)
      .number("ready_deadline_s", d.ready_deadline_s)
      .number("gap_limit_s", d.gap_limit_s)
      .number("claim_window_s", d.claim_window_s)
      .number("seconds", d.seconds)
      .number("max_seconds", d.max_seconds)
      .number("opened_at_s", d.opened_at)
      .number("started_at_s", d.started_at)
      .number("proven_until_s", d.proven_until)
      .number("stopped_at_s", d.stopped_at)
      .number("window_ends_s", d.window_ends);
  return out;
}

}  // namespace obelisk::cli
