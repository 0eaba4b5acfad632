// obelisk escrow list: every lease of this wallet, as its renter or as its host, found on the chain
// by a node alone. It must never ask the market for more than its program's address.
#include <algorithm>
#include <cstddef>
#include <set>

#include "apps/cli/lease_file.hpp"
#include "apps/cli/lease_text.hpp"
#include "apps/cli/next_steps.hpp"
#include "apps/cli/text/amounts.hpp"
#include "apps/cli/text/table.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_program.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

base::Result<std::vector<LeaseAccount>> leases_of(ports::Chain& chain,
                                                  const base::PublicKey& program,
                                                  const base::PublicKey& wallet, bool as_host) {
  const std::size_t offset =
      as_host ? offsetof(escrow::Lease, host) : offsetof(escrow::Lease, renter);
  const ports::DataFilter kind{offsetof(escrow::Lease, kind), base::Bytes{escrow::kLeaseKind}};
  const ports::DataFilter party{offset, base::Bytes(wallet.bytes.begin(), wallet.bytes.end())};
  TRY(const auto found, chain.program_accounts(program, sizeof(escrow::Lease), {kind, party},
                                               ports::Commitment::confirmed));
  std::vector<LeaseAccount> out;
  for (const ports::ProgramAccount& account : found) {
    TRY(const LeaseAccount lease, lease_from(account.address, account.account, 0));
    out.push_back(lease);
  }
  std::sort(out.begin(), out.end(), [](const LeaseAccount& a, const LeaseAccount& b) {
    return a.data.opened_slot < b.data.opened_slot;
  });
  return out;
}

// What this wallet or anyone can do now: "stop, claim".
std::string verbs_now(const std::vector<NextStep>& steps, const char* party) {
  std::string out;
  for (const NextStep& step : steps) {
    if (!step.moves || (step.who != party && step.who != "anyone")) continue;
    if (out.find(step.verb) != std::string::npos) continue;
    out += (out.empty() ? "" : ", ") + step.verb;
  }
  return out.empty() ? "-" : out;
}

}  // namespace

base::Result<void> escrow_list(Session& session, const EscrowListOptions& options) {
  TRY(ports::Signer * wallet, session.wallet());
  TRY(ports::Chain * chain, session.chain());
  TRY(const auto programs, programs_to_search(session));
  TRY(const ports::ChainTime now, chain->now(ports::Commitment::confirmed));
  const char* party = options.as_host ? "host" : "renter";
  Table table({{"LEASE", Align::left},
               {"STATE", Align::left},
               {"SOL in it", Align::decimal},
               {"used", Align::decimal},
               {"CAN BE DONE", Align::left}});
  std::vector<std::string> items;
  for (const base::PublicKey& program : programs) {
    TRY(const auto leases, leases_of(*chain, program, wallet->public_key(), options.as_host));
    for (const LeaseAccount& lease : leases) {
      const auto steps = next_steps(lease, now.unix_s);
      table.add({lease.address.to_string(), std::string(escrow::state_name(lease.data.state)),
                 sol_figure(lease.lamports), sol_figure(earned_so_far(lease, now.unix_s)),
                 verbs_now(steps, party)});
      items.push_back(lease_account_fields(lease).raw("can", next_steps_json(steps)).done());
    }
  }
  session.out().result(base::JsonLine()
                           .key("wallet", wallet->public_key())
                           .text("as", party)
                           .number("chain_time_s", now.unix_s)
                           .raw("leases", base::json_array(items))
                           .done());
  if (table.empty()) {
    session.out().line(std::string("No lease on this network has this wallet as its ") + party +
                       ". Those that are over: obelisk receipt LEASE");
    return {};
  }
  session.out().table(table.lines());
  session.out().line("One of them, and every step in full: obelisk escrow show LEASE");
  return {};
}

}  // namespace obelisk::cli
