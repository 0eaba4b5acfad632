// NodeChoice: which of several nodes to ask next, and whether what one says is new enough. It knows
// nodes by their number alone and time by what it is told. It must never take an answer that is
// older than what any node has shown before, and never ask a node before the time it asked for.
//
//   at work --no answer--> resting (0.5 s, doubled each time, 30 s at most; 1 s where it is missed)
//      |-----429------> resting as long as the node asked (60 s at most)
//      |-----more than lag_slots behind--> behind: not asked for fresh things for 2 s
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace obelisk::solana {

inline constexpr std::int64_t kShortestSlotMs = 100;  // no cluster has been faster

struct NodeLimits {
  std::uint64_t lag_slots = 50;
  // A slot beyond the newest known by more than lag_slots and what the time explains is believed
  // only if two nodes name such a one: or else one lie would make every honest node look old. Only
  // until two have named the same is a leap of so much taken from another node too: whoever was
  // heard first may be behind.
  std::uint64_t first_leap_slots = 1'000;
  std::int64_t turn_ms = 2'000;  // so long one node goes first, then the next
  std::int64_t lag_rest_ms = 2'000;
  std::int64_t first_rest_ms = 500;
  std::int64_t longest_rest_ms = 30'000;
  // Two nodes have to agree about money: where fewer are at work, nobody rests longer than this.
  std::size_t wanted_nodes = 2;
  std::int64_t missed_rest_ms = 1'000;
  std::int64_t default_retry_ms = 1'000;  // after a 429 that names no time
  std::int64_t longest_retry_ms = 60'000;
};

// The commitment that a slot was named for: each has a newest slot of its own.
enum class Depth { processed, confirmed, finalized };

// What is asked: the newest state, or something that an old answer cannot spoil.
enum class Ask { fresh, any };

enum class Freshness {
  fresh,         // at least as new as what had to be known
  older,         // by so little that the node may catch up in a moment
  behind,        // by more than lag_slots
  unbelievable,  // newer than the time explains, and no second node says so
};

class NodeChoice {
 public:
  NodeChoice(std::size_t count, const NodeLimits& limits);

  // Whom to ask, in this order. Fresh things: those at work. Anything: those behind as well, last.
  // Where fewer are at work than are wanted, those that failed too, and where there is nobody at
  // all, whoever rests shortest; never one that asked to be left alone.
  std::vector<std::size_t> order(Ask ask, std::int64_t now_ms) const;

  // How many neither rest after a failure nor are behind.
  std::size_t at_work(std::int64_t now_ms) const;

  void answered(std::size_t node, std::int64_t now_ms);
  void failed(std::size_t node, std::int64_t now_ms);
  // The node's own Retry-After; nothing sensible (0 or less): default_retry_ms.
  void told_to_wait(std::size_t node, std::int64_t retry_ms, std::int64_t now_ms);
  // A refusal for asking too often, whether or not told_to_wait came first.
  void limited(std::size_t node, std::int64_t now_ms);

  // The newest slot any node named and that was believed; what an answer must reach.
  std::uint64_t newest(Depth depth) const { return newest_[index(depth)].slot; }
  // Takes note of the slot that an answer names. `known` is newest() from before the question.
  Freshness judge(std::size_t node, Depth depth, std::uint64_t slot, std::uint64_t known,
                  std::int64_t now_ms);

 private:
  static constexpr std::size_t kDepths = 3;
  struct Node {
    std::int64_t rest_until_ms = 0;
    std::int64_t failed_ms = 0;
    std::int64_t rest_ms = 0;         // the next rest after a failure; 0: the first
    std::int64_t asked_until_ms = 0;  // its own wish: until then it is not asked for anything
    std::int64_t behind_until_ms = 0;
    std::array<std::uint64_t, kDepths> named{};
  };
  struct Newest {
    std::uint64_t slot = 0;
    std::int64_t at_ms = 0;
    std::size_t node = 0;    // that named it
    bool is_shared = false;  // a second one has been there too, once
  };
  static std::size_t index(Depth depth) { return static_cast<std::size_t>(depth); }
  bool is_believable(std::size_t node, Depth depth, std::uint64_t slot, std::int64_t now_ms) const;
  bool is_named_by_another(std::size_t node, Depth depth, std::uint64_t slot) const;
  void note(std::size_t node, Depth depth, std::uint64_t slot, std::int64_t now_ms);

  const NodeLimits limits_;
  std::vector<Node> nodes_;
  std::array<Newest, kDepths> newest_{};
};

}  // namespace obelisk::solana
