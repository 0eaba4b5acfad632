#include "apps/market/config.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/settlement/settlement.hpp"
#include "core/solana/cluster_url.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr std::array kSettings{
    Setting{"listen", "OBELISK_LISTEN", "listen", false,
            "Address and port to serve on; port 0 lets the system choose"},
    Setting{"state", "OBELISK_STATE", "state_dir", false, "Where the database and logins lie"},
    Setting{
        "database", "OBELISK_DATABASE", "database", false,
        "postgresql://USER@HOST/NAME instead of a file in --state; its password is in ~/.pgpass"},
    Setting{"rpc", "OBELISK_RPC_URL", "rpc_url", false,
            "A Solana node's RPC URL, or several with commas between"},
    Setting{"ws", "OBELISK_WS_URL", "ws_url", false, "Their WebSocket URLs, if not the usual ones"},
    Setting{"program", "OBELISK_PROGRAM", "program", false, "The lease program's address"},
    Setting{"operator", "OBELISK_OPERATOR", "operator", false,
            "The operator's address; the market account follows from it"},
    Setting{"market", "OBELISK_MARKET", "market", false,
            "The market account itself, instead of --operator"},
    Setting{"watch", "OBELISK_WATCH", "watch", false,
            "The unix socket of this market's obelisk-watch, which has the attestor's key"},
    Setting{"attestor-keypair", "OBELISK_ATTESTOR_KEYPAIR", "attestor_keypair", false,
            "Is obelisk-watch's now; refused here"},
    Setting{"price", "OBELISK_PRICE", "price", false,
            "Dollars a SOL: live, live:coinbase,kraken,hermes,pyth, or fixed:140"},
    Setting{"price-urls", "OBELISK_PRICE_URLS", "price_urls", false,
            "Other addresses of price services: kraken=URL coinbase=URL"},
    Setting{"hermes-token", nullptr, "hermes_token", false,
            "File with the token of Pyth's web service (0600)"},
    Setting{"pyth-account", nullptr, "pyth_account", false,
            "Address of Pyth's SOL/USD account, for live:...,pyth"},
    Setting{
        "fee-price", nullptr, "fee_price", false,
        "Priority fee in micro-lamports a compute unit: 0..1000000; between them, what others pay"},
    Setting{"fee-most", nullptr, "fee_most", false,
            "The most lamports of priority fee for one transaction (50000)"},
    Setting{"trusted-proxies", nullptr, "trusted_proxies", false,
            "Reverse proxies whose X-Forwarded-For is believed: 127.0.0.1 10.0.0.0/8"},
    Setting{"gateways", "OBELISK_GATEWAYS", "gateways", false,
            "Where renters reach hosts without an open port: NAME:PORT#KEY, commas between"},
    Setting{"web-domains", "OBELISK_WEB_DOMAINS", "web_domains", false,
            "The gateways' --web-domain, for the page's terminal; their names if not said"},
    Setting{"limits", nullptr, "limits", false,
            "Limits by name: 'hosts=20000 reads_per_s=0'; in the file a table, [limits]"},
    Setting{"origins", "OBELISK_ORIGINS", "origins", false,
            "The URLs that people reach this market by, commas between; localhost if not said"},
    Setting{"ready-file", nullptr, "ready_file", false,
            "Written (0600) with {url, pid} once requests are taken"},
    Setting{"log-level", "OBELISK_LOG_LEVEL", "log_level", false,
            "The least that is logged: debug, info (also every request), warning, error"},
    Setting{"local", "OBELISK_LOCAL", "local", true,
            "This is a local network: simulated cards are allowed, and shown as such"},
    Setting{"mainnet", nullptr, nullptr, true, "Allow Solana's mainnet, where SOL is money"},
};

Error usage(const std::string& what, std::string action) {
  return {Code::usage, what, std::move(action)};
}

// "hosts = 20000" of a table as "hosts=20000", the text that the flag would have been.
std::optional<std::string> text_of(const toml::table& table) {
  std::string out;
  for (const auto& [name, node] : table) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value) return std::nullopt;
    out += std::string(name.str()) + "=" + std::to_string(*value) + " ";
  }
  return out;
}

// One value of the file as the text that a flag would have been.
std::optional<std::string> text_of(const toml::node& node, bool is_switch) {
  if (is_switch) {
    const auto value = node.value_exact<bool>();
    return value ? std::optional<std::string>(*value ? "true" : "false") : std::nullopt;
  }
  return node.value_exact<std::string>();
}

