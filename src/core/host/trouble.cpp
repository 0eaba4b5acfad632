#include "core/host/trouble.hpp"

#include <algorithm>

#include "core/host/xids.hpp"

namespace obelisk::host {
namespace {

// A card is cool again once it is this far below where it slows itself down.
constexpr std::uint32_t kCooledDegrees = 5;
constexpr std::uint64_t kDiskFullPercent = 95;
constexpr std::uint64_t kDiskFreePercent = 90;

constexpr const char* kLastWords = " Of this lease no more trouble is told.";

std::string times(std::uint64_t count, const char* one, const char* many) {
  return count == 1 ? one : std::to_string(count) + many;
}

std::string percent_text(std::uint64_t used, std::uint64_t size) {
  return std::to_string(static_cast<std::uint64_t>(
             std::min(100.0, 100.0 * static_cast<double>(used) / static_cast<double>(size)))) +
         " %";
}

// So many percent of it, without an overflow.
std::uint64_t part_of(std::uint64_t size, std::uint64_t percent) {
  return size / 100 * percent + size % 100 * percent / 100;
}

// How much a counter rose since it was last seen; one that fell began anew.
std::uint64_t rise(std::optional<std::uint64_t>& last, std::uint64_t now) {
  const std::uint64_t before = last.value_or(now);
  last = now;
  return now >= before ? now - before : now;
}

}  // namespace

std::string_view to_string(TroubleKind kind) {
  switch (kind) {
    case TroubleKind::xid: return "xid";
    case TroubleKind::hot: return "hot";
    case TroubleKind::ecc: return "ecc";
    case TroubleKind::card_lost: return "card_lost";
    case TroubleKind::disk_full: return "disk_full";
    case TroubleKind::out_of_memory: return "out_of_memory";
  }
  return "";
}

bool TroubleWatch::is_ours(const std::string& card) const {
  return std::ranges::find(cards_, card) != cards_.end();
}

void TroubleWatch::see_card(const SeenCard& seen) {
  Standing& lost = standings_[{TroubleKind::card_lost, seen.card}];
  lost.is_now = seen.is_lost;
  lost.text = seen.is_lost ? "The card does not answer any more: programs on it fail."
                           : "The card answers again.";
  lost.action = seen.is_lost ? "Save your work and end the lease: obelisk stop."
                             : "Start your programs again.";
  if (seen.is_lost) return;

  see_heat(seen);
  if (seen.ecc_uncorrected) see_ecc(seen.card, *seen.ecc_uncorrected);
}

void TroubleWatch::see_heat(const SeenCard& seen) {
  const bool has_both = seen.temperature_c && seen.slowdown_c;
  if (!has_both && !seen.is_slowed_by_heat) return;
  Standing& hot = standings_[{TroubleKind::hot, seen.card}];
  const bool is_beyond = has_both && *seen.temperature_c >= *seen.slowdown_c;
  const bool is_warm = has_both && *seen.temperature_c + kCooledDegrees > *seen.slowdown_c;
  hot.is_now = seen.is_slowed_by_heat.value_or(false) || is_beyond || (hot.is_now && is_warm);
  const std::string at =
      seen.temperature_c ? " (" + std::to_string(*seen.temperature_c) + " degrees)" : "";
  hot.text = hot.is_now ? "The card is too hot" + at + " and runs slower to cool down."
                        : "The card has cooled down" + at + " and is no longer slowed by heat.";
  hot.action = hot.is_now ? "It goes on working. If it lasts, rent another card." : "";
}

void TroubleWatch::see_ecc(const std::string& card, std::uint64_t errors) {
  Standing& ecc = standings_[{TroubleKind::ecc, card}];
  ecc.count += rise(ecc.last_counter, errors);
  ecc.is_now = ecc.count != 0;
  ecc.text = "The card's memory had " + times(ecc.count, "an error", " errors") +
             " that ECC could not correct.";
  ecc.action = "A result may be wrong: start again from your last checkpoint.";
}

void TroubleWatch::see_xid(const SeenXid& seen) {
  const XidMeaning meaning = meaning_of_xid(seen.xid);
  if (meaning.weight == XidWeight::silent) return;
  Standing& standing = standings_[{TroubleKind::xid, seen.card}];
  standing.is_now = true;
  ++standing.count;
  const auto weight = static_cast<std::uint32_t>(meaning.weight);
  // The gravest is told; the others are counted.
  if (weight <= standing.weight) return;
  standing.weight = weight;
  standing.text = "The card's driver reported Xid " + std::to_string(seen.xid);
  standing.text += meaning.what.empty() ? "." : ": " + std::string(meaning.what) + ".";
  standing.action = action_for(meaning.weight);
}

void TroubleWatch::see_disk(std::uint64_t used, std::uint64_t size) {
  if (size == 0) return;
  Standing& disk = standings_[{TroubleKind::disk_full, ""}];
  disk.is_now = disk.is_now ? used > part_of(size, kDiskFreePercent)
                            : used >= part_of(size, kDiskFullPercent);
  disk.text = "The lease's disk is " + percent_text(used, size) + " full";
  disk.text += disk.is_now ? ": programs fail once it is full." : ", which is well again.";
  disk.action = disk.is_now ? "Delete what you do not need, or copy it home." : "";
}

void TroubleWatch::see_oom(std::uint64_t kills) {
  Standing& oom = standings_[{TroubleKind::out_of_memory, ""}];
  oom.count += rise(oom.last_counter, kills);
  oom.is_now = oom.count != 0;
  oom.text = "The lease ran out of memory: " + times(oom.count, "a program was", " programs were") +
             " killed.";
  oom.action = "Use less memory at once, or rent with more.";
}

std::vector<Trouble> TroubleWatch::look(const Seen& seen, base::UnixMillis now_ms) {
  for (const SeenCard& card : seen.cards) {
    if (is_ours(card.card)) see_card(card);
  }
  for (const SeenXid& xid : seen.xids) {
    if (is_ours(xid.card)) see_xid(xid);
  }
  if (seen.disk_used_bytes && seen.disk_bytes) see_disk(*seen.disk_used_bytes, *seen.disk_bytes);
  if (seen.oom_kills) see_oom(*seen.oom_kills);

  return due(now_ms);
}

std::vector<Trouble> TroubleWatch::due(base::UnixMillis now_ms) {
  std::vector<Trouble> out;
  for (auto& [key, standing] : standings_) {
    if (standing.is_now == standing.is_told) continue;
    // A clock that was set back must not silence a lease for long.
    if (standing.told_at_ms) standing.told_at_ms = std::min(*standing.told_at_ms, now_ms);
    // That it is over is told at once; what begins again within the ten minutes waits for their
    // end.
    const bool is_early = standing.told_at_ms && now_ms - *standing.told_at_ms < kTroubleQuietMs;
    if (standing.is_now && is_early) continue;
    if (told_ == kMostTroubles) return out;
    out.push_back({key.first, key.second, standing.text, standing.action, !standing.is_now});
    if (key.first == TroubleKind::xid && standing.count > 1) {
      out.back().text += " It reported " + std::to_string(standing.count) + " errors in all.";
    }
    if (++told_ == kMostTroubles) out.back().text += kLastWords;
    if (standing.is_now) standing.told_at_ms = now_ms;
    // What passes by itself has an end to tell; what is counted has not.
    const bool has_end = key.first == TroubleKind::hot || key.first == TroubleKind::card_lost ||
                         key.first == TroubleKind::disk_full;
    standing.is_told = has_end && standing.is_now;
    if (!has_end) standing.is_now = false;
    standing.count = 0;
    standing.weight = 0;
  }
  return out;
}

}  // namespace obelisk::host
