// The Solana CLI's configuration (`~/.config/solana/cli/config.yml`): the three lines we need of
// it. It must never write it, and is no YAML reader: a form that the CLI does not write is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::keyfile {

// Each is nothing where the file does not say it.
struct CliConfig {
  std::optional<std::string> rpc_url;
  std::optional<std::string> websocket_url;  // written there, or derived from rpc_url
  std::optional<std::string> keypair_file;
};

// Where the Solana CLI keeps its files below a home folder.
std::string default_cli_config_file(std::string_view home);
std::string default_keypair_file(std::string_view home);

// An absent file is an empty configuration.
base::Result<CliConfig> load_cli_config(const std::string& file);
// `file` is only for messages.
base::Result<CliConfig> parse_cli_config(std::string_view text, const std::string& file);

}  // namespace obelisk::keyfile
