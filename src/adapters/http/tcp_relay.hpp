// TcpRelay: a listening port whose every connection is carried to one target and back, byte for
// byte: a renter's ssh on its way into the lease. It looks at nothing, keeps nothing, and must
// never connect anywhere but to its target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "adapters/http/io_threads.hpp"
#include "base/result.hpp"

namespace obelisk::http {

struct RelayOptions {
  std::string listen_address = "127.0.0.1";  // numeric
  std::uint16_t listen_port = 0;             // 0: the system chooses
  std::string target_address = {};           // numeric
  std::uint16_t target_port = 0;
  std::size_t max_connections = 64;  // beyond: accepted and closed at once
  int connect_timeout_ms = 5'000;    // to the target; there is no idle timeout afterwards
};

class TcpRelay {
 public:
  TcpRelay(IoThreads& threads, RelayOptions options);
  ~TcpRelay();  // stops
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  // Listens. The bound port, or missing_dependency if it is taken, invalid_input for an address
  // that is not numeric. Once per relay.
  base::Result<std::uint16_t> start();
  // Where connections from now on go; those that are open stay where they are. Any thread.
  // invalid_input for an address that is not numeric.
  base::Result<void> set_target(const std::string& address, std::uint16_t port);
  // Connections carried right now. Any thread.
  std::size_t open_connections() const;
  // Frees the port and breaks off every connection; returns when that is done.
  void stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace obelisk::http
