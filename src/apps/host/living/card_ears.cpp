#include "apps/host/living/card_ears.hpp"

#include <chrono>
#include <condition_variable>

#include "apps/host/cards_now.hpp"

namespace obelisk::host {
namespace {

constexpr std::chrono::milliseconds kListenFor{1'000};
constexpr std::chrono::seconds kAfterAnError{30};

}  // namespace

void CardEars::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { listen(stop); });
}

void CardEars::listen(const std::stop_token& stop) {
  std::mutex waiting;
  std::condition_variable_any ended;
  while (!stop.stop_requested()) {
    const auto events = monitor_.wait(kListenFor);
    if (!events && events.error().code == base::Code::unsupported) return;
    if (!events) {
      std::unique_lock lock(waiting);
      ended.wait_for(lock, stop, kAfterAnError, [] { return false; });
      continue;
    }
    const std::lock_guard lock(mutex_);
    for (SeenXid& seen : seen_xids(*events)) {
      if (heard_.size() >= kMaxHeardCards && !heard_.contains(seen.card)) continue;
      std::vector<SeenXid>& of_card = heard_[seen.card];
      if (of_card.size() < kMaxHeard) of_card.push_back(std::move(seen));
    }
  }
}

std::vector<SeenXid> CardEars::take(const std::vector<std::string>& cards) {
  std::vector<SeenXid> out;
  const std::lock_guard lock(mutex_);
  for (const std::string& card : cards) {
    const auto at = heard_.find(card);
    if (at == heard_.end()) continue;
    out.insert(out.end(), at->second.begin(), at->second.end());
    heard_.erase(at);
  }
  return out;
}

}  // namespace obelisk::host
