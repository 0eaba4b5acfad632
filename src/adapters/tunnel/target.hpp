// Targets: what a host leads visitors to: the sshd of a lease, or with its renter's pass a port
// inside it by its own loopback, or its terminal. A socket belongs to the network namespace it was
// made in, wherever it is used, so it is made in the lease's and connected from here. They must
// never connect to a port of the host itself, nor believe a gateway: each pass is checked here.
// Used from one lane.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/tunnel/end.hpp"
#include "core/tunnel/frames.hpp"
#include "ports/tunnel.hpp"

namespace obelisk::tunnel {

// A network namespace, held open: it stays this one though its name be given to another.
class Namespace {
 public:
  // Invalid where there is none at the path.
  static Namespace open(const std::string& path);
  ~Namespace();
  Namespace(Namespace&& other) noexcept;
  Namespace& operator=(Namespace&&) = delete;
  bool valid() const { return fd_ >= 0; }
  // A TCP socket that lives there, or -1. The thread is back where it was when this returns; one
  // that could not come back would carry on in a stranger's network, so that ends the process.
  int make_socket(int family) const;

 private:
  explicit Namespace(int fd) : fd_(fd) {}
  int fd_;
};

// The same port inside the lease: 127.0.0.1, [::1], then its own address. Where `network` (the path
// of its namespace) is empty, its own address from here. Null after two seconds for all of it.
asio::awaitable<std::shared_ptr<End>> connect_inside(asio::io_context& io, Ends& ends,
                                                     std::string network, std::string address,
                                                     std::uint16_t port);

class Targets {
 public:
  using Terminal = std::function<void(const base::PublicKey& lease, int fd)>;
  Targets(asio::io_context& io, Terminal terminal,
          std::chrono::seconds leave_time = std::chrono::seconds(30))
      : io_(io), terminal_(std::move(terminal)), leave_time_(leave_time) {}

  struct Known {
    ports::Publication what;
    std::optional<base::PublicKey> renter;  // whose passes count; nothing: nobody's do
  };
  const std::map<base::PublicKey, Known>& all() const { return known_; }
  void publish(const ports::Publication& what);
  // Who is inside its network is cut off after the leave time: an open socket would keep alive what
  // is left of it.
  void withdraw(const base::PublicKey& lease);

  struct Led {
    Answer said = Answer::here;
    std::shared_ptr<End> target;  // null unless it is here
  };
  asio::awaitable<Led> lead(Visit visit);
  void look();  // to be called each second or so
  void close_all();

 private:
  std::shared_ptr<End> open_terminal(const base::PublicKey& lease);
  struct Leaving {
    std::chrono::steady_clock::time_point at;
    Ends ends;
  };
  asio::io_context& io_;
  const Terminal terminal_;
  const std::chrono::seconds leave_time_;
  std::map<base::PublicKey, Known> known_;
  std::map<base::PublicKey, Ends> inside_;  // led into a lease's own network
  std::vector<Leaving> leaving_;
  Ends ends_;  // all of them
};

}  // namespace obelisk::tunnel
