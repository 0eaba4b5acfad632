// The fields one can search by: one table, from which the parser, the command line's help, the API
// description and docs/search.md are made or checked. It must never name a field as known that
// nobody reports or measures: a value that is not there is unknown, and matches nothing.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace obelisk::market::search {

// In the order of the table.
enum class Field : std::uint8_t {
  id,
  host,
  card,
  name,
  arch,
  gpus,
  listed,
  vram,
  total_vram,
  bandwidth,
  tflops,
  total_tflops,
  capability,
  price,
  sol,
  disk_price,
  traffic_price,
  tflops_per_usd,
  duration,
  min_duration,
  region,
  simulated,
  cpu,
  cores,
  ram,
  disk,
  image,
  templates,
  pulls,
  driver,
  cuda,
  pcie,
  lanes,
  nvlink,
  power,
  login_p50,
  login_p95,
  logins,
  measured_bandwidth,
  pcie_bandwidth,
  nvlink_bandwidth,
  disk_bandwidth,
  download,
  upload,
  reliability,
  proven
};
inline constexpr std::size_t kFieldCount = 46;

// How a field's values are written, and in what they are kept.
enum class Kind : std::uint8_t {
  text,        // letter case does not matter
  flag,        // yes, no
  count,       // a whole number
  memory,      // bytes; GB is 2^30, as cards are named
  disk,        // bytes; GB is 10^9, as disks are sold
  speed,       // bytes a second; GB/s is 10^9
  network,     // bits a second; Mbps is 10^6
  rate,        // 10^9 operations a second; TFLOPS is 10^12
  rate_price,  // the same for one USD an hour
  usd,         // micro-USD
  sol,         // lamports
  cores,       // thousandths of a core
  time,        // milliseconds
  watts,       // milliwatts
  percent,     // hundredths of a percent
  version,     // 12.4 or 550.54.15: three numbers of 20 bits
};

// Who says so. What only a host reports, a host can lie about.
enum class Source : std::uint8_t { market, host, data_sheet, measured };

struct FieldInfo {
  Field field;
  std::string_view name;
  std::string_view aliases[2];  // unused ones empty
  Kind kind;
  std::string_view unit;  // of a number without one; empty where there is none
  Source source;
  std::string_view api;  // the member of the API's Offer; empty where it has none yet
  std::string_view help;
};

// Numbers are kept as u64 in the kind's base; this one is no value.
inline constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();

std::span<const FieldInfo> fields();
const FieldInfo& info(Field field);
// Whether an offer has several of this text, written as one with a space between them.
bool is_set(Field field);
// By name or alias, in any letter case; null for anything else.
const FieldInfo* find_field(std::string_view name);
// The field whose name is nearest to a word that is none; empty where none is near.
std::string_view nearest_field(std::string_view word);
// The one of `names` that is at most two slips away from `word`; empty where none is.
std::string_view nearest(std::string_view word, std::span<const std::string_view> names);

std::string_view source_words(Source source);
// What stands behind the field's name in a table: "text", "yes or no", "GB of 2^30 bytes" ...
std::string_view kind_words(Kind kind);
// "id, host, card, ...": for one line of help.
std::string field_names();
// The rows of docs/search.md, one a field.
std::string fields_markdown();

}  // namespace obelisk::market::search
