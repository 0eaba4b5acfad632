#include "apps/market/engine/inbox.hpp"

#include <algorithm>

namespace obelisk::engine {
namespace {

// A host says that it failed, and right after that it has cleared away what it made. That it failed
// is what gives the money back.
bool clears_up_after(const lease::Event& earlier, const lease::Event& later) {
  const auto* failed = std::get_if<lease::HostSaid>(&earlier);
  const auto* gone = std::get_if<lease::HostSaid>(&later);
  return failed != nullptr && gone != nullptr && failed->state == lease::HostState::failed &&
         gone->state == lease::HostState::gone;
}

// What a later event of the same kind says again, and newer. Nobody may wait for the earlier one.
bool is_repeated_by(const Inbox::Item& earlier, const Inbox::Item& later) {
  if (earlier.done != nullptr || earlier.event.index() != later.event.index()) return false;
  if (clears_up_after(earlier.event, later.event)) return false;
  const auto is_level = [](const auto& event) {
    using T = std::decay_t<decltype(event)>;
    return std::is_same_v<T, lease::Seen> || std::is_same_v<T, lease::Confirmed> ||
           std::is_same_v<T, lease::Absent> || std::is_same_v<T, lease::HostSaid> ||
           std::is_same_v<T, lease::HostLost> || std::is_same_v<T, lease::StopAsked> ||
           std::is_same_v<T, lease::Tick>;
  };
  return std::visit(is_level, later.event);
}

// An answer of a node that is behind must not take the place of a newer one.
bool is_older(const lease::Event& event, const lease::Event& than) {
  const auto slot = [](const lease::Event& of) -> std::uint64_t {
    if (const auto* seen = std::get_if<lease::Seen>(&of)) return seen->slot;
    if (const auto* confirmed = std::get_if<lease::Confirmed>(&of)) return confirmed->slot;
    if (const auto* absent = std::get_if<lease::Absent>(&of)) return absent->slot;
    return 0;
  };
  return slot(event) < slot(than);
}

}  // namespace

std::int64_t aside_ms(std::uint32_t tries) {
  return std::min<std::int64_t>(5'000, 200 << std::min(tries, 5u));
}

void Inbox::put(Item item) {
  auto& queue = queues_[item.lease];
  if (queue.empty()) {
    if (!aside_.contains(item.lease) && in_hand_ != item.lease) turns_.push_back(item.lease);
  } else if (is_repeated_by(queue.back(), item)) {
    if (is_older(item.event, queue.back().event)) {
      if (item.done != nullptr) item.done->set_value();
      return;
    }
    item.tries = queue.back().tries;
    queue.back() = std::move(item);
    // However often a host takes turns between the two, the queue does not grow.
    if (queue.size() > 1 && is_repeated_by(*std::prev(queue.end(), 2), queue.back())) {
      queue.erase(std::prev(queue.end(), 2));
    }
    return;
  }
  queue.push_back(std::move(item));
}

std::optional<Inbox::Item> Inbox::take(std::int64_t now_ms) {
  while (!back_.empty() && back_.begin()->first <= now_ms) {
    const base::PublicKey lease = back_.begin()->second;
    back_.erase(back_.begin());
    aside_.erase(lease);
    turns_.push_back(lease);
  }
  if (turns_.empty()) return std::nullopt;
  in_hand_ = turns_.front();
  turns_.pop_front();
  const auto at = queues_.find(*in_hand_);
  Item out = std::move(at->second.front());
  at->second.pop_front();
  if (at->second.empty()) queues_.erase(at);
  return out;
}

void Inbox::taken_in() {
  if (in_hand_ && queues_.contains(*in_hand_)) turns_.push_back(*in_hand_);
  in_hand_.reset();
}

void Inbox::put_back(Item item, std::int64_t now_ms) {
  const base::PublicKey lease = item.lease;
  if (in_hand_ != lease) std::erase(turns_, lease);
  in_hand_.reset();
  const std::int64_t until_ms = now_ms + aside_ms(item.tries++);
  aside_[lease] = until_ms;
  back_.emplace(until_ms, lease);
  auto& queue = queues_[lease];
  // What came meanwhile may say the same, and newer.
  if (queue.empty() || !is_repeated_by(item, queue.front())) {
    queue.push_front(std::move(item));
  } else if (is_older(queue.front().event, item.event)) {
    item.done = queue.front().done;
    queue.front() = std::move(item);
  } else {
    queue.front().tries = item.tries;
  }
}

std::optional<std::int64_t> Inbox::next_ms() const {
  if (!turns_.empty()) return 0;
  if (!back_.empty()) return back_.begin()->first;
  return std::nullopt;
}

std::size_t Inbox::size() const {
  std::size_t out = 0;
  for (const auto& [lease, queue] : queues_) out += queue.size();
  return out;
}

std::deque<Inbox::Item> Inbox::drain() {
  std::deque<Item> out;
  for (auto& [lease, queue] : queues_) {
    for (Item& item : queue) out.push_back(std::move(item));
  }
  *this = {};
  return out;
}

}  // namespace obelisk::engine
