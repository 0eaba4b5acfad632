// Session: what one run of the command has at hand: its settings, where it prints, the chain, the
// market, the wallet. Each is opened when it is first needed. It must never sign for mainnet unless
// --mainnet was given.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/keyfile/keyfile_signer.hpp"
#include "apps/cli/market_client.hpp"
#include "apps/cli/nodes.hpp"
#include "apps/cli/output.hpp"
#include "apps/cli/settings.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"

namespace obelisk::cli {

class Session {
 public:
  Session(Settings settings, Output& output, ports::Clock& clock)
      : settings_(std::move(settings)), output_(output), clock_(clock) {}

  const Settings& settings() const { return settings_; }
  Output& out() { return output_; }
  ports::Clock& clock() { return clock_; }

  base::Result<ports::Chain*> chain();
  // It is asked as the wallet where that is needed, or with the token that is kept for it.
  base::Result<MarketClient*> market();
  // The key that the settings name, to read its address and to say who asks.
  base::Result<ports::Signer*> wallet();
  // The same, to sign with: refuses on mainnet without --mainnet, where one of several nodes is of
  // another network, and where fewer than two of several can be relied on.
  base::Result<ports::Signer*> signing_wallet();

  // For a verb that ran well and whose answer is "no": how the process ends.
  void end_with(int exit_code) { exit_code_ = exit_code; }
  int exit_code() const { return exit_code_; }

  // The genesis hash of the nodes' network; asked once.
  base::Result<base::Hash> network();
  // Of every node that says it, the oldest block it still has: what is older may be forgotten.
  base::Result<std::uint64_t> first_block();

 private:
  // Several nodes, met once: what each said of itself, and what that comes to.
  struct Nodes {
    std::vector<NodeReport> reports;
    NodesFound found;
  };
  base::Result<const Nodes*> nodes();
  base::Result<void> open_pool();
  base::Result<std::shared_ptr<Voice>> find_voice();

  Settings settings_;
  Output& output_;
  ports::Clock& clock_;
  std::unique_ptr<ports::Chain> chain_;
  std::unique_ptr<MarketClient> market_;
  std::unique_ptr<ports::Signer> wallet_;
  std::optional<base::Hash> network_;
  std::optional<Nodes> nodes_;
  int exit_code_ = 0;
};

}  // namespace obelisk::cli
