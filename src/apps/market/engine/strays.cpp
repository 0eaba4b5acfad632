#include "apps/market/engine/strays.hpp"

#include <algorithm>

#include "core/escrow/codec.hpp"

namespace obelisk::engine {
namespace {

constexpr std::chrono::milliseconds kPause{1000};
// Memory is not for strangers to fill; what does not fit is found again later.
constexpr std::size_t kMaxKnown = 10'000;

}  // namespace

Strays::~Strays() { stop(); }

void Strays::start() {
  thread_ = std::thread([this] { run(); });
}

void Strays::stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Strays::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lock.unlock();
    help_one();
    lock.lock();
    changed_.wait_for(lock, kPause, [this] { return ending_; });
  }
}

void Strays::found(const base::PublicKey& lease, const escrow::Lease& account) {
  if (escrow::to_public_key(account.market) != market_) return;
  const std::lock_guard lock(mutex_);
  const bool is_new = !known_.contains(lease);
  if (is_new && known_.size() >= kMaxKnown) return;
  known_[lease].account = account;
  if (is_new) log_("A lease of this market is no quote of ours. It is not served.", lease);
}

std::size_t Strays::count() const {
  const std::lock_guard lock(mutex_);
  return known_.size();
}

bool Strays::is_due(const escrow::Lease& account, base::UnixSeconds now) {
  switch (account.state) {
    case escrow::State::closed: return true;
    case escrow::State::funded: return now > account.opened_at + account.ready_deadline_s;
    case escrow::State::active: return now >= account.started_at + account.seconds;
    case escrow::State::closing: return now > account.window_ends;
  }
  return true;
}

bool Strays::may_spend(base::UnixSeconds now) {
  const base::UnixSeconds passed = now - refilled_s_;
  if (passed >= kRefillEveryS) {
    const auto more =
        static_cast<int>(std::min<base::UnixSeconds>(passed / kRefillEveryS, kBudget));
    budget_ = std::min(budget_ + more, kBudget);
    refilled_s_ = now;
  }
  if (budget_ == 0) return false;
  --budget_;
  return true;
}

bool Strays::help_one() {
  const base::UnixSeconds now = view_.time().unix_s;
  base::PublicKey lease;
  Known tried;
  {
    const std::lock_guard lock(mutex_);
    // The oldest first: who makes many new ones waits behind those who came before.
    auto due = known_.end();
    for (auto at = known_.begin(); at != known_.end(); ++at) {
      if (!is_due(at->second.account, now) || now < at->second.not_before_s) continue;
      if (due == known_.end() || at->second.account.opened_at < due->second.account.opened_at) {
        due = at;
      }
    }
    if (due == known_.end() || !may_spend(now)) return false;
    lease = due->first;
    tried = due->second;
    // If it is still there, though it was sent back, the next answer brings it back.
    known_.erase(due);
  }
  const bool funded = tried.account.state == escrow::State::funded;
  const auto sent = funded ? settle_.cancel(lease, now) : settle_.finish(lease, now);
  if (sent) return true;
  // The chain's clock may stand a moment before ours, and somebody's money waits: soon again. One
  // that fails each time waits longer each time, so that it does not use up what others need.
  if (tried.tries++ == kLoudTries) log_("It is left alone: " + sent.error().message, lease);
  const int doublings = std::min(tried.tries, kMostDoublings);
  tried.not_before_s = now + (kAgainAfterS << doublings);
  const std::lock_guard lock(mutex_);
  known_.insert_or_assign(lease, tried);
  // Nothing was sent, so nothing was spent.
  if (sent.error().code == base::Code::unreachable) budget_ = std::min(budget_ + 1, kBudget);
  return true;
}

}  // namespace obelisk::engine
