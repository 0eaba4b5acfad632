#include "adapters/solana/agreement.hpp"

#include <algorithm>
#include <functional>

namespace obelisk::solana_rpc {

void AccountVotes::add(ports::AccountAt said) {
  if (said.account) {
    if (!shown_) shown_ = std::move(said);
    return;
  }
  absent_slot_ = absent_ == 0 ? said.slot : std::min(absent_slot_, said.slot);
  ++absent_;
}

ports::AccountAt AccountVotes::result() const {
  if (shown_) return *shown_;
  return {absent_slot_, std::nullopt};
}

void StatusVotes::add(const std::optional<ports::SignatureStatus>& said) {
  if (!said) {
    ++unknown_;
    return;
  }
  for (Seen& seen : seen_) {
    if (seen.status.slot != said->slot || seen.status.error != said->error) continue;
    if (seen.votes < kAgree) {
      seen.status.commitment = std::min(seen.status.commitment, said->commitment);
    }
    ++seen.votes;
    return;
  }
  seen_.push_back({*said});
}

bool StatusVotes::settled() const {
  if (seen_.empty() && unknown_ >= kAgree) return true;
  return std::any_of(seen_.begin(), seen_.end(),
                     [](const Seen& seen) { return seen.votes >= kAgree; });
}

bool StatusVotes::contradicts() const { return !settled() && seen_.size() > 1; }

std::optional<ports::SignatureStatus> StatusVotes::result() const {
  for (const Seen& seen : seen_) {
    if (seen.votes >= kAgree) return seen.status;
  }
  if (seen_.empty()) return std::nullopt;
  ports::SignatureStatus alone = seen_.front().status;
  alone.commitment = ports::Commitment::processed;
  return alone;
}

std::optional<std::uint64_t> reached_by_two(std::vector<std::uint64_t> heights) {
  if (heights.size() < kAgree) return std::nullopt;
  std::sort(heights.begin(), heights.end(), std::greater<>());
  return heights[kAgree - 1];
}

base::Error no_node() {
  return {base::Code::unreachable,
          "No RPC node can be asked now: all rest after errors or refusals.",
          "Try again in a minute, or name more nodes."};
}

base::Error all_behind() {
  return {base::Code::unreachable, "The RPC nodes that answer are behind what was known before.",
          "Try again in a few seconds, or name more nodes."};
}

base::Error one_alone(const std::string& what) {
  return {base::Code::unreachable, "Only one RPC node says that " + what + "; two have to.",
          "Try again in a few seconds, or name more nodes."};
}

}  // namespace obelisk::solana_rpc
