// PullDesk: renters' wishes for images that do not lie on a host yet. It passes them to hosts that
// offer to bring some and remembers how far they are, before anything is quoted or paid. Any thread
// may call. It must never make a host do more than it listed, nor keep more than its bounds.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "api/types.hpp"
#include "apps/market/offer_desk.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "ports/clock.hpp"

namespace obelisk::market_app {

inline constexpr std::size_t kPullsPerHost = 4;         // under way
inline constexpr std::size_t kPullsPerWallet = 6;       // within an hour
inline constexpr std::size_t kMaxPulls = 2'000;         // remembered, in all
inline constexpr std::int64_t kPullSilenceMs = 60'000;  // then the host is taken to have failed
inline constexpr std::int64_t kPullKeptMs = 3'600'000;  // after the last news

class PullDesk {
 public:
  // `tell` sends to a host, and says whether it is connected.
  using Tell = std::function<bool(const base::PublicKey& host, const std::string& message)>;
  PullDesk(OfferDesk& offers, ports::Clock& clock, Tell tell)
      : offers_(offers), clock_(clock), tell_(std::move(tell)) {}

  // Begins one, or says how far the same one is. invalid_input for what is no reference, not_found
  // for an offer that is not there, refused for one that brings nothing, rate_limited beyond the
  // bounds, unreachable where the host is away.
  base::Result<api::ImagePull> begin(const api::ImagePullRequest& request,
                                     const base::PublicKey& wallet);
  base::Result<api::ImagePull> look(const std::string& pull);

  // A host's own word, which counts for what it was asked for and nothing else.
  void heard(const base::PublicKey& host, const api::HostPulling& message);
  void host_gone(const base::PublicKey& host);
  // To be called every second or so.
  void sweep();

 private:
  struct Pull {
    api::ImagePull now;
    base::PublicKey host;
    std::int64_t heard_at_ms = 0;  // steady
    bool is_over() const {
      return now.step == api::PullStep::ready || now.step == api::PullStep::failed;
    }
  };

  base::Result<void> check_caps(const base::PublicKey& host, const base::PublicKey& wallet);
  bool is_listed(const api::ImagePull& pull);
  static void fail(Pull& pull, std::string why);

  OfferDesk& offers_;
  ports::Clock& clock_;
  const Tell tell_;
  std::mutex mutex_;
  std::map<std::string, Pull> pulls_;                              // by id; guarded by mutex_
  std::deque<std::pair<std::int64_t, base::PublicKey>> begun_by_;  // within the hour; the same
};

}  // namespace obelisk::market_app
