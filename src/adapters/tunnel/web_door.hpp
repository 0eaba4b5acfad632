// WebDoor: the gateway's door for web clients. It reads the first request's head, finds by its Host
// which port of which lease is meant, sees that a pass of the renter's lets the visitor in, and
// asks for a stream of the host's; then the head goes on unchanged and every byte after it is the
// visitor's, so WebSockets, uploads and answers that last hours are nothing special. Strangers are
// met on a lane of their own, so that handshakes hold up nobody inside. It must never let anybody
// in without a pass that the host can check as well, nor speak plain http but on loopback.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "adapters/tunnel/tls_files.hpp"
#include "adapters/tunnel/visiting.hpp"
#include "core/tunnel/public_ports.hpp"
#include "core/tunnel/web_answer.hpp"

namespace obelisk::tunnel {

class WebDoor : public std::enable_shared_from_this<WebDoor> {
 public:
  WebDoor(std::shared_ptr<Visiting> visiting, http::IoThreads::Impl& lanes, Gateway::Log log);

  // Listens; the origin under which ports are told. Before the gateway's lanes use it.
  base::Result<std::string> start();
  void stop();  // any lane

 private:
  using Self = std::shared_ptr<WebDoor>;
  // A visitor whose head is whole.
  struct Caller {
    std::shared_ptr<End> end;
    std::string address;
    std::string bytes;  // the head and what came with it
    RequestHead head;
    DoorName door;
    std::shared_ptr<void> seat;  // among the strangers, until it is let in or has been answered
    std::optional<std::uint64_t> most_up = {};  // that it may send still
  };
  struct Stranger {
    std::shared_ptr<End> end;  // null: on the gateway's lane by now
    std::string address;
    std::uint64_t id = 0;
  };

  // On the door's own lane:
  asio::awaitable<void> accept(Self self);
  void greet(const Self& self, tcp::socket socket);
  asio::awaitable<void> meet(Self self, Stranger stranger);
  asio::awaitable<bool> shake_hands(std::shared_ptr<End> end);
  asio::awaitable<HeadRead> hear(std::shared_ptr<End> end, std::string& bytes);
  std::optional<Trouble> misses(const End& end, const RequestHead& head) const;
  asio::awaitable<void> look_at_files(Self self);
  std::shared_ptr<void> seat_of(const Self& self, const Stranger& stranger);

  // On the gateway's first lane:
  asio::awaitable<void> enter(Self self, Caller caller);
  asio::awaitable<void> visit(Self self, Caller caller, std::shared_ptr<Route> route, Pass pass);
  static bool make_only(Caller& caller);
  std::string keep_word(Route& route, const Caller& caller);
  base::Result<void> keep_pass(Route& route, const DoorName& door, const std::string& text);

  // On the end's lane:
  asio::awaitable<void> say(Self self, std::shared_ptr<End> end, std::string answer);

  bool is_tls() const { return files_.has_value(); }
  const WebOptions& options() const { return visiting_->options.web; }

  const std::shared_ptr<Visiting> visiting_;
  asio::io_context& io_;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  const Gateway::Log log_;
  bool is_stopping_ = false;                       // on io_
  std::optional<TlsFiles> files_;                  // on io_; nothing: plain http
  std::map<std::uint64_t, Stranger> strangers_;    // on io_
  std::map<std::string, std::size_t> by_address_;  // of strangers; on io_
  std::uint64_t ids_ = 0;                          // on io_
  PublicPorts public_;                             // on the gateway's lane
};

}  // namespace obelisk::tunnel
