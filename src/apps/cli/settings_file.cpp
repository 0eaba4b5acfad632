#include "apps/cli/settings_file.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "apps/cli/files.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxBytes = 64 << 10;

Error bad(const std::string& file, const std::string& what) {
  return {Code::invalid_input, file + ": " + what + ".",
          "The names are market_url, rpc_url, ws_url, keypair, state, program; each a \"text\"."};
}

}  // namespace

base::Result<SettingsFile> parse_settings_file(std::string_view text, const std::string& file) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const auto& source = parsed.error().source().begin;
    return bad(file, "line " + std::to_string(source.line) + " is not TOML");
  }
  SettingsFile out;
  for (const auto& [key, node] : parsed.table()) {
    const std::string_view name = key.str();
    std::optional<std::string>* field = nullptr;
    if (name == "market_url") field = &out.market_url;
    if (name == "rpc_url") field = &out.rpc_url;
    if (name == "ws_url") field = &out.ws_url;
    if (name == "keypair") field = &out.keypair;
    if (name == "state") field = &out.state;
    if (name == "program") field = &out.program;
    if (field == nullptr) return bad(file, "\"" + std::string(name) + "\" is no setting");
    *field = node.value_exact<std::string>();
    if (!*field || (*field)->empty()) return bad(file, std::string(name) + " is not a text");
  }
  return out;
}

base::Result<std::optional<SettingsFile>> load_settings_file(const std::string& file) {
  TRY(auto text, read_file(file, kMaxBytes));
  if (!text) return std::optional<SettingsFile>{};
  TRY(SettingsFile parsed, parse_settings_file(*text, file));
  return std::optional<SettingsFile>(std::move(parsed));
}

}  // namespace obelisk::cli
