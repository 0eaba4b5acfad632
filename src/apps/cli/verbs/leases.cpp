// obelisk ls, show: the wallet's leases, and one lease.
#include "apps/cli/lease_account.hpp"
#include "apps/cli/lease_file.hpp"
#include "apps/cli/lease_text.hpp"
#include "apps/cli/proofs.hpp"
#include "apps/cli/text/amounts.hpp"
#include "apps/cli/text/table.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_lease.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

std::string left_text(const api::Lease& lease, base::UnixSeconds now_s) {
  const bool runs = lease.state == api::LeaseState::active;
  if (!runs || !lease.ends_at_s) return "-";
  const auto ends_s = static_cast<base::UnixSeconds>(*lease.ends_at_s);
  return base::to_duration_text(std::max<base::UnixSeconds>(ends_s - now_s, 0));
}

// Without a market: the leases this machine knows, asked of the chain one by one.
base::Result<void> list_from_chain(Session& session, const Error& why) {
  TRY(ports::Chain * chain, session.chain());
  Table table({{"LEASE", Align::left}, {"STATE", Align::left}, {"SOL/h", Align::decimal}});
  std::vector<std::string> items;
  for (const base::PublicKey& key : known_leases(session.settings().state_dir)) {
    TRY(const auto lease, read_lease(*chain, key, ports::Commitment::confirmed));
    if (!lease) continue;
    table.add({key.to_string(), std::string(escrow::state_name(lease->data.state)),
               sol_figure({lease->data.rate})});
    items.push_back(lease_account_json(*lease));
  }
  session.out().line(why.message);
  session.out().line(
      "On the chain, of the leases made on this machine (every lease of this wallet: "
      "obelisk escrow list):");
  session.out().table(table.lines());
  session.out().result(
      base::JsonLine().flag("market", false).raw("leases", base::json_array(items)).done());
  return {};
}

// The market's own account of it: what the chain did can be checked by the signatures.
base::Result<void> show_events(Session& session, const base::PublicKey& key) {
  TRY(MarketClient * market, session.market());
  TRY(const auto trail, market->trail(key));
  Table table({{"AT", Align::left}, {"WHAT", Align::left}, {"WORDS", Align::left}});
  for (const api::TrailEntry& entry : trail.entries) {
    table.add({entry.at, entry.kind, entry.message});
    if (entry.signature) table.add({"", "", "signature " + entry.signature->to_string()});
  }
  session.out().table(table.lines());
  session.out().result(api::to_json(trail));
  return {};
}

}  // namespace

base::Result<void> list_leases(Session& session) {
  TRY(MarketClient * market, session.market());
  const auto list = market->leases();
  if (!list) {
    if (base::exit_code(list.error().code) == base::exit_code(Code::unreachable)) {
      return list_from_chain(session, list.error());
    }
    return list.error();
  }
  session.out().result(api::to_json(*list));
  if (list->leases.empty()) {
    session.out().line("This wallet has no lease. What there is: obelisk offers");
    return {};
  }
  const base::UnixSeconds now_s = session.clock().now_ms() / 1000;
  Table table({{"LEASE", Align::left},
               {"CARD", Align::left},
               {"STATE", Align::left},
               {"STARTED", Align::left},
               {"LEFT", Align::right},
               {"SOL/h", Align::decimal}});
  for (const api::Lease& lease : list->leases) {
    table.add({key_beginning(lease.lease), std::to_string(lease.count) + " x " + lease.card,
               std::string(api::to_string(lease.state)), lease.started_at.value_or("-"),
               left_text(lease, now_s), sol_figure(lease.lamports_per_hour)});
  }
  session.out().table(table.lines());
  return {};
}

base::Result<void> show(Session& session, const LeaseOptions& options) {
  TRY(const base::PublicKey key, which_lease(session, options.lease));
  if (options.events) return show_events(session, key);
  TRY(ports::Chain * chain, session.chain());
  TRY(MarketClient * market, session.market());
  TRY(const auto account, read_lease(*chain, key, ports::Commitment::confirmed));
  const auto told = market->lease(key);
  if (!account && !told) {
    return Error{Code::not_found, "Neither your node nor the market has a lease there now.",
                 "If it is over: obelisk receipt " + key.to_string()};
  }
  if (account) {
    TRY(const ports::ChainTime now, chain->now(ports::Commitment::confirmed));
    session.out().lines(pairs(lease_facts(*account, now.unix_s)));
  } else {
    session.out().line("Over. What it came to: obelisk receipt " + key.to_string());
  }
  // Whoever holds the newest attestation can settle without the market: it is kept in passing.
  if (account && told) (void)newest_proof_told(session, opened(*account), told->attestation);
  if (told) {
    session.out().line();
    session.out().line(std::to_string(told->count) + " x " + told->card_name + ", disk " +
                       disk_text(told->disk_bytes) + ": " + told->message);
  }
  session.out().result(base::JsonLine()
                           .key("lease", key)
                           .raw("chain", account ? lease_account_json(*account) : "null")
                           .raw("market", told ? api::to_json(*told) : "null")
                           .done());
  return {};
}

}  // namespace obelisk::cli
