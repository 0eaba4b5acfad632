// AskDesk: questions to hosts about their leases and themselves, each answered once: by that host,
// or by the reason why there is no answer. Nobody waits for one on a thread. Bounded for each host
// and lease, in number, bytes and time. It must never take an answer from another host than the one
// asked, nor call back with a lock held. Any thread may call.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "api/types.hpp"
#include "base/result.hpp"
#include "ports/clock.hpp"

namespace obelisk::market_app {

inline constexpr std::int64_t kAskTimeoutMs = 10'000;
inline constexpr std::size_t kMaxAsks = 2048;
inline constexpr std::size_t kMaxAsksPerHost = 64;
inline constexpr std::size_t kMaxAsksPerLease = 8;
// Of what waits for one host's answers: far below what may wait for its connection.
inline constexpr std::size_t kMaxAskedBytesPerHost = 128 << 10;

class AskDesk {
 public:
  // Called once for each question.
  using Done = std::function<void(base::Result<api::HostAnswer>)>;
  // Queues a message for a host; false where it is not connected.
  using Send = std::function<bool(const base::PublicKey& host, const std::string& message)>;

  AskDesk(ports::Clock& clock, Send send) : clock_(clock), send_(std::move(send)) {}

  // `question` without type and id. Its host has `timeout_ms`.
  void ask(const base::PublicKey& host, api::MarketAsk question, std::int64_t timeout_ms,
           const Done& done);
  void answered(const base::PublicKey& host, api::HostAnswer answer);
  // Its connection is gone, and with it what it was about to say.
  void host_gone(const base::PublicKey& host);
  // Gives up on what is late; to be called every second or so.
  void sweep();
  // Gives up on everything, and on what is asked from then on.
  void stop();
  std::size_t size() const;

 private:
  struct Pending {
    base::PublicKey lease;
    std::int64_t until_ms = 0;  // steady
    std::size_t bytes = 0;
    Done done;
  };
  using Key = std::pair<base::PublicKey, std::string>;          // host and id
  bool has_room(const Key& key, const Pending& pending) const;  // mutex_ is held
  // Takes out those that `goes` and tells each why.
  void give_up(const std::function<bool(const Key&, const Pending&)>& goes, const base::Error& why);

  ports::Clock& clock_;
  const Send send_;
  mutable std::mutex mutex_;
  std::map<Key, Pending> pending_;  // guarded by mutex_
  bool stopped_ = false;            // guarded by mutex_
};

}  // namespace obelisk::market_app