base::Result<Given> read_file(const std::string& file) {
  const toml::parse_result parsed = toml::parse_file(file);
  if (!parsed) {
    return usage(file + ": " + std::string(parsed.error().description()) + ".",
                 "Correct the file and start again.");
  }
  Given out;
  for (const auto& [name, node] : parsed.table()) {
    const auto* setting = std::ranges::find_if(kSettings, [&](const Setting& known) {
      return known.key != nullptr && known.key == name.str();
    });
    if (setting == kSettings.end()) {
      return usage(file + ": '" + std::string(name.str()) + "' is not a setting.",
                   "See obelisk-market --help.");
    }
    const bool is_table = name.str() == "limits";
    const auto text = !is_table         ? text_of(node, setting->is_switch)
                      : node.is_table() ? text_of(*node.as_table())
                                        : std::nullopt;
    if (!text) {
      return usage(file + ": '" + std::string(name.str()) + "' has the wrong type.",
                   is_table             ? "Write [limits], and below it whole numbers."
                   : setting->is_switch ? "Write true or false."
                                        : "Write it in quotes.");
    }
    out.emplace(setting->flag, *text);
  }
  return out;
}

base::Result<bool> switch_of(const Given& given, const char* flag) {
  const auto at = given.find(flag);
  if (at == given.end() || at->second == "false" || at->second == "0") return false;
  if (at->second == "true" || at->second == "1") return true;
  return usage(std::string("'") + flag + "' is neither true nor false.", "Write true or false.");
}

base::Result<base::PublicKey> key_of(const Given& given, const char* flag) {
  const auto at = given.find(flag);
  const auto key = at == given.end() ? std::nullopt : base::PublicKey::parse(at->second);
  if (key) return *key;
  return usage(
      std::string("--") + flag + (at == given.end() ? " is missing." : " is not an address."),
      std::string("Give --") + flag + " with a base58 address. See --help for examples.");
}

std::string text_or(const Given& given, const char* flag, const std::string& otherwise) {
  const auto at = given.find(flag);
  return at == given.end() ? otherwise : at->second;
}

// "kraken=http://127.0.0.1:9000/ticker coinbase=...", parted by blanks.
base::Result<std::map<std::string, std::string, std::less<>>> price_urls_of(std::string_view text) {
  std::map<std::string, std::string, std::less<>> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (entry.empty()) continue;
    const std::size_t equals = entry.find('=');
    if (equals == 0 || equals == std::string_view::npos || equals + 1 == entry.size()) {
      return usage("'" + std::string(entry.substr(0, 80)) + "' names no price service and address.",
                   "Write --price-urls 'kraken=http://127.0.0.1:9000/ticker'.");
    }
    out.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return out;
}

// A name, with or without a port, and not a numeric address: nothing lies below one. It ends up in
// a policy that browsers read, so nothing else does.
bool is_web_domain(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
  const std::string_view host = text.substr(0, text.find(':'));
  const std::string_view port = text.substr(host.size());
  return host.find_first_of(kLetters) != host.npos && text.size() <= 260 &&
         host.find_first_not_of(std::string(kLetters) + "0123456789-.") == host.npos &&
         (port.empty() ||
          (port.size() > 1 && port.find_first_not_of("0123456789", 1) == port.npos));
}

// "gw.example,localhost:8443".
base::Result<std::vector<std::string>> web_domains_of(std::string_view text,
                                                      const std::vector<tunnel::Place>& gateways) {
  std::vector<std::string> out;
  if (text.empty()) {
    for (const tunnel::Place& gateway : gateways) {
      if (is_web_domain(gateway.host)) out.push_back(gateway.host);
    }
    return out;
  }
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const std::string_view domain = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!is_web_domain(domain) || out.size() == tunnel::kMaxPlaces) {
      return usage("--web-domains takes up to four names, with commas between.",
                   "Write what the gateways have as --web-domain: gw.example,gw2.example:8443.");
    }
    out.emplace_back(domain);
  }
  return out;
}

base::Result<base::PublicKey> market_of(const Given& given, const base::PublicKey& program) {
  if (given.contains("operator") && given.contains("market")) {
    return usage("--operator and --market say the same thing twice.", "Give one of them.");
  }
  if (given.contains("market")) return key_of(given, "market");
  TRY(const auto operator_key, key_of(given, "operator"));
  return settlement::market_address(program, operator_key).address;
}

// A URI that shows up in a list of processes, a log or a backup holds no password.
base::Result<std::string> database_of(const std::string& uri) {
  if (uri.empty()) return uri;
  if (!uri.starts_with("postgresql://") && !uri.starts_with("postgres://")) {
    return usage("--database is no PostgreSQL URI.",
                 "Write it like postgresql://market@db/market.");
  }
  const std::string_view user = std::string_view(uri).substr(0, uri.find('@'));
  const bool secret = uri.find('@') != std::string::npos &&
                      user.find(':', user.find("//") + 2) != std::string_view::npos;
  if (secret || uri.find("password=") != std::string::npos) {
    return usage("--database has a password in it, where others can read it.",
                 "Put it into ~/.pgpass (mode 0600) or PGPASSFILE, and leave it out here.");
  }
  return uri;
}

base::Result<identity::Origins> origins_of(const std::string& text, const std::string& address) {
  if (text.empty()) return identity::Origins::local(address);
  return identity::Origins::parse(text);
}

