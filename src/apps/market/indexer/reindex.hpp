// Builds the index from nothing: an RPC URL and the program's address are enough. It must never
// touch the index that is there before the new one is whole.
#pragma once

#include <functional>
#include <string>

#include "base/public_key.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"
#include "ports/index_store.hpp"

namespace obelisk::indexer {

struct ReindexRequest {
  std::string rpc_url;
  std::string state_dir;
  // The program, or a market account, which the program owns; neither: the program of the index
  // that is there.
  std::optional<base::PublicKey> program;
  std::optional<base::PublicKey> market;
  bool json = false;
  bool mainnet = false;
};

struct Reindexed {
  base::PublicKey program;
  std::string file;
  ports::IndexTotals totals;
  std::uint64_t known_from = 0;  // 0: whole from the program's first transaction on
  std::uint64_t finalized_slot = 0;
  std::uint64_t confirmed_slot = 0;
};

struct ReindexTools {
  ports::Chain& chain;
  ports::Clock& clock;
  std::function<void(const std::string&)> show;  // progress, a line at a time
  std::function<void(int ms)> pause;
};

base::Result<Reindexed> reindex(const ReindexRequest& request, const ReindexTools& tools);

// For people, and with --json for programs.
std::string to_text(const Reindexed& done);
std::string to_json_line(const Reindexed& done);

}  // namespace obelisk::indexer
