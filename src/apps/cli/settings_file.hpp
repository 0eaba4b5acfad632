// The command line's own file, TOML: market_url, rpc_url, ws_url, keypair, state, program. Unknown
// names are refused, so that a misspelt one cannot be overlooked. It must never hold a key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::cli {

struct SettingsFile {
  std::optional<std::string> market_url;
  std::optional<std::string> rpc_url;
  std::optional<std::string> ws_url;
  std::optional<std::string> keypair;
  std::optional<std::string> state;
  std::optional<std::string> program;
};

// `file` is only for messages.
base::Result<SettingsFile> parse_settings_file(std::string_view text, const std::string& file);
// Nothing where there is no such file; at most 64 KiB.
base::Result<std::optional<SettingsFile>> load_settings_file(const std::string& file);

}  // namespace obelisk::cli
