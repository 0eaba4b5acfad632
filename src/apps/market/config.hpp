// What obelisk-market is told: flags before environment before file, all checked before anything is
// started. It must never take a secret as a value; keys are named by their files.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/forwarded.hpp"
#include "apps/market/limits.hpp"
#include "apps/market/log.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "core/escrow/layout.hpp"
#include "core/identity/origins.hpp"
#include "core/solana/fee.hpp"
#include "core/tunnel/place.hpp"

namespace obelisk::market_app {

inline constexpr char kDefaultListen[] = "127.0.0.1:8480";
inline constexpr char kDefaultRpcUrl[] = "http://127.0.0.1:8899";

struct Config {
  std::string listen_address;
  std::uint16_t listen_port = 0;  // 0: the system chooses
  std::string state_dir;
  std::string database;  // a PostgreSQL server's URI; empty: a file in state_dir
  std::string rpc_url;
  std::string ws_url;  // empty: by the Solana CLI's rule from rpc_url
  base::PublicKey program;
  base::PublicKey market;
  std::string watch_socket;                                    // of obelisk-watch
  std::string price;                                           // "live", "fixed:140"
  std::map<std::string, std::string, std::less<>> price_urls;  // by service
  std::string hermes_token_file;
  std::string pyth_account;
  http::TrustedProxies trusted_proxies;
  std::vector<tunnel::Place> gateways;   // where renters reach hosts without an open port
  std::vector<std::string> web_domains;  // below which leases' terminals are reached by https
  Limits limits;
  solana::FeeLimits fees;  // of what the attestor sends
  std::string ready_file;  // empty: none
  identity::Origins origins = identity::Origins::local("");
  Level log_level = Level::info;
  bool local = false;
  bool mainnet = false;
};

// What create-market is told.
struct MarketRequest {
  std::string rpc_url;
  std::string ws_url;
  base::PublicKey program;
  std::string operator_keypair;
  base::PublicKey treasury;
  escrow::MarketTerms terms{};
  bool mainnet = false;
};

// Settings by their flag's name without dashes ("rpc", "watch"), as they were given.
using Given = std::map<std::string, std::string, std::less<>>;
using Environment = std::function<std::optional<std::string>(const char* name)>;

// The settings that obelisk-market serves by, each with its flag, variable and key of the file.
struct Setting {
  const char* flag;
  const char* variable;  // null: only on the command line and in the file
  const char* key;       // null: not in the file
  bool is_switch;        // true or false instead of a text
  const char* help;
};
std::span<const Setting> settings();

// Lays environment and file under the flags and checks everything. The file is --config's or
// OBELISK_CONFIG's; without either there is none.
base::Result<Config> read_config(Given flags, const Environment& environment);

// What the operator's verbs need of the same settings; what was not said is empty.
struct Ground {
  std::string state_dir;
  std::string database;
  std::string rpc_url;
  std::string ws_url;
  std::optional<base::PublicKey> program;
  std::optional<base::PublicKey> market;
  bool mainnet = false;
};
base::Result<Ground> read_ground(Given flags, const Environment& environment);

// "127.0.0.1:8480", "[::1]:0".
struct ListenAt {
  std::string address;
  std::uint16_t port = 0;
};
base::Result<ListenAt> parse_listen(std::string_view text);

}  // namespace obelisk::market_app
