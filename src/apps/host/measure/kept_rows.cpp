#include "apps/host/measure/kept_rows.hpp"

#include <algorithm>
#include <sstream>

#include "adapters/files/files.hpp"

namespace obelisk::host {
namespace {

// A line each: the driver's version, a blank, and the row.
using Kept = std::vector<std::pair<std::string, CardRow>>;

constexpr std::size_t kMaxFile = 1 << 20;

Kept read_kept(const std::filesystem::path& file) {
  Kept out;
  const auto text = files::read_bounded(file, kMaxFile);
  if (!text) return out;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const auto blank = line.find(' ');
    if (blank == std::string::npos) continue;
    if (auto row = row_from_json(std::string_view(line).substr(blank + 1))) {
      out.emplace_back(line.substr(0, blank), *std::move(row));
    }
  }
  return out;
}

std::string text_of(const Kept& kept) {
  std::string out;
  for (const auto& [driver, row] : kept) out += driver + " " + to_json(row) + "\n";
  return out;
}

}  // namespace

std::vector<CardRow> measured_rows(const std::filesystem::path& state_dir,
                                   const std::vector<ports::Gpu>& cards, const MeasureCard& measure,
                                   const std::function<void(const std::string&)>& log) {
  const auto file = state_dir / "measured.json";
  Kept kept = read_kept(file);
  bool is_new = false;
  std::vector<CardRow> out;
  for (const ports::Gpu& card : cards) {
    const std::string driver = card.driver_version.empty() ? "unknown" : card.driver_version;
    const auto known = std::ranges::find_if(kept, [&](const auto& one) {
      return one.first == driver && one.second.uuid == card.uuid &&
             one.second.simulated == card.simulated;
    });
    if (known != kept.end()) {
      if (known->second.read_bytes_per_s != 0) out.push_back(known->second);
      continue;
    }
    if (!measure) continue;
    if (!card.processes.empty()) {
      log("Card " + card.uuid + " is in use and was not measured.");
      continue;
    }
    log("Measuring card " + card.uuid + ": some seconds, once.");
    const auto line = measure(card.uuid);
    auto row = line ? row_from_json(*line) : std::nullopt;
    std::erase_if(kept, [&](const auto& one) { return one.second.uuid == card.uuid; });
    is_new = true;
    if (!row || row->uuid != card.uuid || row->simulated != card.simulated) {
      log("Card " + card.uuid + " could not be measured: " +
          (line ? "its process said nothing that makes sense." : line.error().message));
      // A row without a speed: a card that hangs must not hold up every start.
      CardRow failed;
      failed.uuid = card.uuid;
      failed.simulated = card.simulated;
      kept.emplace_back(driver, failed);
      continue;
    }
    log(to_text(*row));
    kept.emplace_back(driver, *row);
    out.push_back(*std::move(row));
  }
  if (is_new) {
    const auto done = files::write_private(file, text_of(kept));
    if (!done) log(done.error().message);
  }
  return out;
}

void add_measured(api::Listing& listing, const std::vector<CardRow>& rows) {
  std::optional<std::uint64_t> memory;
  std::optional<std::uint64_t> pcie;
  bool is_pcie_known = true;
  for (const api::ListedCard& card : listing.cards) {
    const auto row = std::ranges::find(rows, card.uuid, &CardRow::uuid);
    if (row == rows.end()) return;
    memory = std::min(memory.value_or(row->read_bytes_per_s), row->read_bytes_per_s);
    if (!row->to_card_bytes_per_s || !row->from_card_bytes_per_s) {
      is_pcie_known = false;
      continue;
    }
    const std::uint64_t slower = std::min(*row->to_card_bytes_per_s, *row->from_card_bytes_per_s);
    pcie = std::min(pcie.value_or(slower), slower);
  }
  listing.memory_bytes_per_s = memory;
  if (is_pcie_known) listing.pcie_bytes_per_s = pcie;
}

}  // namespace obelisk::host
