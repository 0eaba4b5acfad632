#include "core/host/health.hpp"

#include <algorithm>
#include <map>

#include "base/canonical_json.hpp"

namespace obelisk::host {
namespace {

constexpr std::uint64_t kGb = 1'000'000'000;

std::string watts(std::uint64_t milliwatts) {
  return std::to_string((milliwatts + 500) / 1000) + " W";
}

bool is_hot(const CardNow& card) {
  const bool is_beyond =
      card.temperature_c && card.slowdown_c && *card.temperature_c >= *card.slowdown_c;
  return is_beyond || card.is_slowed_by_heat.value_or(false);
}

std::string errors_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " memory error" : " memory errors") +
         " that ECC could not correct";
}

void add(std::string& out, const std::string& words) { out += (out.empty() ? "" : ", ") + words; }

// What somebody has to act on; empty where nothing is.
std::string troubles_of(const CardNow& card) {
  std::string out;
  if (is_hot(card)) add(out, "slowed by heat");
  if (card.ecc_uncorrected.value_or(0) != 0) add(out, errors_text(*card.ecc_uncorrected));
  if (card.repair_failed.value_or(false)) {
    add(out, "a repair of its memory failed");
  } else if (card.repair_pending.value_or(false)) {
    add(out, "a repair of its memory waits for a reset");
  }
  return out;
}

// Of a card as a whole.
std::string figures_of(const CardNow& card) {
  std::string out;
  if (card.temperature_c) add(out, std::to_string(*card.temperature_c) + " degrees");
  if (card.power_mw) add(out, watts(*card.power_mw));
  if (card.busy_percent) add(out, std::to_string(*card.busy_percent) + " % busy");
  const std::string troubles = troubles_of(card);
  if (!troubles.empty()) add(out, troubles);
  return out;
}

const std::string& whole_of(const CardNow& card) {
  return card.parent_uuid.empty() ? card.uuid : card.parent_uuid;
}

Finding finding_of(const CardNow& card) {
  const std::string what = card.name + " (" + card.uuid + ")";
  if (card.is_lost) {
    return {"health", Level::error, what + " does not answer any more: it fell off the bus.",
            "Restart the machine. If it comes back, look at its slot and its power cables."};
  }
  if (card.repair_failed.value_or(false)) {
    return {"health", Level::error, what + ": a repair of its memory failed.",
            "Do not offer it: have it replaced."};
  }
  const bool has_errors = card.ecc_uncorrected.value_or(0) != 0;
  if (has_errors || card.repair_pending.value_or(false)) {
    return {"health", Level::warning, what + ": " + troubles_of(card) + ".",
            "Reset it while no lease has it: nvidia-smi --gpu-reset -i " + whole_of(card) + "."};
  }
  if (is_hot(card)) {
    return {
        "health", Level::warning,
        what + " is slowed by heat" +
            (card.temperature_c ? ": " + std::to_string(*card.temperature_c) + " degrees." : "."),
        "Look at its fans, and at the air around it."};
  }
  return {"health", Level::ok, "", ""};
}

}  // namespace

std::string to_text(const CardNow& card) {
  std::string out = card.uuid + " " + card.name + ": ";
  if (card.is_lost) return out + "does not answer any more";
  std::string words;
  if (card.memory_used_bytes) {
    words = std::to_string((*card.memory_used_bytes + kGb / 2) / kGb) + " GB of memory in use";
  }
  const std::string whole = figures_of(card);
  if (!whole.empty()) add(words, (card.parent_uuid.empty() ? "" : "the whole card: ") + whole);
  return out + (words.empty() ? "says nothing of itself" : words);
}

std::string to_json(const CardNow& card) {
  const auto number = [](const auto& value) {
    return value ? std::to_string(*value) : std::string("null");
  };
  const auto flag = [](const std::optional<bool>& value) {
    return std::string(!value ? "null" : *value ? "true" : "false");
  };
  const auto text = [](const std::string& value) { return base::CanonicalJson(value).text(); };
  const std::string part_of = card.parent_uuid.empty() ? "null" : text(card.parent_uuid);
  return "{\"uuid\":" + text(card.uuid) + ",\"part_of\":" + part_of +
         ",\"name\":" + text(card.name) + ",\"lost\":" + flag(card.is_lost) +
         ",\"temperature_c\":" + number(card.temperature_c) +
         ",\"slowdown_c\":" + number(card.slowdown_c) +
         ",\"slowed_by_heat\":" + flag(card.is_slowed_by_heat) +
         ",\"power_mw\":" + number(card.power_mw) +
         ",\"busy_percent\":" + number(card.busy_percent) +
         ",\"memory_used_bytes\":" + number(card.memory_used_bytes) +
         ",\"ecc_uncorrected\":" + number(card.ecc_uncorrected) +
         ",\"ecc_corrected\":" + number(card.ecc_corrected) +
         ",\"repair_pending\":" + flag(card.repair_pending) +
         ",\"repair_failed\":" + flag(card.repair_failed) + "}";
}

std::optional<Finding> judge_health(const std::vector<CardNow>& cards) {
  Finding out{"health", Level::ok, "", ""};
  std::optional<std::uint32_t> hottest;
  std::map<std::string, std::uint64_t> drawn_mw;  // by whole card
  for (const CardNow& card : cards) {
    Finding one = finding_of(card);
    if (one.level > out.level) out = std::move(one);
    if (card.temperature_c) hottest = std::max(hottest.value_or(0), *card.temperature_c);
    if (card.power_mw) drawn_mw[whole_of(card)] = *card.power_mw;
  }
  if (out.level != Level::ok) return out;
  const bool is_one = drawn_mw.size() <= 1;
  if (hottest) add(out.text, std::to_string(*hottest) + " degrees" + (is_one ? "" : " at most"));
  std::uint64_t sum_mw = 0;
  for (const auto& [card, milliwatts] : drawn_mw) sum_mw += milliwatts;
  if (!drawn_mw.empty()) add(out.text, watts(sum_mw) + (is_one ? "" : " in all"));
  if (out.text.empty()) return std::nullopt;
  out.text += ".";
  return out;
}

}  // namespace obelisk::host
