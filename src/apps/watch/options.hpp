// How obelisk-watch is started: flags before environment. It must never take a key by its bytes.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "core/tunnel/place.hpp"

namespace obelisk::watch_app {

struct Options {
  std::string state_dir;
  std::string socket;  // empty on the line: STATE/watch.sock
  std::string rpc_url;
  std::string ws_url;
  base::PublicKey program;
  base::PublicKey market;
  std::vector<std::string> attestor_keypairs;  // the current one and older ones
  std::optional<uid_t> market_user;            // who may ask beside our own user and root
  std::vector<tunnel::Place> gateways;         // that the market's hosts dial
  std::uint64_t fee_most_lamports = 50'000;    // of priority fee, for one transaction
  std::string ready_file;
  bool mainnet = false;
};

struct Finished {
  int exit_code = 0;
};
using Environment = std::function<std::optional<std::string>(const char* name)>;

// Finished: help or the version was shown, or the line could not be understood and said so.
base::Result<std::variant<Finished, Options>> parse_options(int count, char** words,
                                                            const Environment& environment);

// "new.json,old.json"; usage where it is no list of up to eight different files.
base::Result<std::vector<std::string>> key_files(std::string_view text);

}  // namespace obelisk::watch_app
