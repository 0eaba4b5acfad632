#include "adapters/nvml/scripted/script.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace obelisk::nvml::scripted {

namespace {

constexpr std::size_t kMaxCards = 64;

// What a card does now.
constexpr std::array<std::string_view, 16> kFigures{
    "temperature_c", "slowdown_c",      "draw_mw",        "busy",
    "memory_busy",   "sm_now_mhz",      "memory_now_mhz", "reasons",
    "ecc",           "ecc_uncorrected", "ecc_corrected",  "pages_pending",
    "rows_pending",  "rows_failed",     "used_mib",       "lost"};

std::string_view next_word(std::string_view& rest) {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

// key=value or key="value with spaces"; nothing at the end of the line.
std::optional<std::pair<std::string, std::string>> next_field(std::string_view& rest) {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  std::string key(rest.substr(0, equals));
  rest.remove_prefix(equals + 1);
  if (!rest.starts_with('"')) return std::pair{key, std::string(next_word(rest))};
  rest.remove_prefix(1);
  std::size_t quote = rest.find('"');
  std::string value(rest.substr(0, quote));
  rest.remove_prefix(quote == std::string_view::npos ? rest.size() : quote + 1);
  return std::pair{key, value};
}

// The same script gives the same UUIDs; another seed gives others.
std::string made_uuid(std::uint64_t seed, std::size_t place) {
  char text[48];
  std::snprintf(text, sizeof text, "GPU-51301a7e-0000-4000-8000-%08x%04x",
                static_cast<unsigned>(seed), static_cast<unsigned>(place));
  return text;
}

std::string made_bus(std::size_t place) {
  char text[32];
  std::snprintf(text, sizeof text, "00000000:%02X:00.0", static_cast<unsigned>(place + 1));
  return text;
}

std::string made_instance_uuid(std::uint64_t seed, std::size_t place, std::size_t part) {
  char text[48];
  std::snprintf(text, sizeof text, "MIG-51301a7e-%04x-4000-8000-%08x%04x",
                static_cast<unsigned>(part + 1), static_cast<unsigned>(seed),
                static_cast<unsigned>(place));
  return text;
}

// "3g.40gb", or "1c.3g.40gb" where its processors are shared out further. Of what the name says an
// instance has a little less.
std::optional<Instance> read_instance(std::string_view text) {
  Instance out;
  const auto take = [&](std::string_view end) -> std::optional<std::uint64_t> {
    const std::size_t at = text.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const auto value = read_number(text.substr(0, at));
    if (value) text.remove_prefix(at + end.size());
    return value;
  };
  const auto compute = take("c.");
  const auto slices = take("g.");
  const auto gigabytes = take("gb");
  if (!slices || !gigabytes || !text.empty()) return std::nullopt;
  out.gpu_slices = static_cast<unsigned>(*slices);
  out.compute_slices = static_cast<unsigned>(compute.value_or(*slices));
  out.memory_mib = *gigabytes * 1024 / 100 * 97;
  return out;
}

bool read_instances(Card& card, std::string_view text) {
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
    auto instance = read_instance(word);
    if (!instance) return false;
    instance->gpu_instance = static_cast<unsigned>(card.instances.size() + 1);
    card.instances.push_back(*std::move(instance));
  }
  card.cut = true;
  return true;
}

bool set_number(Card& card, const std::string& key, std::uint64_t value) {
  const std::map<std::string, unsigned Card::*> plain = {
      {"capability", &Card::capability}, {"sm_mhz", &Card::sm_mhz},
      {"memory_mhz", &Card::memory_mhz}, {"bus_bits", &Card::bus_bits},
      {"power_mw", &Card::power_mw},     {"pcie_generation", &Card::pcie_generation},
      {"pcie_lanes", &Card::pcie_lanes}, {"nvlinks", &Card::nvlinks},
  };
  if (auto found = plain.find(key); found != plain.end()) {
    card.*(found->second) = static_cast<unsigned>(value);
  } else if (key == "memory_mib") {
    card.memory_bytes = value << 20;
  } else if (key == "process") {
    card.processes.push_back(static_cast<unsigned>(value));
  } else if (key == "mig") {
    card.cut = value != 0;
  } else {
    return false;
  }
  return true;
}

bool read_cards(Script& script, std::string_view rest) {
  Card card;
  std::uint64_t count = 1;
  std::uint64_t seed = 0;
  while (auto field = next_field(rest)) {
    auto value = read_number(field->second);
    if (std::ranges::find(kFigures, field->first) != kFigures.end()) {
      const auto figure = read_figure(field->second);
      if (!figure) return false;
      card.figures[field->first] = *figure;
    } else if (field->first == "name") {
      card.name = field->second;
    } else if (field->first == "uuid") {
      card.uuid = field->second;
    } else if (field->first == "instances") {
      if (!read_instances(card, field->second)) return false;
    } else if (!value) {
      return false;
    } else if (field->first == "count") {
      count = *value;
    } else if (field->first == "seed") {
      seed = *value;
    } else if (!set_number(card, field->first, *value)) {
      return false;
    }
  }
  for (std::uint64_t i = 0; i < count && script.cards.size() < kMaxCards; ++i) {
    std::size_t place = script.cards.size();
    Card one = card;
    if (one.uuid.empty()) one.uuid = made_uuid(seed, place);
    one.bus_id = made_bus(place);
    for (std::size_t part = 0; part < one.instances.size(); ++part) {
      one.instances[part].uuid = made_instance_uuid(seed, place, part);
    }
    script.cards.push_back(std::move(one));
  }
  return true;
}

bool read_event(Script& script, std::string_view rest) {
  Event event;
  while (auto field = next_field(rest)) {
    const auto value = read_number(field->second);
    if (!value) return false;
    if (field->first == "card") {
      event.card = *value;
    } else if (field->first == "instance") {
      event.instance = *value;
    } else if (field->first == "xid") {
      event.xid = *value;
    } else if (field->first == "after_ms") {
      event.after_ms = *value;
    } else if (field->first != "ecc") {
      return false;
    }
  }
  script.events.push_back(event);
  return true;
}

bool read_line(Script& script, std::string_view line) {
  std::string_view rest = line;
  std::string_view verb = next_word(rest);
  if (verb.empty() || verb.starts_with('#')) return true;
  if (verb == "card") return read_cards(script, rest);
  if (verb == "event") return read_event(script, rest);
  std::string first(next_word(rest));
  if (verb == "lie") {
    script.liars.insert(first);
    return true;
  }
  if (verb == "driver") {
    script.driver = first;
    return true;
  }
  auto value = read_number(verb == "fail" ? next_word(rest) : std::string_view(first));
  if (!value) return false;
  if (verb == "fail") script.failures[first] = static_cast<int>(*value);
  if (verb == "cuda") script.cuda = static_cast<int>(*value);
  return verb == "fail" || verb == "cuda";
}

}  // namespace

Script parse_script(std::string_view text) {
  Script script;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    if (!read_line(script, text.substr(0, end))) script.valid = false;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return script;
}

}  // namespace obelisk::nvml::scripted
