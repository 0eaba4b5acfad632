#include "apps/cli/lease_follower.hpp"

namespace obelisk::cli {
namespace {

constexpr std::chrono::milliseconds kReconnectPause{250};

}  // namespace

LeaseFollower::LeaseFollower(MarketClient& market, const base::PublicKey& lease)
    : market_(market), lease_(lease), thread_([this](const std::stop_token& stop) { run(stop); }) {}

LeaseFollower::~LeaseFollower() {
  thread_.request_stop();
  changed_.notify_all();
}

void LeaseFollower::take(const api::LeaseEvent& event) {
  const std::lock_guard lock(mutex_);
  last_seq_ = std::max(last_seq_, event.seq);
  ++news_.version;
  news_.message = event.message;
  if (event.lease.ssh) news_.ssh = event.lease.ssh;
  if (event.kind == "host_failed" || event.kind == "check_failed") news_.failure = event.message;
  changed_.notify_all();
}

void LeaseFollower::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::uint64_t after = 0;
    {
      const std::lock_guard lock(mutex_);
      after = last_seq_;
    }
    const auto on_event = [this](const api::LeaseEvent& event) {
      take(event);
      return true;
    };
    // A lost stream is opened again; the reason does not matter, the chain is asked meanwhile.
    const auto ended = market_.follow(lease_, after, on_event, stop);
    (void)ended;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, kReconnectPause, [] { return false; });
  }
}

LeaseFollower::News LeaseFollower::wait(std::uint64_t seen, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return news_.version > seen; });
  return news_;
}

}  // namespace obelisk::cli
