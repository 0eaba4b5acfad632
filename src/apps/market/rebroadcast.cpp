#include "apps/market/rebroadcast.hpp"

#include <algorithm>
#include <chrono>

namespace obelisk::market_app {
namespace {

using ports::Commitment;

constexpr std::chrono::seconds kEvery{2};
// From whichever block its blockhash is.
constexpr std::uint64_t kBlockhashLife = 150;

}  // namespace

void Rebroadcast::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return !flying_.empty(); })) return;
        changed_.wait_for(lock, stop, kEvery, [] { return false; });
      }
      if (!stop.stop_requested()) round();
    }
  });
}

void Rebroadcast::add(const base::Signature& id, base::ByteView wire) {
  {
    const std::lock_guard lock(mutex_);
    const auto is_it = [&](const Flying& one) { return one.id == id; };
    if (flying_.size() >= kMost || std::any_of(flying_.begin(), flying_.end(), is_it)) return;
    flying_.push_back({id, {wire.begin(), wire.end()}});
  }
  changed_.notify_one();
}

std::size_t Rebroadcast::count() const {
  const std::lock_guard lock(mutex_);
  return flying_.size();
}

void Rebroadcast::round() {
  std::vector<Flying> all;
  {
    const std::lock_guard lock(mutex_);
    all = flying_;
  }
  std::vector<base::Signature> ids;
  for (const Flying& one : all) ids.push_back(one.id);
  const auto height = chain_.block_height(Commitment::confirmed);
  const auto statuses = chain_.statuses(ids, ports::Search::recent);
  // Nodes that do not answer would not take anything either.
  if (!height || !statuses || statuses->found.size() != all.size()) return;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Flying& one = all[i];
    const auto& status = statuses->found[i];
    if (one.last_height == 0) one.last_height = height->height + kBlockhashLife;
    one.is_over =
        height->height > one.last_height || (status && status->commitment >= Commitment::confirmed);
    // What comes of it is asked next time.
    if (!one.is_over && !status) (void)chain_.send(one.wire, false);
  }
  take_back(all);
}

// Others may have come meanwhile.
void Rebroadcast::take_back(const std::vector<Flying>& seen) {
  const std::lock_guard lock(mutex_);
  for (const Flying& one : seen) {
    const auto at = std::find_if(flying_.begin(), flying_.end(),
                                 [&](const Flying& other) { return other.id == one.id; });
    if (at == flying_.end()) continue;
    at->last_height = one.last_height;
    at->is_over = one.is_over;
  }
  std::erase_if(flying_, [](const Flying& one) { return one.is_over; });
}

}  // namespace obelisk::market_app
