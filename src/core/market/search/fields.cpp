#include "core/market/search/fields.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace obelisk::market::search {
namespace {

using enum Source;
using K = Kind;
using F = Field;

// clang-format off: a table is read by its rows.
constexpr std::array<FieldInfo, kFieldCount> kFields{{
    {F::id, "id", {"offer"}, K::text, "", market, "id",
     "the offer, as quote and rent take it"},
    {F::host, "host", {"wallet", "machine_id"}, K::text, "", market, "host",
     "the host's wallet"},
    {F::card, "card", {"gpu"}, K::text, "", host, "card",
     "a card of `obelisk cards`"},
    {F::name, "name", {"gpu_name"}, K::text, "", data_sheet, "card_name",
     "the card as people name it: name=rtx*"},
    {F::arch, "arch", {"gpu_arch"}, K::text, "", data_sheet, "",
     "ampere, ada, hopper or blackwell"},
    {F::gpus, "gpus", {"free", "num_gpus"}, K::count, "", market, "count",
     "cards that are free there now"},
    {F::listed, "listed", {}, K::count, "", host, "listed",
     "cards there, free or taken"},
    {F::vram, "vram", {"gpu_ram"}, K::memory, "GB", data_sheet, "",
     "of one card: an RTX 4090 has 24 GB"},
    {F::total_vram, "total_vram", {"gpu_total_ram"}, K::memory, "GB", data_sheet, "",
     "memory of all its free cards together"},
    {F::bandwidth, "bandwidth", {"gpu_mem_bw"}, K::speed, "GB/s", data_sheet,
     "bandwidth_bytes_per_s", "memory bandwidth of one card"},
    {F::tflops, "tflops", {"fp16"}, K::rate, "TFLOPS", data_sheet, "fp16_tflops",
     "dense FP16 rate of one card"},
    {F::total_tflops, "total_tflops", {"total_flops"}, K::rate, "TFLOPS", data_sheet, "",
     "the same of all its free cards together"},
    {F::capability, "capability", {"compute_cap"}, K::version, "", data_sheet, "compute_capability",
     "CUDA compute capability: capability>=8.9"},
    {F::price, "price", {"dph"}, K::usd, "USD", host, "micro_usd_per_hour",
     "USD for one card and hour"},
    {F::sol, "sol", {}, K::sol, "SOL", market, "lamports_per_hour",
     "SOL for one card and hour, at the rate of now"},
    {F::disk_price, "disk_price", {"storage_cost"}, K::usd, "USD", host, "micro_usd_per_gb_month",
     "USD per GB-month; 0: inside the price"},
    {F::traffic_price, "traffic_price", {"inet_up_cost", "inet_down_cost"}, K::usd, "USD", market,
     "", "USD per GB of traffic: 0, none is metered"},
    {F::tflops_per_usd, "tflops_per_usd", {"flops_usd"}, K::rate_price, "TFLOPS", data_sheet, "",
     "dense FP16 rate for one USD an hour"},
    {F::duration, "duration", {}, K::time, "h", host, "max_seconds",
     "the longest lease"},
    {F::min_duration, "min_duration", {}, K::time, "min", host, "min_seconds",
     "the shortest lease, as it is bought"},
    {F::region, "region", {"geolocation"}, K::text, "", host, "region",
     "where the host says it is"},
    {F::simulated, "simulated", {}, K::flag, "", host, "simulated",
     "it does not exist; on local networks only"},
    {F::cpu, "cpu", {"cpu_name"}, K::text, "", host, "cpu_name",
     "the processor's model name"},
    {F::cores, "cores", {"cpu_cores"}, K::cores, "", host, "cpu_milli",
     "processor cores that one card brings"},
    {F::ram, "ram", {"cpu_ram"}, K::memory, "GB", host, "ram_bytes",
     "main memory that one card brings"},
    {F::disk, "disk", {"disk_space"}, K::disk, "GB", host, "disk_bytes_max",
     "disk that one card brings"},
    {F::image, "image", {}, K::text, "", host, "images",
     "one of its resident images: image=sha256:4f*"},
    {F::templates, "template", {}, K::text, "", host, "images",
     "what one is made from: template=jupyter"},
    {F::pulls, "pulls", {}, K::disk, "GB", host, "pulls_max_bytes",
     "brings other images for renters, no larger"},
    {F::driver, "driver", {"driver_version"}, K::version, "", host, "driver_version",
     "NVIDIA's driver: driver>=550"},
    {F::cuda, "cuda", {"cuda_vers"}, K::version, "", host, "cuda_version",
     "the newest its driver runs: cuda>=12.4"},
    {F::pcie, "pcie", {"pci_gen"}, K::count, "", host, "pcie_generation",
     "PCIe generation, the least of its cards"},
    {F::lanes, "lanes", {"pcie_lanes"}, K::count, "", host, "pcie_lanes",
     "PCIe lanes, the least of its cards"},
    {F::nvlink, "nvlink", {"nvlink_links"}, K::count, "", host, "nvlink_links",
     "active NVLink links, the least; 0: none"},
    {F::power, "power", {"gpu_max_power"}, K::watts, "W", host, "power_limit_mw",
     "power limit of one card, the least of them"},
    {F::login_p50, "login_p50", {}, K::time, "s", measured, "login_p50_ms",
     "confirmed payment to first login, the median"},
    {F::login_p95, "login_p95", {}, K::time, "s", measured, "login_p95_ms",
     "the same: 95 of 100 took no longer"},
    {F::logins, "logins", {}, K::count, "", measured, "logins",
     "how many logins both are of, 100 at most"},
    {F::measured_bandwidth, "measured_bandwidth", {}, K::speed, "GB/s", host,
     "memory_bytes_per_s", "memory bandwidth of one card, measured"},
    {F::pcie_bandwidth, "pcie_bandwidth", {"pcie_bw"}, K::speed, "GB/s", host,
     "pcie_bytes_per_s", "between card and main memory, the same"},
    {F::nvlink_bandwidth, "nvlink_bandwidth", {"bw_nvlink"}, K::speed, "GB/s", host,
     "nvlink_bytes_per_s", "between its cards, the same"},
    {F::disk_bandwidth, "disk_bandwidth", {"disk_bw"}, K::speed, "GB/s", host,
     "disk_bytes_per_s", "of its disk, the same"},
    {F::download, "download", {"inet_down"}, K::network, "Mbps", host,
     "download_bits_per_s", "from the market, the same"},
    {F::upload, "upload", {"inet_up"}, K::network, "Mbps", host,
     "upload_bits_per_s", "to the market, the same"},
    {F::reliability, "reliability", {}, K::percent, "%", measured,
     "reliability_bps", "leases that their host kept up"},
    {F::proven, "proven", {}, K::memory, "GB", measured, "proven_memory_bytes",
     "memory of one card, filled at once and checked"},
}};
// clang-format on

constexpr bool in_order() {
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    if (static_cast<std::size_t>(kFields[i].field) != i) return false;
  }
  return static_cast<std::size_t>(Field::proven) + 1 == kFieldCount;
}
static_assert(in_order(), "the table has every field once, in the order of the enum");

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

