#include "apps/host/config.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

Error bad(const std::filesystem::path& file, const std::string& what) {
  return {Code::usage, file.string() + ": " + what + ".", "Correct the file and start again."};
}

// One known key: takes the node's value into the config, or says why it cannot.
using Take = base::Result<void> (*)(Config&, const toml::node&);

template <auto Member>
base::Result<void> take_text(Config& config, const toml::node& node) {
  const auto text = node.value<std::string>();
  if (!text) return Error{Code::usage, "is not text", ""};
  config.*Member = *text;
  return {};
}

template <auto Member>
base::Result<void> take_flag(Config& config, const toml::node& node) {
  const auto value = node.value<bool>();
  if (!value) return Error{Code::usage, "is neither true nor false", ""};
  config.*Member = *value;
  return {};
}

template <auto Member>
base::Result<void> take_count(Config& config, const toml::node& node) {
  const auto value = node.value<std::int64_t>();
  using Field = std::remove_reference_t<decltype(config.*Member)>;
  if (!value || *value < 0 ||
      static_cast<std::uint64_t>(*value) > std::numeric_limits<Field>::max()) {
    return Error{Code::usage, "is not a whole number in range", ""};
  }
  config.*Member = static_cast<Field>(*value);
  return {};
}

template <auto Member>
base::Result<void> take_dollars(Config& config, const toml::node& node) {
  const auto text = node.value<std::string>();
  if (!text) return Error{Code::usage, "is not a price in quotes, like \"0.88\"", ""};
  TRY(config.*Member, micro_usd_from(*text));
  return {};
}

template <auto Member>
base::Result<void> take_list(Config& config, const toml::node& node) {
  const auto* list = node.as_array();
  if (list == nullptr || list->size() > 8) return Error{Code::usage, "is not a short list", ""};
  (config.*Member).clear();
  for (const auto& item : *list) {
    const auto text = item.value<std::string>();
    if (!text) return Error{Code::usage, "has an item that is not text", ""};
    (config.*Member).push_back(*text);
  }
  return {};
}

base::Result<void> take_caches(Config& config, const toml::node& node) {
  const auto* table = node.as_table();
  if (table == nullptr || table->size() > 16) return Error{Code::usage, "is not a short table", ""};
  config.caches.clear();
  for (const auto& [name, folder] : *table) {
    const auto text = folder.value<std::string>();
    if (!text) return Error{Code::usage, "has a folder that is not text", ""};
    config.caches.emplace(name.str(), *text);
  }
  return {};
}

struct Key {
  std::string_view name;
  Take take;
};

constexpr Key kKeys[] = {
    {"keypair", take_text<&Config::keypair>},
    {"fee_keypair", take_text<&Config::fee_keypair>},
    {"fee_price", take_text<&Config::fee_price>},
    {"fee_most", take_text<&Config::fee_most>},
    {"state_dir", take_text<&Config::state_dir>},
    {"images_dir", take_text<&Config::images_dir>},
    {"market_url", take_text<&Config::market_url>},
    {"market", take_text<&Config::market>},
    {"program", take_text<&Config::program>},
    {"rpc_url", take_text<&Config::rpc_url>},
    {"ws_url", take_text<&Config::ws_url>},
    {"mainnet", take_flag<&Config::mainnet>},
    {"ssh_listen", take_text<&Config::ssh_listen>},
    {"ssh_address", take_text<&Config::ssh_address>},
    {"gateways", take_text<&Config::gateways>},
    {"allow_cpu", take_flag<&Config::allow_cpu>},
    {"cuda_library", take_text<&Config::cuda_library>},
    {"nvml_library", take_text<&Config::nvml_library>},
    {"usd_per_hour", take_dollars<&Config::micro_usd_per_hour>},
    {"usd_per_gb_month", take_dollars<&Config::micro_usd_per_gb_month>},
    {"max_seconds", take_count<&Config::max_seconds>},
    {"region", take_text<&Config::region>},
    {"disk_bytes", take_count<&Config::disk_bytes>},
    {"ram_bytes", take_count<&Config::ram_bytes>},
    {"cpu_milli", take_count<&Config::cpu_milli>},
    {"resolvers", take_list<&Config::resolvers>},
    {"pull_max_gb", take_count<&Config::pull_max_gb>},
    {"pull_keep_gb", take_count<&Config::pull_keep_gb>},
    {"pull_registries", take_list<&Config::pull_registries>},
    {"caches", take_caches},
};

}  // namespace

base::Result<Config> read_config(const std::filesystem::path& file, Config defaults) {
  const toml::parse_result parsed = toml::parse_file(file.string());
  if (!parsed) return bad(file, std::string(parsed.error().description()));
  for (const auto& [name, node] : parsed.table()) {
    const auto* key = std::find_if(std::begin(kKeys), std::end(kKeys),
                                   [&](const Key& known) { return known.name == name.str(); });
    if (key == std::end(kKeys))
      return bad(file, "'" + std::string(name.str()) + "' is not a setting");
    if (auto taken = key->take(defaults, node); !taken) {
      return bad(file, "'" + std::string(name.str()) + "' " + taken.error().message);
    }
  }
  return defaults;
}

base::Result<std::uint64_t> micro_usd_from(const std::string& dollars) {
  const Error wrong{Code::usage, "'" + dollars + "' is not a price in dollars",
                    "Write it like 0.88, above 0 and at most 1000."};
  const auto point = dollars.find('.');
  const std::string whole = dollars.substr(0, point);
  std::string part = point == std::string::npos ? "" : dollars.substr(point + 1);
  if (whole.empty() || whole.size() > 4 || part.size() > 6) return wrong;
  part.resize(6, '0');
  const std::string digits = whole + part;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return wrong;
  if (value == 0 || value > 1'000'000'000) return wrong;
  return value;
}

std::string dollars_from(std::uint64_t micro_usd) {
  constexpr std::uint64_t kMicro = 1'000'000;
  std::string part = std::to_string(kMicro + micro_usd % kMicro).substr(1);
  while (part.size() > 2 && part.back() == '0') part.pop_back();
  return std::to_string(micro_usd / kMicro) + "." + part;
}

}  // namespace obelisk::host
