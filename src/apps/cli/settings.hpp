// Settings: where the market, the nodes and the key are, and what may be spent. Each is taken from
// the flags, else the environment, else our file, else the Solana CLI's files, else a default that
// can spend nothing real. It must never read a key, nor open a connection.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

inline constexpr char kDefaultMarketUrl[] = "http://127.0.0.1:8480";
inline constexpr char kDefaultRpcUrl[] = "http://127.0.0.1:8899";

// What every verb may be told on the command line.
struct CommonFlags {
  std::optional<std::string> market_url;
  std::optional<std::string> rpc_url;  // one, or several with commas between
  std::optional<std::string> ws_url;   // none, or as many
  std::optional<std::string> keypair;
  std::optional<std::string> config;
  std::optional<std::string> state;
  std::optional<std::string> program;
  bool mainnet = false;
  bool json = false;
};

struct Settings {
  std::string market_url;
  std::vector<std::string> rpc_urls;  // at least one
  std::vector<std::string> ws_urls;   // as many, in the same order; none: by the usual rule
  std::string keypair_file;
  std::string state_dir;
  std::string home;
  // The only program this person trusts with money. Nothing: the one the market names, which the
  // quote shows.
  std::optional<base::PublicKey> program;
  bool mainnet = false;
  bool json = false;
};

// The value of an environment variable; nothing where it is absent or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;
std::optional<std::string> process_environment(const char* name);

base::Result<Settings> read_settings(const CommonFlags& flags, const Environment& environment);

}  // namespace obelisk::cli
