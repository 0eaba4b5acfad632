#include "apps/market/program_keeper.hpp"

#include "ports/program_owner.hpp"

namespace obelisk::market_app {

void ProgramKeeper::step() {
  constexpr std::int64_t kAgainAfterMs = 10'000;
  const std::int64_t now_ms = clock_.steady_ms();
  const std::int64_t pause_ms = owner() ? kOwnerReadEveryMs : kAgainAfterMs;
  if (tried_ms_ && now_ms - *tried_ms_ < pause_ms) return;
  tried_ms_ = now_ms;
  const auto read = ports::read_program_owner(chain_, program_);
  if (!read) return;
  const std::lock_guard lock(mutex_);
  owner_ = *read;
  read_ms_ = now_ms;
}

std::optional<solana::ProgramOwner> ProgramKeeper::owner() const {
  const std::lock_guard lock(mutex_);
  return clock_.steady_ms() - read_ms_ <= kOwnerKeptMs ? owner_ : std::nullopt;
}

}  // namespace obelisk::market_app
