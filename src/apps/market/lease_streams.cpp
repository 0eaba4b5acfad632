#include "apps/market/lease_streams.hpp"

#include <algorithm>

namespace obelisk::market_app {

base::Result<void> LeaseStreams::admit(const std::string& remote_address) {
  sweep();
  const std::lock_guard lock(mutex_);
  const auto same = std::ranges::count(entries_, remote_address, &Entry::remote_address);
  const bool few_here = static_cast<std::uint64_t>(same) < limits_.streams_per_address;
  if (entries_.size() < limits_.streams && few_here) return {};
  return base::Error{base::Code::rate_limited, "Too many event streams are open.",
                     "Close one, or ask /v1/leases/{lease} every few seconds instead."};
}

void LeaseStreams::open(const base::PublicKey& lease, std::uint64_t after_seq,
                        const std::string& remote_address,
                        std::shared_ptr<http::EventStream> stream) {
  auto subscription = leases_.subscribe(lease, after_seq, [stream](const api::LeaseEvent& event) {
    using enum engine::Leases::Heard;
    if (stream->closed()) return gone;
    // A long story may come faster than it is read; a reader that reads nothing is dropped by time.
    if (stream->queued() >= kMaxQueuedEvents) return later;
    return stream->send(std::to_string(event.seq), event.kind, api::to_json(event)) ? yes : gone;
  });
  const std::lock_guard lock(mutex_);
  entries_.push_back({remote_address, std::move(stream), std::move(subscription)});
}

void LeaseStreams::sweep() {
  // Subscriptions end outside the lock: that waits for a callback under way.
  std::vector<Entry> gone;
  const std::lock_guard lock(mutex_);
  const auto rest =
      std::ranges::partition(entries_, [](const Entry& entry) { return !entry.stream->closed(); });
  std::ranges::move(rest, std::back_inserter(gone));
  entries_.erase(rest.begin(), rest.end());
}

std::size_t LeaseStreams::count() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace obelisk::market_app
