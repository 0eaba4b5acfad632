// The command line of obelisk-market, read into what main acts on. Help, examples and versions are
// answered here. It must never start anything.
#pragma once

#include <variant>

#include "apps/market/config.hpp"
#include "apps/market/indexer/reindex.hpp"
#include "apps/market/operator/requests.hpp"

namespace obelisk::market_app {

// Already answered (help, version), or wrong: the process ends with this code.
struct Finished {
  int exit_code = 0;
};

using Command =
    std::variant<Finished, Config, MarketRequest, indexer::ReindexRequest, operators::Request>;

base::Result<Command> parse_command_line(int count, char** words, const Environment& environment);

}  // namespace obelisk::market_app
