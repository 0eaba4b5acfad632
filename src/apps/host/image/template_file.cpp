#include "apps/host/image/template_file.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <array>

#include "adapters/podman/sshd_config.hpp"
#include "core/market/images.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

// Those that images/build takes too.
constexpr std::array<std::string_view, 9> kKeys{
    "title", "extends", "unbuilt", "oci", "packages", "ports", "start", "motd", "environment"};
constexpr std::size_t kMaxTitle = 200;
constexpr std::size_t kMaxScript = 4096;
constexpr std::size_t kMaxPorts = 15;

Error bad(const std::filesystem::path& file, const std::string& what) {
  return {Code::usage, file.string() + ": " + what + ".", "Correct the file and try again."};
}

base::Result<void> take_ports(const toml::table& table, TemplateFile& out) {
  const auto* ports = table["ports"].as_array();
  if (ports == nullptr) return {};
  for (const auto& item : *ports) {
    const auto port = item.value<std::int64_t>();
    if (!port || *port < 1 || *port > 65'535 || out.ports.size() == kMaxPorts) {
      return Error{Code::usage, "its ports are not up to 15 numbers from 1 to 65535", ""};
    }
    out.ports.push_back(static_cast<std::uint16_t>(*port));
  }
  return {};
}

base::Result<void> take_environment(const toml::table& table, TemplateFile& out) {
  const auto* variables = table["environment"].as_table();
  if (variables == nullptr) return {};
  for (const auto& [name, value] : *variables) {
    const auto text = value.value<std::string>();
    if (!text) return Error{Code::usage, "a variable of its environment is not text", ""};
    out.environment.emplace(name.str(), *text);
  }
  return podman::check_environment(out.environment);
}

}  // namespace

base::Result<TemplateFile> read_template(const std::filesystem::path& file) {
  const toml::parse_result parsed = toml::parse_file(file.string());
  if (!parsed) return bad(file, std::string(parsed.error().description()));
  const toml::table& table = parsed.table();
  for (const auto& [key, value] : table) {
    if (std::ranges::find(kKeys, key.str()) != kKeys.end()) continue;
    return bad(file, "'" + std::string(key.str()) + "' is no key of a template");
  }
  TemplateFile out;
  out.name = file.stem().string();
  if (!market::valid_template_name(out.name)) {
    return bad(file, "its name is not lower-case letters, digits and dashes");
  }
  out.title = table["title"].value_or(std::string());
  out.oci = table["oci"].value_or(std::string());
  const std::string script = table["start"].value_or(std::string());
  if (out.title.size() > kMaxTitle || script.size() > kMaxScript) {
    return bad(file, "its title or program is too long");
  }
  if (!script.empty()) out.start = {"/bin/sh", "-c", script};
  if (auto taken = take_ports(table, out); !taken) return bad(file, taken.error().message);
  if (auto taken = take_environment(table, out); !taken) return bad(file, taken.error().message);
  return out;
}

}  // namespace obelisk::host
