#include "sim/trouble.hpp"

#include <algorithm>

namespace obelisk::sim {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

}  // namespace

Trouble::Trouble(Random random, std::int64_t calm_ms) : random_(random), calm_ms_(calm_ms) {
  // One world in eight has no trouble: then all that is seen are the people.
  if (random_.percent(12)) return;
  stirring_ = random_.between(10, 60);
  deep_forks_ = random_.percent(15);
  const std::int64_t some = random_.between(1, 12);
  for (std::int64_t i = 0; i < some; ++i) add_stretch(random_.between(0, calm_ms));
  const std::int64_t moments = random_.between(0, 5);
  for (std::int64_t i = 0; i < moments; ++i) add_moment(random_.between(0, calm_ms));
}

void Trouble::add_stretch(std::int64_t from_ms) {
  Stretch stretch;
  stretch.ill = static_cast<Ill>(random_.between(0, kIlls - 1));
  stretch.from_ms = from_ms;
  const bool is_long = random_.percent(15);
  const std::int64_t length =
      is_long ? random_.between(2 * kMinuteMs, 15 * kMinuteMs) : random_.between(1'000, 90'000);
  stretch.to_ms = std::min(calm_ms_, from_ms + length);
  stretch.percent = random_.percent(40) ? 100 : random_.between(10, 90);
  // A line that is down is down.
  if (stretch.ill == Ill::watch_cut_off) stretch.percent = 100;
  // A store that never works keeps everything where it is: that is no test of anything.
  if (stretch.ill == Ill::store_fails)
    stretch.percent = std::min<std::int64_t>(stretch.percent, 80);
  stretches_.push_back(stretch);
}

void Trouble::add_moment(std::int64_t at_ms) {
  if (at_ms >= calm_ms_) return;
  auto what = static_cast<Break>(random_.between(0, kBreaks - 1));
  if (what == Break::deep_fork && !deep_forks_) what = Break::crash_at_write;
  moments_.push_back({what, at_ms});
}

void Trouble::stir(std::int64_t now_ms) {
  if (is_calm(now_ms) || !random_.percent(stirring_)) return;
  const std::int64_t at_ms = now_ms + random_.between(0, 70'000);
  if (random_.percent(50)) {
    add_stretch(at_ms);
  } else {
    add_moment(at_ms);
  }
}

std::int64_t Trouble::how_bad(Ill ill, std::int64_t now_ms) const {
  std::int64_t worst = 0;
  for (const Stretch& stretch : stretches_) {
    if (stretch.ill != ill || now_ms < stretch.from_ms || now_ms >= stretch.to_ms) continue;
    worst = std::max(worst, stretch.percent);
  }
  return worst;
}

std::optional<Break> Trouble::next_break(std::int64_t now_ms) {
  for (auto at = moments_.begin(); at != moments_.end(); ++at) {
    if (at->at_ms > now_ms) continue;
    const Break what = at->what;
    moments_.erase(at);
    return what;
  }
  return std::nullopt;
}

bool Trouble::is_any(std::int64_t now_ms) const {
  return std::any_of(stretches_.begin(), stretches_.end(), [now_ms](const Stretch& stretch) {
    return now_ms >= stretch.from_ms && now_ms < stretch.to_ms;
  });
}

std::optional<std::int64_t> Trouble::next_ms(std::int64_t now_ms) const {
  std::optional<std::int64_t> out;
  const auto take = [&](std::int64_t at_ms) {
    if (at_ms > now_ms && (!out || at_ms < *out)) out = at_ms;
  };
  for (const Stretch& stretch : stretches_) take(stretch.from_ms);
  for (const Moment& moment : moments_) take(moment.at_ms);
  return out;
}

}  // namespace obelisk::sim
