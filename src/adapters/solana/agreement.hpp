// Agreement: what several nodes' answers to one question come to, where money hangs on it. Two that
// say the same are believed; one alone is not. Internal to this folder. It must never turn one
// node's word into a final one.
#pragma once

#include <optional>
#include <vector>

#include "ports/chain.hpp"

namespace obelisk::solana_rpc {

inline constexpr std::size_t kAgree = 2;

// One account, node by node.
class AccountVotes {
 public:
  // `is_fresh`: as new as has to be known. One that is a little older can only bear out what
  // another shows.
  void add(ports::AccountAt said, bool is_fresh = true);
  // Two show it with the same owner and data, or two say that it does not exist.
  bool settled() const;
  // Whether one alone shows it and nobody else was heard: as much as one node's word is worth.
  bool is_one_alone() const;
  // Of what is settled, or of the one alone: as old as the older of the fresh answers, with the
  // lower of the balances.
  ports::AccountAt result() const;

 private:
  struct Seen {
    ports::AccountAt at;
    bool is_fresh = true;
    std::size_t votes = 1;

    bool is_borne_out() const { return is_fresh && votes >= kAgree; }
  };
  std::vector<Seen> seen_;
  std::size_t absent_ = 0;
  std::uint64_t absent_slot_ = 0;
};

// One signature, node by node.
class StatusVotes {
 public:
  // `finalized`: who is not so far cannot know that it is in no block. 0: everybody counts.
  explicit StatusVotes(std::uint64_t finalized = 0) : finalized_(finalized) {}
  // `slot`: as new is that answer.
  void add(const std::optional<ports::SignatureStatus>& said, std::uint64_t slot);
  // Two say the same: nothing, or one outcome in one slot.
  bool settled() const;
  // Whether no other node could make sense of it: two outcomes, each named once.
  bool contradicts() const;
  // What two say, at the lower of their commitments; what one alone says counts as processed, which
  // is final for nobody. One that calls it processed where everything is final by now, against two
  // that are so far and do not know it, is on a fork that nobody else has.
  std::optional<ports::SignatureStatus> result() const;
  // So new is the absence, if that is the result.
  std::uint64_t unknown_slot() const;

 private:
  struct Seen {
    ports::SignatureStatus status;
    std::size_t votes = 1;
  };
  bool is_unknown_to_two() const { return unknown_slot() >= finalized_; }
  bool is_on_a_dead_fork(const Seen& seen) const;

  std::uint64_t finalized_;
  std::vector<Seen> seen_;
  std::vector<std::uint64_t> unknown_;  // the slots of those that know nothing of it
};

// The highest that two have reached: heights only rise, so that one lie cannot push it up.
std::optional<std::uint64_t> reached_by_two(std::vector<std::uint64_t> heights);
// The same with its slot, which is the later of the two: who is so far has that block.
std::optional<ports::BlockHeight> reached_by_two(std::vector<ports::BlockHeight> heights);

// Why there is no answer, in words for people.
base::Error no_node();
base::Error all_behind();
base::Error one_alone(const std::string& what);

}  // namespace obelisk::solana_rpc
