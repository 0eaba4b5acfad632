// How the engine stands at one moment, for who looks at it from outside.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "core/lease/record.hpp"
#include "ports/chain.hpp"

namespace obelisk::engine {

// Ways of decided work, each with threads of its own: outbox.hpp has them.
inline constexpr std::size_t kLanes = 6;

struct OutboxFigures {
  std::array<std::size_t, kLanes> rows{};  // by Lane
  std::int64_t late_ms = 0;                // of what has been due longest; 0: nothing is due
  std::uint32_t most_attempts = 0;
};

struct EngineFigures {
  std::map<lease::State, std::size_t> leases;  // that can still change
  OutboxFigures outbox;
  std::size_t strays = 0;
  ports::ChainTime chain;
};

}  // namespace obelisk::engine
