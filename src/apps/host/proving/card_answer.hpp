// CardAnswer: the proof of one card as one line of JSON, from the process of ours that made it to
// the one that sends it. It comes back from a child and is read as if it came from anybody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "ports/card_meter.hpp"

namespace obelisk::host {

struct CardAnswer {
  std::uint32_t chunks = 0;
  std::uint32_t elapsed_ms = 0;
  base::Bytes proof;  // cards::to_bytes
  bool operator==(const CardAnswer&) const = default;
};

CardAnswer answer_of(const ports::CardFigures& figures);
std::string to_json(const CardAnswer& answer);
// Nothing where it is no such line.
std::optional<CardAnswer> answer_from_json(std::string_view text);

}  // namespace obelisk::host
