// Answers to public questions, kept for a moment: each is as whole as it left, and is shown again
// only while the offers have not changed and for a second at most. Any thread may call. It must
// never keep what is not for everybody.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/http/prepared.hpp"
#include "api/types.hpp"
#include "ports/clock.hpp"

namespace obelisk::market_app {

inline constexpr std::int64_t kCachedMs = 1000;
// From this age on one reader gets a new answer, and the others that one.
inline constexpr std::int64_t kRenewedMs = 500;
inline constexpr std::size_t kMaxCached = 256;
inline constexpr std::size_t kMaxCachedBytes = 16 << 20;
inline constexpr std::size_t kMaxCachedTarget = 512;

class ReadCache {
 public:
  explicit ReadCache(ports::Clock& clock) : clock_(clock) {}

  struct Found {
    std::shared_ptr<const http::Prepared> answer;  // null: ask a handler
    std::string_view route;
  };
  // `version` is that of the offers now.
  Found find(std::string_view target, std::uint64_t version);
  // `version` is that of the offers before the answer was made. The route outlives this.
  void keep(std::string target, std::string_view route, std::uint64_t version,
            const http::Response& response);
  std::size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<const http::Prepared> answer;
    std::string_view route;
    std::uint64_t version = 0;
    std::int64_t made_ms = 0;
    bool renewing = false;
  };
  void make_room(std::int64_t now_ms);

  ports::Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // guarded by mutex_
  std::size_t bytes_ = 0;                           // guarded by mutex_
};

// Whether an operation's answer is the same for everybody and follows from offers and prices.
bool is_public_read(api::Operation operation);

}  // namespace obelisk::market_app
