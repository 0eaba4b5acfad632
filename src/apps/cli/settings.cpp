#include "apps/cli/settings.hpp"

#include <cstdlib>
#include <set>

#include "adapters/http/url.hpp"
#include "adapters/keyfile/cli_config.hpp"
#include "adapters/solana/open_chain.hpp"
#include "apps/cli/files.hpp"
#include "apps/cli/settings_file.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using Text = std::optional<std::string>;

Text first_of(const Text& a, const Text& b, const Text& c, const Text& d = {}) {
  return a ? a : b ? b : c ? c : d;
}

// "~/x" is what people write into files, where no shell reads it.
std::string expanded(std::string path, const std::string& home) {
  if (path.starts_with("~/")) path.replace(0, 1, home);
  return path;
}

Text absolute_or_nothing(const Text& path) {
  return path && path->starts_with("/") ? path : std::nullopt;
}

base::Result<SettingsFile> our_file(const CommonFlags& flags, const Environment& environment,
                                    const std::string& home) {
  const Text named = flags.config ? flags.config : environment("OBELISK_CONFIG");
  const std::string folder =
      absolute_or_nothing(environment("XDG_CONFIG_HOME")).value_or(home + "/.config");
  const std::string file = named ? expanded(*named, home) : folder + "/obelisk/config.toml";
  TRY(auto loaded, load_settings_file(file));
  if (!loaded && named) {
    return Error{Code::not_found, "There is no file " + file + ".",
                 "Correct --config or OBELISK_CONFIG."};
  }
  return loaded.value_or(SettingsFile{});
}

base::Result<http::Url> checked_url(const std::string& url, const char* flag) {
  auto parsed = http::Url::parse(url);
  if (!parsed || parsed->web_socket()) {
    return Error{Code::usage, "The address for " + std::string(flag) + " is not an http URL.",
                 std::string("Give one like http://127.0.0.1:8899 with ") + flag + "."};
  }
  return std::move(*parsed);
}

// The nodes as they were named: the list, and their sockets if those were named as well.
struct NodeWords {
  Text rpc;
  Text ws;
};

// Sockets belong to the nodes that they were named with. A nearer place may name others; a farther
// one spoke of other nodes.
NodeWords nearest(const std::vector<NodeWords>& places) {
  NodeWords out;
  for (const NodeWords& place : places) {
    if (!out.ws) out.ws = place.ws;
    if (!place.rpc) continue;
    out.rpc = place.rpc;
    break;
  }
  return out;
}

base::Result<std::vector<std::string>> socket_urls(const Text& words, std::size_t nodes) {
  std::vector<std::string> out;
  if (!words) return out;
  TRY(out, solana_rpc::node_urls(*words));
  for (const std::string& url : out) {
    const auto parsed = http::Url::parse(url);
    if (!parsed || !parsed->web_socket()) {
      return Error{Code::usage, "The address for --ws-url is not a ws URL.",
                   "Give one like ws://127.0.0.1:8900 with --ws-url, or none."};
    }
  }
  if (out.size() != nodes) {
    return Error{Code::usage, "There are not as many WebSocket URLs as RPC URLs.",
                 "Name one for each node in the same order, or none."};
  }
  return out;
}

base::Result<void> read_nodes(const NodeWords& words, Settings& out) {
  TRY(out.rpc_urls, solana_rpc::node_urls(words.rpc.value_or(kDefaultRpcUrl)));
  std::set<std::string> known;
  for (const std::string& url : out.rpc_urls) {
    TRY(const http::Url node, checked_url(url, "--rpc-url"));
    // The same node written in two ways would count as two witnesses.
    if (!known.insert(node.where() + node.path + "?" + node.query).second) {
      return Error{Code::usage, "The list of RPC nodes names one twice.", "Name each once."};
    }
  }
  TRY(out.ws_urls, socket_urls(words.ws, out.rpc_urls.size()));
  return {};
}

}  // namespace

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

base::Result<Settings> read_settings(const CommonFlags& flags, const Environment& environment) {
  const std::string home = absolute_or_nothing(environment("HOME")).value_or("");
  TRY(const SettingsFile file, our_file(flags, environment, home));
  const std::string solana_file =
      environment("SOLANA_CONFIG_FILE").value_or(keyfile::default_cli_config_file(home));

  NodeWords nodes = nearest({{flags.rpc_url, flags.ws_url},
                             {environment("OBELISK_RPC_URL"), environment("OBELISK_WS_URL")},
                             {file.rpc_url, file.ws_url}});
  Text keypair = first_of(flags.keypair, environment("OBELISK_KEYPAIR"), file.keypair);
  if (!nodes.rpc || !keypair) {
    // A broken file of another program matters only where it is asked.
    TRY(const keyfile::CliConfig solana, keyfile::load_cli_config(solana_file));
    if (!nodes.rpc) {
      nodes.rpc = solana.rpc_url;
      // What that program derives is of one node; it knows no lists.
      const bool one = nodes.rpc && nodes.rpc->find(',') == std::string::npos;
      if (one && !nodes.ws) nodes.ws = solana.websocket_url;
    }
    if (!keypair) keypair = solana.keypair_file;
  }

  Settings out;
  out.market_url = first_of(flags.market_url, environment("OBELISK_MARKET_URL"), file.market_url)
                       .value_or(kDefaultMarketUrl);
  TRY_VOID(checked_url(out.market_url, "--market-url"));
  TRY_VOID(read_nodes(nodes, out));
  out.keypair_file = expanded(keypair.value_or(keyfile::default_keypair_file(home)), home);
  const std::string state_home =
      absolute_or_nothing(environment("XDG_STATE_HOME")).value_or(home + "/.local/state");
  const Text state =
      first_of(flags.state, environment("OBELISK_STATE"), file.state, state_home + "/obelisk");
  out.state_dir = absolute_path(expanded(*state, home));
  out.home = home;
  if (const Text program = first_of(flags.program, environment("OBELISK_PROGRAM"), file.program)) {
    out.program = base::PublicKey::parse(*program);
    if (!out.program) {
      return Error{Code::usage, "The program is not an address.",
                   "Give the base58 address that --program names."};
    }
  }
  out.mainnet = flags.mainnet;
  out.json = flags.json;
  return out;
}

}  // namespace obelisk::cli
