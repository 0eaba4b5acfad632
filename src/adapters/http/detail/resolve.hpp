// Resolve: a host's addresses within a deadline. The system's look-up cannot be interrupted, so it
// runs on a thread that is left behind when it takes too long; at most a few may be left behind.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "adapters/http/url.hpp"
#include "base/result.hpp"

namespace obelisk::http {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

class Resolver {
 public:
  // Numeric addresses, "localhost", names below it and unix sockets are answered at once, without a
  // thread.
  base::Result<std::vector<Address>> resolve(const Url& url,
                                             std::chrono::steady_clock::time_point deadline);

 private:
  std::shared_ptr<std::atomic<int>> under_way_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace obelisk::http
