// Gateway: hosts without an open port dial out to it, renters arrive at it, and it joins the two:
// each visitor gets one outbound stream of the host's. It carries bytes that it cannot read (ssh is
// encrypted from end to end), and must never connect anywhere itself, nor cut a live connection
// because something else has changed: its host's control connection, its route, another gateway.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/http/io_threads.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"
#include "core/tunnel/publication.hpp"

namespace obelisk::tunnel {

struct GatewayOptions {
  std::string host_address = "0.0.0.0";  // numeric; where hosts dial to
  std::uint16_t host_port = 0;           // 0: the system chooses
  std::string visitor_address = "0.0.0.0";
  PortRange visitor_ports;                 // one for each lease
  std::string told_address;                // what renters are told: a name or a numeric address
  std::string web_origin = {};             // "https://gw.example", told for other ports than ssh
  bool is_plain = false;                   // without TLS: on a network that is private already
  std::vector<base::PublicKey> attestors;  // whose quotes count
  std::size_t max_hosts = 2'000;
  std::size_t max_leases_per_host = 64;
  std::size_t max_visitors = 20'000;
  std::size_t max_visitors_per_lease = 256;
  std::size_t max_visitors_per_address = 32;  // of one lease: others want to get in, the watch too
  std::size_t new_visitors_per_second = 64;   // of one lease; four times as many at once
};

struct GatewayFigures {
  std::size_t hosts = 0;
  std::size_t leases = 0;
  std::size_t waiting_streams = 0;
  std::size_t visitors = 0;            // carried right now
  std::uint64_t visitors_ever = 0;     // carried since the start
  std::uint64_t visitors_refused = 0;  // beyond a limit, or the host did not take them
  std::uint64_t bytes_up = 0;          // from visitors
  std::uint64_t bytes_down = 0;
};

class Gateway {
 public:
  using Log = std::function<void(const std::string& words, const base::PublicKey* lease)>;

  // The first lane of `threads` decides, the others carry.
  Gateway(http::IoThreads& threads, const base::Keypair& key, GatewayOptions options, Log log);
  ~Gateway();  // stops
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Takes hosts; the port they dial. Fails as http's listen() does.
  base::Result<std::uint16_t> start();
  GatewayFigures figures() const;  // any thread
  // Frees the ports and breaks off what is carried; returns when that is done. It is over then.
  void stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace obelisk::tunnel
