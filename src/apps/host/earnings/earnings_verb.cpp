#include "apps/host/earnings/earnings_verb.hpp"

#include <cstdio>

#include "adapters/clock/system_clock.hpp"
#include "adapters/keyfile/keyfile_signer.hpp"
#include "adapters/solana/check_cluster.hpp"
#include "apps/host/earnings/earnings_report.hpp"
#include "apps/host/market_ask.hpp"

namespace obelisk::host {

base::Result<void> earnings(const Asked& asked) {
  const Config& config = asked.config;
  TRY(const auto wallet, keyfile::KeyfileSigner::open(config.keypair.string()));
  TRY(const base::PublicKey program, which_program(config));
  clock::SystemClock clock;
  TRY(const auto chain,
      solana_rpc::open_checked_chain(config.rpc_url, config.ws_url, config.mainnet, clock));
  EarningsReport report;
  report.wallet = wallet->public_key();
  report.days = asked.days;
  const base::UnixSeconds from_s = first_midnight(clock.now_ms() / 1000, asked.days);
  TRY(report.chain, read_payments(*chain, program, report.wallet, from_s));
  report.earnings = sum_up(report.chain.payments, from_s);
  TRY(report.pending,
      claims_of(*chain, program, report.wallet, held_attestations(config.state_dir)));
  if (asked.json) {
    std::printf("%s\n", to_json(report).c_str());
    return {};
  }
  for (const std::string& line : to_lines(report)) std::printf("%s\n", line.c_str());
  return {};
}

}  // namespace obelisk::host
