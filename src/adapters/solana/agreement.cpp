#include "adapters/solana/agreement.hpp"

#include <algorithm>
#include <functional>

namespace obelisk::solana_rpc {

void AccountVotes::add(ports::AccountAt said, bool is_fresh) {
  if (said.account) {
    for (Seen& seen : seen_) {
      ports::Account& account = *seen.at.account;
      if (account.owner != said.account->owner || account.data != said.account->data) continue;
      if (is_fresh) seen.at.slot = seen.is_fresh ? std::min(seen.at.slot, said.slot) : said.slot;
      seen.is_fresh = seen.is_fresh || is_fresh;
      account.lamports = std::min(account.lamports, said.account->lamports);
      ++seen.votes;
      return;
    }
    seen_.push_back({std::move(said), is_fresh});
    return;
  }
  if (!is_fresh) return;
  absent_slot_ = absent_ == 0 ? said.slot : std::min(absent_slot_, said.slot);
  ++absent_;
}

bool AccountVotes::settled() const {
  return absent_ >= kAgree || std::any_of(seen_.begin(), seen_.end(),
                                          [](const Seen& seen) { return seen.is_borne_out(); });
}

bool AccountVotes::is_one_alone() const {
  return seen_.size() == 1 && seen_.front().is_fresh && seen_.front().votes == 1 && absent_ == 0;
}

ports::AccountAt AccountVotes::result() const {
  for (const Seen& seen : seen_) {
    if (seen.is_borne_out() || is_one_alone()) return seen.at;
  }
  return {absent_slot_, std::nullopt};
}

void StatusVotes::add(const std::optional<ports::SignatureStatus>& said, std::uint64_t slot) {
  if (!said) {
    unknown_.push_back(slot);
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
  if (!result() && unknown_.size() >= kAgree && is_unknown_to_two()) return true;
  return std::any_of(seen_.begin(), seen_.end(),
                     [](const Seen& seen) { return seen.votes >= kAgree; });
}

std::uint64_t StatusVotes::unknown_slot() const { return reached_by_two(unknown_).value_or(0); }

bool StatusVotes::is_on_a_dead_fork(const Seen& seen) const {
  return finalized_ != 0 && seen.votes == 1 && seen.status.slot <= finalized_ &&
         seen.status.commitment == ports::Commitment::processed && is_unknown_to_two();
}

bool StatusVotes::contradicts() const { return !settled() && seen_.size() > 1; }

std::optional<ports::SignatureStatus> StatusVotes::result() const {
  for (const Seen& seen : seen_) {
    if (seen.votes >= kAgree) return seen.status;
  }
  if (std::all_of(seen_.begin(), seen_.end(),
                  [this](const Seen& seen) { return is_on_a_dead_fork(seen); })) {
    return std::nullopt;
  }
  ports::SignatureStatus alone = seen_.front().status;
  alone.commitment = ports::Commitment::processed;
  return alone;
}

std::optional<std::uint64_t> reached_by_two(std::vector<std::uint64_t> heights) {
  if (heights.size() < kAgree) return std::nullopt;
  std::sort(heights.begin(), heights.end(), std::greater<>());
  return heights[kAgree - 1];
}

std::optional<ports::BlockHeight> reached_by_two(std::vector<ports::BlockHeight> heights) {
  if (heights.size() < kAgree) return std::nullopt;
  std::sort(heights.begin(), heights.end(),
            [](const auto& a, const auto& b) { return a.height > b.height; });
  ports::BlockHeight out = heights[kAgree - 1];
  for (std::size_t i = 0; i < kAgree; ++i) out.slot = std::max(out.slot, heights[i].slot);
  return out;
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
