// Terminals: the terminals of a host's leases. A connection that a gateway brought, and whose pass
// was verified, is taken here; it speaks WebSocket (docs/terminal.md) and gets a new session or one
// that is there. It must never let one lease see another's sessions, nor hold up its caller.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/http/io_threads.hpp"
#include "base/public_key.hpp"
#include "ports/clock.hpp"
#include "ports/containers.hpp"

namespace obelisk::host {

inline constexpr std::size_t kMaxSessionsOfALease = 8;
inline constexpr std::size_t kMaxSessions = 64;
inline constexpr std::size_t kMaxConnectionsOfALease = 16;  // beyond: 503
inline constexpr int kNewSessionsAtOnce = 16;               // of one lease; then one in two seconds
inline constexpr std::int64_t kNewSessionEveryMs = 2'000;

struct TerminalParts {
  ports::Containers& containers;
  ports::Clock& clock;
  http::IoThreads& io;
};

class Terminals {
 public:
  explicit Terminals(const TerminalParts& parts);
  ~Terminals();  // stops
  Terminals(const Terminals&) = delete;
  Terminals& operator=(const Terminals&) = delete;

  // Owns `fd`, one end of a connected pair of stream sockets (AF_UNIX), at whose other end a client
  // begins with a request for a WebSocket. He may do in the lease what its root may. Any thread;
  // returns at once.
  void take(const base::PublicKey& lease, int fd);
  // Ends its sessions. Any thread; returns at once.
  void lease_ended(const base::PublicKey& lease);
  // Ends every session and says goodbye to everybody; some seconds at most. While it runs, the
  // other ends must still be carried to those who shall hear it. Nobody comes in from then on.
  void stop();
  // Those that run, or wait to tell how they ended.
  std::size_t sessions() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace obelisk::host
