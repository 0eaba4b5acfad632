// Sending: the whole way of one payment onto the chain as a state machine: what to do next, until
// its fate is known. The shell does it and tells what came of it. It must never let another
// transaction be signed while one that was signed before may still land.
//
//   estimate -> blockhash -> sign -> broadcast <-> look, wait --seen at the wanted depth--> landed
//      ^                                  |
//      |        finalized height past its last block, and twice unknown to the whole history
//      +----- another may be signed ------+----- or not: ---> expired
//                                         +----- time is over --> unknown
//
// The height is asked at finalized: a block that a vote may still undo proves nothing, since the
// blockhash could live again. An answer that knows nothing of it counts only if it is at least as
// new as the block that proves the height: an older one cannot know.
#pragma once

#include <cstdint>
#include <optional>

namespace obelisk::solana {

struct SendingLimits {
  std::int64_t timeout_ms = 90'000;
  // How often it may be signed; 0: it was signed elsewhere, by a wallet, and is only sent.
  int most_signings = 1;
  std::int64_t rebroadcast_ms = 500;
  std::int64_t height_every_ms = 1'000;
  // A node behind a load balancer may know less than the one before it: the second look comes
  // later.
  std::int64_t second_look_ms = 800;
};

enum class Act : std::uint8_t {
  estimate,   // try it without sending, and ask what others pay
  blockhash,  // ask for the newest
  sign,       // over that, and write it down where a restart finds it
  broadcast,  // the signed bytes, always the same
  look,       // at its status; see Look
  wait,       // for wait_ms(), or until somebody says that it landed
  landed,     // the end: as deep as wanted
  expired,    // the end: it can no longer land, and no other may be signed
  unknown,    // the end for now: it may still land
};

// How to look. The height has to be asked before the status.
struct Look {
  bool height = false;         // the finalized block height too
  bool whole_history = false;  // the status cache forgets after a minute
};

// What one status answer said of the transaction.
enum class Sighting : std::uint8_t { unknown, too_shallow, deep_enough };

struct Seen {
  // Nothing where no answer came.
  std::optional<std::uint64_t> finalized_height;
  std::optional<Sighting> sighting;
  std::uint64_t finalized_slot = 0;  // of the block that has the height
  std::uint64_t sighting_slot = 0;   // as new is that answer
};

class Sending {
 public:
  // Times are of a steady clock.
  Sending(const SendingLimits& limits, std::int64_t now_ms);
  // One that somebody else has signed and nobody has sent.
  static Sending signed_already(const SendingLimits& limits, std::uint64_t last_valid_block_height,
                                std::int64_t now_ms);
  // One that was signed before a restart: it may have landed long ago.
  static Sending resumed(const SendingLimits& limits, std::uint64_t last_valid_block_height,
                         std::int64_t now_ms);

  Act next(std::int64_t now_ms);
  std::int64_t wait_ms(std::int64_t now_ms) const;
  Look look(std::int64_t now_ms) const;

  void estimated();
  void has_blockhash(std::uint64_t last_valid_block_height);
  void is_signed(std::int64_t now_ms);
  void was_broadcast(std::int64_t now_ms);
  // `seen` answers look() of then.
  void saw(const Look& how, const Seen& seen, std::int64_t now_ms);
  // Somebody says that it landed: look now.
  void hint(std::int64_t now_ms);

 private:
  enum class Phase : std::uint8_t { estimate, blockhash, sign, flying, landed, expired };

  void begin_flight(std::int64_t now_ms);
  void note_absence(const Look& how, const Seen& seen, std::int64_t now_ms);
  void over_for_this_one();

  SendingLimits limits_;
  Phase phase_ = Phase::estimate;
  std::int64_t started_ms_;
  int signings_ = 0;
  // Of the one that was signed last.
  std::uint64_t last_valid_ = 0;
  std::int64_t flying_since_ms_ = 0;
  std::int64_t broadcast_due_ms_ = 0;
  std::int64_t look_due_ms_ = 0;
  std::int64_t height_due_ms_ = 0;
  bool in_a_block_ = false;
  bool height_passed_ = false;
  std::uint64_t passed_slot_ = 0;  // no later block can hold it
  std::optional<std::int64_t> first_absence_ms_;
};

}  // namespace obelisk::solana
