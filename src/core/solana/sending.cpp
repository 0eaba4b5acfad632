#include "core/solana/sending.hpp"

#include <algorithm>

namespace obelisk::solana {
namespace {

// Often while it is about to land, then as the reference clients do.
std::int64_t look_every_ms(std::int64_t flying_ms) {
  if (flying_ms < 2'000) return 75;
  return flying_ms < 10'000 ? 250 : 1'000;
}

}  // namespace

Sending::Sending(const SendingLimits& limits, std::int64_t now_ms)
    : limits_(limits), started_ms_(now_ms) {}

Sending Sending::signed_already(const SendingLimits& limits, std::uint64_t last_valid_block_height,
                                std::int64_t now_ms) {
  Sending out(limits, now_ms);
  out.last_valid_ = last_valid_block_height;
  out.begin_flight(now_ms);
  return out;
}

Sending Sending::resumed(const SendingLimits& limits, std::uint64_t last_valid_block_height,
                         std::int64_t now_ms) {
  Sending out = signed_already(limits, last_valid_block_height, now_ms);
  // First a look, with all that decides.
  out.look_due_ms_ = out.height_due_ms_ = now_ms;
  out.broadcast_due_ms_ = now_ms + 1;
  return out;
}

void Sending::begin_flight(std::int64_t now_ms) {
  phase_ = Phase::flying;
  flying_since_ms_ = now_ms;
  broadcast_due_ms_ = now_ms;
  look_due_ms_ = now_ms;
  height_due_ms_ = now_ms + limits_.height_every_ms;
  in_a_block_ = height_passed_ = false;
  first_absence_ms_.reset();
}

Act Sending::next(std::int64_t now_ms) {
  switch (phase_) {
    case Phase::estimate: return Act::estimate;
    case Phase::blockhash: return Act::blockhash;
    case Phase::sign: return Act::sign;
    case Phase::landed: return Act::landed;
    case Phase::expired: return Act::expired;
    case Phase::flying: break;
  }
  if (now_ms - started_ms_ >= limits_.timeout_ms) return Act::unknown;
  // One that is in a block, or can no longer get into one, gains nothing from being sent again.
  if (now_ms >= broadcast_due_ms_ && !in_a_block_ && !height_passed_) return Act::broadcast;
  return now_ms >= look_due_ms_ ? Act::look : Act::wait;
}

std::int64_t Sending::wait_ms(std::int64_t now_ms) const {
  return std::max<std::int64_t>(1, look_due_ms_ - now_ms);
}

Look Sending::look(std::int64_t now_ms) const {
  return {!height_passed_ && now_ms >= height_due_ms_, height_passed_};
}

void Sending::estimated() { phase_ = Phase::blockhash; }

void Sending::has_blockhash(std::uint64_t last_valid_block_height) {
  last_valid_ = last_valid_block_height;
  phase_ = Phase::sign;
}

void Sending::is_signed(std::int64_t now_ms) {
  ++signings_;
  begin_flight(now_ms);
}

void Sending::was_broadcast(std::int64_t now_ms) {
  broadcast_due_ms_ = now_ms + limits_.rebroadcast_ms;
  look_due_ms_ = std::max(look_due_ms_, now_ms);
}

void Sending::hint(std::int64_t now_ms) { look_due_ms_ = std::min(look_due_ms_, now_ms); }

void Sending::saw(const Look& how, const Seen& seen, std::int64_t now_ms) {
  look_due_ms_ = now_ms + look_every_ms(now_ms - flying_since_ms_);
  if (how.height) height_due_ms_ = now_ms + limits_.height_every_ms;
  if (seen.finalized_height && *seen.finalized_height > last_valid_) {
    height_passed_ = true;
    passed_slot_ = seen.finalized_slot;
  }
  if (!seen.sighting) return;
  in_a_block_ = *seen.sighting != Sighting::unknown;
  if (*seen.sighting == Sighting::deep_enough) {
    phase_ = Phase::landed;
  } else if (in_a_block_) {
    first_absence_ms_.reset();
  } else {
    note_absence(how, seen, now_ms);
  }
}

// Only a look through the whole history counts that was begun when the height had passed, and that
// reaches as far as the block which proves that.
void Sending::note_absence(const Look& how, const Seen& seen, std::int64_t now_ms) {
  if (!how.whole_history || seen.sighting_slot < passed_slot_) return;
  if (!first_absence_ms_) first_absence_ms_ = now_ms;
  if (now_ms - *first_absence_ms_ < limits_.second_look_ms) return;
  over_for_this_one();
}

void Sending::over_for_this_one() {
  phase_ = signings_ < limits_.most_signings ? Phase::estimate : Phase::expired;
}

}  // namespace obelisk::solana
