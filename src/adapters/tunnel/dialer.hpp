// Dialer: the host's side of the tunnel. To every gateway it keeps one control connection and a few
// streams that wait for visitors; what is lost is dialed again. It must never connect a visitor to
// anything but the sshd of a lease that was published here, or with its renter's pass a port inside
// it, nor talk to a gateway that does not show the pinned key.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/http/io_threads.hpp"
#include "core/tunnel/place.hpp"
#include "ports/signer.hpp"
#include "ports/tunnel.hpp"

namespace obelisk::tunnel {

struct DialerOptions {
  bool is_plain = false;         // without TLS: as the gateway has it
  std::size_t warm_streams = 4;  // that wait at each gateway
  std::size_t max_visitors = 1'024;
  // Of them, who come with a pass, and who do of one lease: the rest is for logins, the watch's
  // too.
  std::size_t max_with_pass = 768;
  std::size_t max_with_pass_per_lease = 256;
  bool ends_with_target = false;  // once the target has said all, its visitor is let go
};

struct DialerEvents {
  std::function<void(const std::string& words)> log;
  // The ways to a lease have changed. On a thread of the tunnel's: must not wait.
  std::function<void(const base::PublicKey& lease)> ways_changed = {};
  // A visitor with the renter's pass asks for the lease's terminal: `fd` is one end of an AF_UNIX
  // stream, and the taker's to close; what it writes there the visitor reads, and the other way
  // round. On a thread of the tunnel's: must not wait. Empty: nobody answers.
  std::function<void(const base::PublicKey& lease, int fd)> terminal = {};
};

class Dialer final : public ports::Tunnel {
 public:
  Dialer(http::IoThreads& threads, ports::Signer& signer, DialerOptions options,
         DialerEvents events);
  ~Dialer() override;  // stops
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  // Which gateways there are from now on. Those that are no longer named are left, and visitors
  // that came through them stay.
  void use(const std::vector<Place>& places);
  void publish(const ports::Publication& what) override;
  void withdraw(const base::PublicKey& lease) override;
  std::vector<ports::Way> ways(const base::PublicKey& lease,
                               std::chrono::milliseconds patience) override;
  // Leaves every gateway and breaks off what is carried; returns when that is done. Nobody else may
  // be calling it then.
  void stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace obelisk::tunnel
