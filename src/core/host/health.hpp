// Health: what a host's cards do now, in words and as a finding for their owner. Pure: who reads
// the cards is elsewhere. What a card does not say is left out, and is no trouble.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/host/finding.hpp"

namespace obelisk::host {

struct CardNow {
  std::string uuid;
  std::string name;      // as the driver says it
  bool is_lost = false;  // it does not answer any more
  // Of an instance of a cut card, the card's: heat, power and errors are the whole card's.
  std::string parent_uuid = {};
  std::optional<std::uint32_t> temperature_c = {};
  std::optional<std::uint32_t> slowdown_c = {};
  std::optional<bool> is_slowed_by_heat = {};
  std::optional<std::uint32_t> power_mw = {};
  std::optional<std::uint32_t> busy_percent = {};
  std::optional<std::uint64_t> memory_used_bytes = {};
  // Since the driver was loaded.
  std::optional<std::uint64_t> ecc_uncorrected = {};
  std::optional<std::uint64_t> ecc_corrected = {};
  std::optional<bool> repair_pending = {};  // of its memory, by a reset
  std::optional<bool> repair_failed = {};
};

// "GPU-... NVIDIA A40: 39 GB of memory in use, 61 degrees, 250 W, 98 % busy"
std::string to_text(const CardNow& card);
// {uuid, part_of, name, lost, temperature_c, slowdown_c, slowed_by_heat, power_mw, busy_percent,
// memory_used_bytes, ecc_uncorrected, ecc_corrected, repair_pending, repair_failed}; what is not
// known is null.
std::string to_json(const CardNow& card);

// One finding for all of them: the gravest trouble, else their figures. Nothing where none of them
// says anything.
std::optional<Finding> judge_health(const std::vector<CardNow>& cards);

}  // namespace obelisk::host