base::Result<Given> merged(Given flags, const Environment& environment) {
  for (const Setting& setting : kSettings) {
    if (setting.variable == nullptr) continue;
    if (const auto value = environment(setting.variable)) flags.try_emplace(setting.flag, *value);
  }
  const auto named = flags.find("config");
  const auto file =
      named != flags.end() ? std::optional(named->second) : environment("OBELISK_CONFIG");
  if (!file) return flags;
  TRY(Given from_file, read_file(*file));
  flags.merge(from_file);
  return flags;
}

std::string default_state_dir(const Environment& environment) {
  if (const auto home = environment("XDG_STATE_HOME")) return *home + "/obelisk-market";
  return environment("HOME").value_or("/var/lib") + "/.local/state/obelisk-market";
}

}  // namespace

std::span<const Setting> settings() { return kSettings; }

base::Result<ListenAt> parse_listen(std::string_view text) {
  const Error wrong =
      usage("'" + std::string(text.substr(0, 80)) + "' is not an address to serve on.",
            "Write it like 127.0.0.1:8480 or [::1]:8480.");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong;
  std::string_view address = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = address.starts_with('[') && address.ends_with(']') && address.size() > 2;
  if (bracketed) address = address.substr(1, address.size() - 2);
  if (bracketed != (address.find(':') != std::string_view::npos)) return wrong;
  if (address.find_first_of("[] /") != std::string_view::npos) return wrong;
  ListenAt out{std::string(address), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size()) return wrong;
  return out;
}

base::Result<Ground> read_ground(Given flags, const Environment& environment) {
  TRY(const Given given, merged(std::move(flags), environment));
  Ground out;
  out.state_dir = text_or(given, "state", default_state_dir(environment));
  TRY(out.database, database_of(text_or(given, "database", "")));
  out.rpc_url = solana::cluster_url(text_or(given, "rpc", kDefaultRpcUrl));
  out.ws_url = text_or(given, "ws", "");
  if (given.contains("program")) {
    TRY(out.program, key_of(given, "program"));
  }
  if (out.program && (given.contains("market") || given.contains("operator"))) {
    TRY(out.market, market_of(given, *out.program));
  }
  TRY(out.mainnet, switch_of(given, "mainnet"));
  return out;
}

base::Result<Config> read_config(Given flags, const Environment& environment) {
  TRY(const Given given, merged(std::move(flags), environment));
  Config out;
  TRY(const ListenAt listen, parse_listen(text_or(given, "listen", kDefaultListen)));
  out.listen_address = listen.address;
  out.listen_port = listen.port;
  out.state_dir = text_or(given, "state", default_state_dir(environment));
  TRY(out.database, database_of(text_or(given, "database", "")));
  out.rpc_url = solana::cluster_url(text_or(given, "rpc", kDefaultRpcUrl));
  out.ws_url = text_or(given, "ws", "");
  TRY(out.program, key_of(given, "program"));
  TRY(out.market, market_of(given, out.program));
  if (given.contains("attestor-keypair")) {
    return usage("The attestor's key is not for the market's process any more.",
                 "Give --attestor-keypair to obelisk-watch, and --watch SOCKET here.");
  }
  out.watch_socket = text_or(given, "watch", "");
  if (out.watch_socket.empty()) {
    return usage("--watch is missing.", "Start obelisk-watch, and name its socket.");
  }
  out.price = text_or(given, "price", "");
  if (out.price.empty()) {
    return usage("--price is missing: quotes need to know what a SOL is worth.",
                 "Give --price live, or --price fixed:140 for 140 dollars a SOL.");
  }
  TRY(out.price_urls, price_urls_of(text_or(given, "price-urls", "")));
  out.hermes_token_file = text_or(given, "hermes-token", "");
  out.pyth_account = text_or(given, "pyth-account", "");
  TRY(out.fees,
      solana::fee_limits_from(text_or(given, "fee-price", ""), text_or(given, "fee-most", "")));
  TRY(out.trusted_proxies, http::TrustedProxies::parse(text_or(given, "trusted-proxies", "")));
  TRY(out.gateways, tunnel::parse_places(text_or(given, "gateways", "")));
  TRY(out.web_domains, web_domains_of(text_or(given, "web-domains", ""), out.gateways));
  TRY(out.limits, limits_from(text_or(given, "limits", "")));
  TRY(out.origins, origins_of(text_or(given, "origins", ""), out.listen_address));
  out.ready_file = text_or(given, "ready-file", "");
  TRY(out.log_level, level_from(text_or(given, "log-level", "info")));
  TRY(out.local, switch_of(given, "local"));
  TRY(out.mainnet, switch_of(given, "mainnet"));
  if (out.local && out.mainnet) {
    return usage("--local and --mainnet exclude each other.", "Give one of them, or none.");
  }
  if (out.mainnet && out.price.starts_with("fixed:")) {
    return usage("A fixed price of SOL is for the local network; on the mainnet it would be wrong.",
                 "Give --price live.");
  }
  return out;
}

}  // namespace obelisk::market_app
