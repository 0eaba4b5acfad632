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
  void add(ports::AccountAt said);
  // Some node shows it, or two say that it does not exist.
  bool settled() const { return shown_.has_value() || absent_ >= kAgree; }
  // Once settled. An absence is as old as the older of the two answers.
  ports::AccountAt result() const;

 private:
  std::optional<ports::AccountAt> shown_;
  std::size_t absent_ = 0;
  std::uint64_t absent_slot_ = 0;
};

// One signature, node by node.
class StatusVotes {
 public:
  void add(const std::optional<ports::SignatureStatus>& said);
  // Two say the same: nothing, or one outcome in one slot.
  bool settled() const;
  // Whether no other node could make sense of it: two outcomes, each named once.
  bool contradicts() const;
  // What two say, at the lower of their commitments; what one alone says counts as processed, which
  // is final for nobody.
  std::optional<ports::SignatureStatus> result() const;

 private:
  struct Seen {
    ports::SignatureStatus status;
    std::size_t votes = 1;
  };
  std::vector<Seen> seen_;
  std::size_t unknown_ = 0;
};

// The highest that two have reached: heights only rise, so that one lie cannot push it up.
std::optional<std::uint64_t> reached_by_two(std::vector<std::uint64_t> heights);

// Why there is no answer, in words for people.
base::Error no_node();
base::Error all_behind();
base::Error one_alone(const std::string& what);

}  // namespace obelisk::solana_rpc
