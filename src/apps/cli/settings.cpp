#include "apps/cli/settings.hpp"

#include <cstdlib>

#include "adapters/http/url.hpp"
#include "adapters/keyfile/cli_config.hpp"
#include "apps/cli/files.hpp"
#include "apps/cli/settings_file.hpp"
#include "core/solana/cluster_url.hpp"

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

base::Result<std::string> checked_url(const std::string& url, const char* flag) {
  const auto parsed = http::Url::parse(url);
  if (!parsed || parsed->web_socket()) {
    return Error{Code::usage, "The address for " + std::string(flag) + " is not an http URL.",
                 std::string("Give one like http://127.0.0.1:8899 with ") + flag + "."};
  }
  return url;
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

  Text rpc = first_of(flags.rpc_url, environment("OBELISK_RPC_URL"), file.rpc_url);
  Text keypair = first_of(flags.keypair, environment("OBELISK_KEYPAIR"), file.keypair);
  if (!rpc || !keypair) {
    // A broken file of another program matters only where it is asked.
    TRY(const keyfile::CliConfig solana, keyfile::load_cli_config(solana_file));
    if (!rpc) rpc = solana.rpc_url;
    if (!keypair) keypair = solana.keypair_file;
  }

  Settings out;
  TRY(out.market_url, checked_url(first_of(flags.market_url, environment("OBELISK_MARKET_URL"),
                                           file.market_url, Text(kDefaultMarketUrl))
                                      .value(),
                                  "--market-url"));
  // Servers take a list of nodes from the same variable; one command asks the first.
  const std::string nodes = rpc.value_or(kDefaultRpcUrl);
  TRY(out.rpc_url, checked_url(solana::cluster_url(nodes.substr(0, nodes.find(','))), "--rpc-url"));
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
