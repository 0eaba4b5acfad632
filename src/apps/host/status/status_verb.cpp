#include "apps/host/status/status_verb.hpp"

#include <algorithm>
#include <cstdio>

#include "adapters/clock/system_clock.hpp"
#include "adapters/files/file_lock.hpp"
#include "adapters/solana/check_cluster.hpp"
#include "apps/host/cards_now.hpp"
#include "apps/host/drain.hpp"
#include "apps/host/records.hpp"
#include "apps/host/served.hpp"
#include "apps/host/status/lease_row.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::host {
namespace {

constexpr std::size_t kAtOnce = 100;

// The accounts of these leases; nothing for those that are not on the chain.
base::Result<std::vector<std::optional<escrow::Lease>>> read_accounts(
    const Config& config, const std::optional<Served>& served,
    const std::vector<base::PublicKey>& leases) {
  clock::SystemClock clock;
  TRY(const auto chain,
      solana_rpc::open_checked_chain(config.rpc_url, config.ws_url, config.mainnet, clock));
  std::vector<std::optional<escrow::Lease>> out;
  for (std::size_t from = 0; from < leases.size(); from += kAtOnce) {
    const auto begin = leases.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end =
        leases.begin() + static_cast<std::ptrdiff_t>(std::min(leases.size(), from + kAtOnce));
    TRY(const auto answers, chain->accounts({begin, end}, ports::Commitment::confirmed));
    for (const ports::AccountAt& answer : answers) {
      const bool is_ours = answer.account && (!served || answer.account->owner == served->program);
      out.push_back(is_ours ? escrow::parse_lease(answer.account->data) : std::nullopt);
    }
  }
  return out;
}

}  // namespace

bool is_running(const std::filesystem::path& state_dir) {
  std::error_code error;
  const auto lock = state_dir / kLockName;
  if (!std::filesystem::exists(lock, error)) return false;
  const auto taken = files::FileLock::take(lock, kLockWords);
  return !taken && taken.error().code == base::Code::conflict;
}

base::Result<void> status(const Asked& asked, ports::Gpus& gpus, ports::CardMonitor& monitor) {
  const Config& config = asked.config;
  Status out;
  out.running = is_running(config.state_dir);
  const auto served = said_last(config);
  if (served) {
    out.program = served->program.to_string();
    out.market = served->market.to_string();
  }
  TRY(out.drain_from_s, read_drain(config.state_dir));
  std::vector<std::string> damaged;
  const auto records = Records(config.state_dir / "leases").look(damaged);
  std::vector<base::PublicKey> leases;
  for (const auto& [lease, record] : records) leases.push_back(lease);
  std::vector<std::optional<escrow::Lease>> accounts(leases.size());
  if (!config.rpc_url.empty() && !leases.empty()) {
    TRY(accounts, read_accounts(config, served, leases));
  }
  out.node_asked = !config.rpc_url.empty();
  const auto cards = gpus.list();
  if (cards) out.cards = look_at_cards(*cards, monitor);
  std::size_t at = 0;
  for (const auto& [lease, record] : records)
    out.leases.push_back(row_of(record, accounts.at(at++)));
  if (asked.json) {
    std::printf("%s\n", to_json(out).c_str());
  } else {
    for (const std::string& line : to_lines(out)) std::printf("%s\n", line.c_str());
  }
  if (!cards) std::fprintf(stderr, "%s\n", cards.error().message.c_str());
  for (const std::string& file : damaged) {
    std::fprintf(stderr, "%s cannot be read. Its lease is still served.\n", file.c_str());
  }
  return {};
}

}  // namespace obelisk::host
