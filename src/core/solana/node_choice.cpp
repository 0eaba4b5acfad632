#include "core/solana/node_choice.hpp"

#include <algorithm>

namespace obelisk::solana {

NodeChoice::NodeChoice(std::size_t count, const NodeLimits& limits)
    : limits_(limits), nodes_(count) {}

std::vector<std::size_t> NodeChoice::order(Ask ask, std::int64_t now_ms) const {
  std::vector<std::size_t> at_work;
  std::vector<std::size_t> behind;
  const std::size_t count = nodes_.size();
  const auto turn = static_cast<std::size_t>(std::max<std::int64_t>(now_ms, 0) / limits_.turn_ms);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t number = (turn + i) % count;
    const Node& node = nodes_[number];
    if (node.rest_until_ms > now_ms) continue;
    (node.behind_until_ms > now_ms ? behind : at_work).push_back(number);
  }
  if (ask == Ask::any) at_work.insert(at_work.end(), behind.begin(), behind.end());
  for (std::size_t i = 0; i < count && at_work.size() < limits_.wanted_nodes; ++i) {
    const Node& node = nodes_[i];
    const bool rests = node.rest_until_ms > now_ms && node.asked_until_ms <= now_ms;
    if (rests && now_ms - node.failed_ms >= limits_.missed_rest_ms) at_work.push_back(i);
  }
  if (!at_work.empty() || !behind.empty()) return at_work;
  const auto soonest =
      std::min_element(nodes_.begin(), nodes_.end(), [now_ms](const Node& a, const Node& b) {
        const bool a_asked = a.asked_until_ms > now_ms;
        const bool b_asked = b.asked_until_ms > now_ms;
        if (a_asked != b_asked) return b_asked;
        return a.rest_until_ms < b.rest_until_ms;
      });
  if (soonest == nodes_.end() || soonest->asked_until_ms > now_ms) return {};
  return {static_cast<std::size_t>(soonest - nodes_.begin())};
}

std::size_t NodeChoice::at_work(std::int64_t now_ms) const {
  return static_cast<std::size_t>(std::ranges::count_if(nodes_, [now_ms](const Node& node) {
    return node.rest_until_ms <= now_ms && node.behind_until_ms <= now_ms;
  }));
}

void NodeChoice::answered(std::size_t node, std::int64_t now_ms) {
  Node& it = nodes_[node];
  it.rest_ms = 0;
  // What was asked before the node wished for rest does not end it.
  it.rest_until_ms = it.asked_until_ms > now_ms ? it.asked_until_ms : 0;
}

void NodeChoice::failed(std::size_t node, std::int64_t now_ms) {
  Node& it = nodes_[node];
  it.rest_ms =
      it.rest_ms == 0 ? limits_.first_rest_ms : std::min(it.rest_ms * 2, limits_.longest_rest_ms);
  it.rest_until_ms = std::max(it.rest_until_ms, now_ms + it.rest_ms);
  it.failed_ms = now_ms;
}

void NodeChoice::told_to_wait(std::size_t node, std::int64_t retry_ms, std::int64_t now_ms) {
  Node& it = nodes_[node];
  if (retry_ms <= 0) retry_ms = limits_.default_retry_ms;
  it.asked_until_ms =
      std::max(it.asked_until_ms, now_ms + std::min(retry_ms, limits_.longest_retry_ms));
  it.rest_until_ms = std::max(it.rest_until_ms, it.asked_until_ms);
}

void NodeChoice::limited(std::size_t node, std::int64_t now_ms) {
  if (nodes_[node].asked_until_ms > now_ms) return;
  told_to_wait(node, 0, now_ms);
}

Freshness NodeChoice::judge(std::size_t node, Depth depth, std::uint64_t slot, std::uint64_t known,
                            std::int64_t now_ms) {
  Node& it = nodes_[node];
  it.named[index(depth)] = slot;
  if (!is_believable(node, depth, slot, now_ms)) return Freshness::unbelievable;
  note(node, depth, slot, now_ms);
  const Newest& newest = newest_[index(depth)];
  if (newest.slot - slot > limits_.lag_slots) {
    it.behind_until_ms = now_ms + limits_.lag_rest_ms;
    return Freshness::behind;
  }
  it.behind_until_ms = 0;
  return slot < known ? Freshness::older : Freshness::fresh;
}

void NodeChoice::note(std::size_t node, Depth depth, std::uint64_t slot, std::int64_t now_ms) {
  Newest& newest = newest_[index(depth)];
  const bool near_it = newest.slot != 0 && slot + limits_.lag_slots >= newest.slot;
  if (slot > newest.slot) {
    const bool shared = newest.is_shared || is_named_by_another(node, depth, slot) ||
                        (near_it && node != newest.node && slot - newest.slot <= limits_.lag_slots);
    newest = {slot, now_ms, node, shared};
  } else if (near_it) {
    newest.is_shared = newest.is_shared || node != newest.node;
  } else if (!newest.is_shared && is_named_by_another(node, depth, slot)) {
    // Whoever spoke first was alone with it, and two others name the same: it was not so.
    newest = {slot, now_ms, node, true};
  }
}

bool NodeChoice::is_named_by_another(std::size_t node, Depth depth, std::uint64_t slot) const {
  const Newest& newest = newest_[index(depth)];
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (i == node || (i == newest.node && slot <= newest.slot)) continue;
    const std::uint64_t other = nodes_[i].named[index(depth)];
    const std::uint64_t apart = other > slot ? other - slot : slot - other;
    if (other != 0 && apart <= limits_.lag_slots) return true;
  }
  return false;
}

bool NodeChoice::is_believable(std::size_t node, Depth depth, std::uint64_t slot,
                               std::int64_t now_ms) const {
  const Newest& newest = newest_[index(depth)];
  if (newest.slot == 0 || slot <= newest.slot) return true;
  const auto passed = static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms - newest.at_ms, 0) /
                                                 kShortestSlotMs);
  const std::uint64_t leap = slot - newest.slot;
  if (leap <= limits_.lag_slots + passed) return true;
  if (!newest.is_shared && node != newest.node && leap <= limits_.first_leap_slots) return true;
  return is_named_by_another(node, depth, slot);
}

}  // namespace obelisk::solana
