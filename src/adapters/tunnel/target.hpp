// Target: what a host leads a visitor to: the sshd of a lease, or a port inside it by its own
// loopback. A socket belongs to the network namespace it was made in, wherever it is used, so it is
// made in the lease's and connected from here. It must never connect to a port of the host itself.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "adapters/tunnel/end.hpp"

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

// Within two seconds, or null.
asio::awaitable<std::shared_ptr<End>> connect_to(asio::io_context& io, Ends& ends,
                                                 std::string address, std::uint16_t port);
// The same port inside the lease: 127.0.0.1, [::1], then its own address. Where `network` (the path
// of its namespace) is empty, its own address from here. Two seconds for all of it.
asio::awaitable<std::shared_ptr<End>> connect_inside(asio::io_context& io, Ends& ends,
                                                     std::string network, std::string address,
                                                     std::uint16_t port);
// One end of a pair; the other descriptor is the caller's. Null: there are no descriptors left.
std::shared_ptr<End> make_pair(asio::io_context& io, Ends& ends, int& other);

}  // namespace obelisk::tunnel
