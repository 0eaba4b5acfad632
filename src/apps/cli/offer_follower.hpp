// OfferFollower: the offers that fit, from the market's event stream, on a thread of its own: they
// are there while it lasts, and the stream is opened again where it breaks. What it says is the
// market's word: a quote decides.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "apps/cli/market_client.hpp"

namespace obelisk::cli {

class OfferFollower {
 public:
  struct News {
    std::uint64_t version = 0;  // grows with every event
    std::vector<api::Offer> offers;
    bool reached = true;                 // false while the stream is broken
    std::optional<base::Error> refused;  // the market does not take the search: nothing will come
  };

  // `market` must outlive it.
  OfferFollower(MarketClient& market, std::string query);
  ~OfferFollower();
  OfferFollower(const OfferFollower&) = delete;
  OfferFollower& operator=(const OfferFollower&) = delete;

  // The latest; returns early when there is something newer than `seen`.
  News wait(std::uint64_t seen, std::chrono::milliseconds timeout);

 private:
  void run(const std::stop_token& stop);
  void take(const api::OfferEvent& event);

  MarketClient& market_;
  const std::string query_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, api::Offer> offers_;
  std::uint64_t version_ = 0;
  bool reached_ = true;
  std::optional<base::Error> refused_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace obelisk::cli