// How many letters have to be put in, taken out or changed; words are short.
std::size_t slips(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j < row.size(); ++j) {
      const std::size_t changed = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::span<const FieldInfo> fields() { return kFields; }

const FieldInfo& info(Field field) { return kFields[static_cast<std::size_t>(field)]; }

bool is_set(Field field) { return field == Field::image || field == Field::templates; }

const FieldInfo* find_field(std::string_view name) {
  if (name.empty()) return nullptr;
  for (const FieldInfo& field : kFields) {
    if (same_word(name, field.name) || same_word(name, field.aliases[0]) ||
        same_word(name, field.aliases[1])) {
      return &field;
    }
  }
  return nullptr;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> names) {
  constexpr std::size_t kLongest = 40;
  if (word.empty() || word.size() > kLongest) return {};
  // Of a short word two slips leave nothing over that could be meant.
  std::size_t least = word.size() <= 3 ? 2 : 3;
  std::string_view found;
  for (const std::string_view name : names) {
    if (name.empty()) continue;
    const std::size_t distance = slips(word, name);
    if (distance >= least) continue;
    least = distance;
    found = name;
  }
  return found;
}

std::string_view nearest_field(std::string_view word) {
  std::vector<std::string_view> names;
  for (const FieldInfo& field : kFields) {
    names.insert(names.end(), {field.name, field.aliases[0], field.aliases[1]});
  }
  return nearest(word, names);
}

std::string_view source_words(Source source) {
  switch (source) {
    case Source::market: return "the market";
    case Source::host: return "the host says so";
    case Source::data_sheet: return "the data sheet";
    case Source::measured: return "measured";
  }
  return "";
}

std::string_view kind_words(Kind kind) {
  switch (kind) {
    case Kind::text: return "text";
    case Kind::flag: return "yes, no";
    case Kind::count: return "number";
    case Kind::memory: return "GB of 2^30";
    case Kind::disk: return "GB of 10^9";
    case Kind::speed: return "GB/s";
    case Kind::network: return "Mbps";
    case Kind::rate: return "TFLOPS";
    case Kind::rate_price: return "TFLOPS";
    case Kind::usd: return "USD";
    case Kind::sol: return "SOL";
    case Kind::cores: return "cores";
    case Kind::time: return "time";
    case Kind::watts: return "W";
    case Kind::percent: return "%";
    case Kind::version: return "version";
  }
  return "";
}

std::string field_names() {
  std::string out;
  for (const FieldInfo& field : kFields) {
    if (!out.empty()) out += ", ";
    out += field.name;
  }
  return out;
}

std::string fields_markdown() {
  std::string out;
  for (const FieldInfo& field : kFields) {
    out += "| `" + std::string(field.name) + "` | ";
    for (const std::string_view alias : field.aliases) {
      if (!alias.empty()) out += "`" + std::string(alias) + "` ";
    }
    out += "| " + std::string(kind_words(field.kind)) + " | " +
           std::string(source_words(field.source)) + " | " + std::string(field.help) + " |\n";
  }
  return out;
}

}  // namespace obelisk::market::search
