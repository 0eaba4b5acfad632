// Trouble: when what goes wrong in a simulated world, decided by its seed: stretches of time in
// which something misbehaves, and moments in which something breaks. After it calmed down nothing
// goes wrong any more: then everything has to settle.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/random.hpp"

namespace obelisk::sim {

enum class Ill : std::uint8_t {
  store_fails,    // each call with some chance
  store_busy,     // each write takes long
  store_mute,     // each write is written, and its answer lost with some chance
  node_silent,    // each call with some chance
  node_behind,    // by what is not final yet
  pushes_stop,    // nothing is heard, until it begins anew
  network_loses,  // each transaction with some chance
  network_slow,   // each transaction
  watch_cut_off,  // no login works and no node answers: the market's own line is down
};
inline constexpr int kIlls = 9;

enum class Break : std::uint8_t {
  crash_at_write,  // the market dies right before or after one of its next writes
  crash_at_send,   // ... or as it hands a transaction to the node
  crash_now,
  shallow_fork,  // of what was not confirmed
  deep_fork,     // of what was confirmed and not final
  clock_set,     // the market's machine has its clock set, an hour back or ahead
};
inline constexpr int kBreaks = 6;

class Trouble {
 public:
  Trouble(Random random, std::int64_t calm_ms);

  // In percent; 0: all is well.
  std::int64_t how_bad(Ill ill, std::int64_t now_ms) const;
  // A moment of breaking whose time has come.
  std::optional<Break> next_break(std::int64_t now_ms);
  // Something important happens now: trouble likes company.
  void stir(std::int64_t now_ms);
  bool is_calm(std::int64_t now_ms) const { return now_ms >= calm_ms_; }
  bool is_any(std::int64_t now_ms) const;
  // When something begins; nothing: never again.
  std::optional<std::int64_t> next_ms(std::int64_t now_ms) const;

 private:
  struct Stretch {
    Ill ill{};
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
    std::int64_t percent = 0;
  };
  struct Moment {
    Break what{};
    std::int64_t at_ms = 0;
  };
  void add_stretch(std::int64_t from_ms);
  void add_moment(std::int64_t at_ms);

  Random random_;
  const std::int64_t calm_ms_;
  std::int64_t stirring_ = 0;  // in percent
  bool deep_forks_ = false;
  std::vector<Stretch> stretches_;
  std::vector<Moment> moments_;
};

}  // namespace obelisk::sim
