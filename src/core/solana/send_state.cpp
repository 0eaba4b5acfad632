#include "core/solana/send_state.hpp"

namespace obelisk::solana {

SendState::SendState(const SendLimits& limits, std::int64_t now_ms)
    : limits_(limits), started_ms_(now_ms), broadcast_ms_(now_ms), height_asked_ms_(now_ms) {}

bool SendState::wants_height(std::int64_t now_ms) const {
  return !height_passed_ && now_ms - height_asked_ms_ >= limits_.height_every_ms;
}

bool SendState::is_expired(const Observation& seen, std::int64_t now_ms) {
  if (!height_passed_ || !seen.sighting) return false;
  if (*seen.sighting != Sighting::unknown) {
    first_look_ms_.reset();
    return false;
  }
  if (!first_look_ms_) first_look_ms_ = now_ms;
  return now_ms - *first_look_ms_ >= limits_.second_look_ms;
}

SendAction SendState::observe(const Observation& seen, std::int64_t now_ms) {
  if (seen.block_height) {
    height_asked_ms_ = now_ms;
    if (*seen.block_height > limits_.last_valid_block_height) height_passed_ = true;
  }
  if (seen.sighting == Sighting::at_commitment) return SendAction::done;
  if (is_expired(seen, now_ms)) return SendAction::expired;
  if (now_ms - started_ms_ >= limits_.timeout_ms) return SendAction::timed_out;
  // One that is in a block, or can no longer get into one, gains nothing from being sent again.
  const bool useless = height_passed_ || seen.sighting == Sighting::below_commitment;
  if (useless || now_ms - broadcast_ms_ < limits_.rebroadcast_ms) return SendAction::wait;
  broadcast_ms_ = now_ms;
  return SendAction::broadcast;
}

}  // namespace obelisk::solana
