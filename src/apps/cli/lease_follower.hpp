// LeaseFollower: what the market says of one lease, as it says it, on a thread of its own that
// reconnects by itself. News only: whether a lease is ready is for the chain to say.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "apps/cli/market_client.hpp"

namespace obelisk::cli {

class LeaseFollower {
 public:
  struct News {
    std::uint64_t version = 0;  // grows with every event
    std::string message;
    std::optional<api::SshAccess> ssh;
    std::optional<std::string> failure;  // why this machine will never be ready
  };

  // `market` must outlive it.
  LeaseFollower(MarketClient& market, const base::PublicKey& lease);
  ~LeaseFollower();
  LeaseFollower(const LeaseFollower&) = delete;
  LeaseFollower& operator=(const LeaseFollower&) = delete;

  // The latest; returns early when there is something newer than `seen`.
  News wait(std::uint64_t seen, std::chrono::milliseconds timeout);

 private:
  void run(const std::stop_token& stop);
  void take(const api::LeaseEvent& event);

  MarketClient& market_;
  const base::PublicKey lease_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  News news_;
  std::uint64_t last_seq_ = 0;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace obelisk::cli
