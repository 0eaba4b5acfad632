// What a gateway keeps of its hosts and of the leases it has a port for. Used on its first lane
// alone; it decides nothing.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <vector>

#include "adapters/http/detail/listen.hpp"
#include "adapters/tunnel/carry.hpp"
#include "adapters/tunnel/control.hpp"
#include "adapters/tunnel/pace.hpp"
#include "core/tunnel/publication.hpp"

namespace obelisk::tunnel {

// A visitor for whom there is no stream yet.
struct Waiting {
  explicit Waiting(asio::io_context& io) : timer(io) {}
  asio::steady_timer timer;
  std::shared_ptr<End> stream;
};

struct Host {
  explicit Host(const base::PublicKey& its_key) : key(its_key) {}

  // A waiting stream that has not been heard to be over. The newest: routers have forgotten it
  // least.
  std::shared_ptr<End> take() {
    while (!streams.empty()) {
      auto stream = std::move(streams.back());
      streams.pop_back();
      if (stream->is_quiet()) return stream;
    }
    return nullptr;
  }
  void give(std::shared_ptr<End> stream, std::size_t most) {
    while (!visitors.empty()) {
      const auto waiting = visitors.front();
      visitors.pop_front();
      if (waiting->stream) continue;
      waiting->stream = std::move(stream);
      waiting->timer.cancel();
      return;
    }
    if (streams.size() >= most) streams.pop_front();
    streams.push_back(std::move(stream));
  }
  void ask_for_streams() {
    if (control) control->send(Need{static_cast<std::uint16_t>(visitors.size())});
  }
  // Its control connection is over: what waited belonged to that.
  void leave() {
    if (control) control->close();
    control.reset();
    streams.clear();
    left = std::chrono::steady_clock::now();
  }
  void end() {
    leave();
    for (const auto& waiting : visitors) waiting->timer.cancel();
  }

  base::PublicKey key;
  std::shared_ptr<Control> control;  // null while the host is away
  SessionId session{};
  std::deque<std::shared_ptr<End>> streams;
  std::deque<std::shared_ptr<Waiting>> visitors;
  std::size_t leases = 0;  // that have a port here
  Pace frames{100};
  std::chrono::steady_clock::time_point left = std::chrono::steady_clock::now();
};

// By which of the gateway's doors a visitor came.
enum class Door { ssh, web };

// Who is inside a lease by one door.
struct Seats {
  explicit Seats(std::size_t new_per_second) : newcomers(new_per_second) {}
  void came(const std::string& from) {
    ++visitors;
    ++by_address[from];
  }
  void went(const std::string& from) {
    --visitors;
    const auto at = by_address.find(from);
    if (at != by_address.end() && --at->second == 0) by_address.erase(at);
  }
  std::size_t visitors = 0;
  std::map<std::string, std::size_t> by_address;  // of visitors; none is 0
  Pace newcomers;
};

struct Route {
  Route(asio::io_context& io, const base::PublicKey& its_lease, const base::PublicKey& its_host,
        PublishedLease what, std::size_t new_per_second)
      : lease(its_lease),
        host(its_host),
        renter(what.renter),
        ports(std::move(what.ports)),
        over_s(what.over_s),
        acceptor(io),
        ssh(new_per_second),
        web(new_per_second) {}
  void end() {
    error_code ignored;
    acceptor.close(ignored);
  }
  Seats& seats(Door door) { return door == Door::web ? web : ssh; }

  base::PublicKey lease;
  base::PublicKey host;
  base::PublicKey renter;            // whose passes count
  std::vector<std::uint16_t> ports;  // inside the lease; the SSH port first
  base::UnixSeconds over_s = 0;      // nobody's lease from then on
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  // Apart, so that the crowd at a public port keeps nobody from logging in.
  Seats ssh;
  Seats web;
  Pace words{1};  // of its renter, which are written to disk
};

}  // namespace obelisk::tunnel
