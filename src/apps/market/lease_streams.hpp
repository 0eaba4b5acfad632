// The event streams that people read leases by: each joins one subscription of the engine to one
// open connection, and lets go of it when the reader is gone. Any thread may call.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/http/server.hpp"
#include "apps/market/engine/seams.hpp"
#include "apps/market/limits.hpp"

namespace obelisk::market_app {

// Of one stream; the rest waits in the store.
inline constexpr std::size_t kMaxQueuedEvents = 256;

class LeaseStreams {
 public:
  explicit LeaseStreams(engine::Leases& leases, const Limits& limits = {})
      : leases_(leases), limits_(limits) {}

  // rate_limited where no further stream is taken; ask before the stream is opened.
  base::Result<void> admit(const std::string& remote_address);
  void open(const base::PublicKey& lease, std::uint64_t after_seq,
            const std::string& remote_address, std::shared_ptr<http::EventStream> stream);
  // Lets go of streams whose reader is gone; to be called every second or so.
  void sweep();
  std::size_t count() const;

 private:
  struct Entry {
    std::string remote_address;
    std::shared_ptr<http::EventStream> stream;
    std::unique_ptr<ports::Subscription> subscription;
  };
  engine::Leases& leases_;
  const Limits limits_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_
};

}  // namespace obelisk::market_app
