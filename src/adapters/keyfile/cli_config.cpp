#include "adapters/keyfile/cli_config.hpp"

#include <filesystem>
#include <fstream>

#include "core/solana/cluster_url.hpp"

namespace obelisk::keyfile {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxFileBytes = 64 * 1024;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// A plain or quoted scalar on one line. Nothing for what would need a real YAML reader.
std::optional<std::string> scalar(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.front() == '#') return std::string();
  if (text.front() == '"' || text.front() == '\'') {
    const std::size_t end = text.find(text.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view after = trimmed(text.substr(end + 1));
    const std::string_view inner = text.substr(1, end - 1);
    const bool plain_end = after.empty() || after.front() == '#';
    if (!plain_end || inner.find('\\') != std::string_view::npos) return std::nullopt;
    return std::string(inner);
  }
  if (std::string_view("|>&*!%@`{[").find(text.front()) != std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(trimmed(text.substr(0, text.find(" #"))));
}

Error unreadable(const std::string& file, std::string_view what) {
  return {Code::invalid_input, file + ": " + std::string(what) + ".",
          "Correct it with `solana config set`, or name the URL and the key file yourself."};
}

}  // namespace

std::string default_cli_config_file(std::string_view home) {
  return std::string(home) + "/.config/solana/cli/config.yml";
}

std::string default_keypair_file(std::string_view home) {
  return std::string(home) + "/.config/solana/id.json";
}

base::Result<CliConfig> parse_cli_config(std::string_view text, const std::string& file) {
  CliConfig out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    // An indented name, as below address_labels, keeps its spaces and so is none of ours.
    const std::string_view key = line.substr(0, colon);
    std::optional<std::string>* field = key == "json_rpc_url"    ? &out.rpc_url
                                        : key == "websocket_url" ? &out.websocket_url
                                        : key == "keypair_path"  ? &out.keypair_file
                                                                 : nullptr;
    if (field == nullptr) continue;
    auto value = scalar(line.substr(colon + 1));
    if (!value) return unreadable(file, "the line " + std::string(key) + " cannot be read");
    if (!value->empty()) *field = *std::move(value);
  }
  if (out.rpc_url) out.rpc_url = solana::cluster_url(*out.rpc_url);
  if (!out.websocket_url && out.rpc_url) {
    out.websocket_url = solana::derived_websocket_url(*out.rpc_url);
  }
  return out;
}

base::Result<CliConfig> load_cli_config(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return CliConfig{};
  if (!std::filesystem::is_regular_file(file, error)) return unreadable(file, "not a file");
  std::ifstream in(file, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (!in.is_open())) return unreadable(file, "it cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxFileBytes) return unreadable(file, "it is longer than 64 KiB");
  return parse_cli_config(text, file);
}

}  // namespace obelisk::keyfile
