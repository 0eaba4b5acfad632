// SendState: what to do next with a signed transaction until its fate is known: send it again, ask
// again, or stop. The same bytes are sent each time, so it lands at most once. It must never call a
// transaction expired that may still land: only then may another be signed in its place.
//
//   sending --seen at the wanted commitment--> done
//      |-----block height passed, and twice still unknown--> expired
//      |-----time is over--> timed_out
#pragma once

#include <cstdint>
#include <optional>

namespace obelisk::solana {

struct SendLimits {
  std::uint64_t last_valid_block_height = 0;
  std::int64_t timeout_ms = 60'000;
  std::int64_t rebroadcast_ms = 500;
  std::int64_t height_every_ms = 1'000;
  // A node behind a load balancer may know less than the one before it: the second look comes
  // later.
  std::int64_t second_look_ms = 800;
};

// What one status answer said of the transaction.
enum class Sighting { unknown, below_commitment, at_commitment };

struct Observation {
  // Nothing where the node gave no answer this time. `height` must be asked before `sighting`.
  std::optional<std::uint64_t> block_height;
  std::optional<Sighting> sighting;
};

enum class SendAction { wait, broadcast, done, expired, timed_out };

class SendState {
 public:
  // The first broadcast has just been made, at `now_ms` of a steady clock.
  SendState(const SendLimits& limits, std::int64_t now_ms);

  // Whether the next observation should include the block height.
  bool wants_height(std::int64_t now_ms) const;
  SendAction observe(const Observation& seen, std::int64_t now_ms);

 private:
  bool is_expired(const Observation& seen, std::int64_t now_ms);

  SendLimits limits_;
  std::int64_t started_ms_;
  std::int64_t broadcast_ms_;
  std::int64_t height_asked_ms_;
  bool height_passed_ = false;
  std::optional<std::int64_t> first_look_ms_;
};

}  // namespace obelisk::solana
