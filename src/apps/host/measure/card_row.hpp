// CardRow: what was measured of one card, as one line of JSON: what `obelisk-host measure --json`
// prints, and what a host keeps of it in STATE/measured.json. A line comes back from a process of
// our own, and is read as if it came from anybody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ports/card_meter.hpp"

namespace obelisk::host {

struct CardRow {
  std::string uuid;
  std::uint64_t memory_bytes = 0;  // as the driver says it
  std::uint64_t proven_bytes = 0;  // that were filled at once, and checked
  std::uint64_t read_bytes_per_s = 0;
  std::optional<std::uint64_t> copy_bytes_per_s;
  std::optional<std::uint64_t> to_card_bytes_per_s;
  std::optional<std::uint64_t> from_card_bytes_per_s;
  std::uint64_t proof_ms = 0;
  std::uint64_t elapsed_ms = 0;
  bool simulated = false;

  bool operator==(const CardRow&) const = default;
};

// The proof is checked here, and is not in the row. refused where it does not hold.
base::Result<CardRow> row_of(const std::string& uuid, const ports::CardFigures& figures);

std::string to_json(const CardRow& row);
// Nothing where it is no such line.
std::optional<CardRow> row_from_json(std::string_view text);

// Words for a terminal: "GPU-...: 80 GB, 72 GB of it proven, 2,650 GB/s, 55 GB/s to the card".
std::string to_text(const CardRow& row);

}  // namespace obelisk::host
