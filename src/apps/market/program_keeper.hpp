// ProgramKeeper: who may replace the program, read from the chain now and then, for people to see
// before they pay. It must never show a word that is older than an hour.
#pragma once

#include <mutex>
#include <optional>

#include "core/solana/loader.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"

namespace obelisk::market_app {

inline constexpr std::int64_t kOwnerReadEveryMs = 300'000;
inline constexpr std::int64_t kOwnerKeptMs = 3'600'000;

class ProgramKeeper {
 public:
  ProgramKeeper(ports::Chain& chain, ports::Clock& clock, const base::PublicKey& program)
      : chain_(chain), clock_(clock), program_(program) {}

  // Reads it where that is due; to be called every second or so, by one thread.
  void step();
  // Any thread. Nothing: it could not be read.
  std::optional<solana::ProgramOwner> owner() const;

 private:
  ports::Chain& chain_;
  ports::Clock& clock_;
  const base::PublicKey program_;
  std::optional<std::int64_t> tried_ms_;  // steady; of step() alone
  mutable std::mutex mutex_;
  std::optional<solana::ProgramOwner> owner_;  // guarded by mutex_
  std::int64_t read_ms_ = 0;                   // steady; guarded by mutex_
};

}  // namespace obelisk::market_app
