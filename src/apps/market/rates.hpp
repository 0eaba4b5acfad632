// How often an address and a wallet may ask: token buckets, as many as were used last, and no more
// memory than that. Any thread may call. It must never make one person wait for another.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "adapters/http/message.hpp"
#include "apps/market/limits.hpp"
#include "base/public_key.hpp"
#include "ports/clock.hpp"

namespace obelisk::market_app {

// Buckets of one kind, by name. Time is the caller's and never goes back.
class Buckets {
 public:
  // per_s of 0: everything is let through and nothing kept.
  Buckets(std::uint64_t per_s, std::uint64_t burst, std::size_t most)
      : per_s_(static_cast<std::int64_t>(per_s)),
        full_(static_cast<std::int64_t>(burst) * kToken),
        most_(most) {}

  // One token of `name`; where there is none, in how many seconds there will be.
  std::optional<std::int64_t> take(const std::string& name, std::int64_t now_ms);
  std::size_t size() const;

 private:
  static constexpr std::int64_t kToken = 1000;
  struct Bucket {
    std::string name;
    std::int64_t left = 0;  // thousandths of a token
    std::int64_t at_ms = 0;
  };

  const std::int64_t per_s_;
  const std::int64_t full_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::list<Bucket> order_;  // guarded by mutex_; the last used first
  std::unordered_map<std::string, std::list<Bucket>::iterator> by_name_;  // guarded by mutex_
};

class Rates {
 public:
  Rates(const Limits& limits, ports::Clock& clock)
      : clock_(clock),
        reads_(limits.reads_per_s, limits.reads_burst, limits.rates_kept),
        writes_(limits.writes_per_s, limits.writes_burst, limits.rates_kept),
        wallets_(limits.wallet_writes_per_s, limits.wallet_writes_burst, limits.rates_kept) {}

  // Seconds to wait; nothing where it may go on. Everything but GET and HEAD is a write.
  std::optional<std::int64_t> of_address(const std::string& address, bool is_read);
  std::optional<std::int64_t> of_wallet(const base::PublicKey& wallet);

 private:
  ports::Clock& clock_;
  Buckets reads_;
  Buckets writes_;
  Buckets wallets_;
};

// 429, and when to come again.
http::Response too_often(std::int64_t wait_s);

}  // namespace obelisk::market_app
