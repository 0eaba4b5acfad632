// Visiting: how visitors get in, whichever door of the gateway they come by: the limits, the wait
// for one of the host's streams, and the joining of the two. Used on the gateway's first lane
// alone. It must never cut who is inside.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <string>

#include "adapters/http/detail/lanes.hpp"
#include "adapters/tunnel/gateway.hpp"
#include "adapters/tunnel/gateway_state.hpp"

namespace obelisk::tunnel {

class Visiting : public std::enable_shared_from_this<Visiting> {
 public:
  Visiting(http::IoThreads::Impl& lanes, GatewayOptions chosen)
      : io(lanes.next()), options(std::move(chosen)), lanes_(lanes) {}
  ~Visiting() { gone_.set_value(); }
  Visiting(const Visiting&) = delete;
  Visiting& operator=(const Visiting&) = delete;

  // Whether there is room for one more of that address; then it is counted in, and is to be joined
  // or to leave() again.
  bool admit(Route& route, Door door, const std::string& address);
  void leave(Route& route, Door door, const std::string& address);

  struct Found {
    std::shared_ptr<End> stream;   // it has said yes; null: nobody takes the visitor
    std::optional<Answer> answer;  // what the host said last; nothing: it is away
  };
  // A stream can be dead without anybody having heard of it, so several are tried.
  asio::awaitable<Found> find_stream(std::shared_ptr<Visiting> self, std::shared_ptr<Route> route,
                                     Visit what, std::shared_ptr<End> visitor);
  // From now on the bytes are theirs.
  void join(const std::shared_ptr<Route>& route, Door door, const std::string& address,
            std::shared_ptr<End> visitor, std::shared_ptr<End> stream, CarryRules rules = {});

  GatewayFigures count() const;
  void end_everything();
  // Set once nothing of the gateway is under way any more.
  std::future<void> gone() { return gone_.get_future(); }

  asio::io_context& io;  // everything below is used on it alone
  const GatewayOptions options;
  bool is_stopping = false;
  std::map<base::PublicKey, std::shared_ptr<Host>> hosts;
  std::map<base::PublicKey, std::shared_ptr<Route>> routes;
  Ends ends;
  std::uint64_t refused = 0;
  std::shared_ptr<Carried> bytes = std::make_shared<Carried>();

 private:
  asio::awaitable<std::shared_ptr<End>> take_from(base::PublicKey key);
  asio::awaitable<std::optional<Answer>> ask(std::shared_ptr<End> stream, Visit what);

  http::IoThreads::Impl& lanes_;
  std::size_t carried_ = 0;
  std::uint64_t ever_ = 0;
  std::promise<void> gone_;
};

// The peer's, or an empty text where it has gone.
std::string address_of(const tcp::socket& socket);
// Whom limits count as one: an IPv4 address, or the /64 that one customer has of IPv6.
std::string block_of(const std::string& address);

}  // namespace obelisk::tunnel
