#include "adapters/tunnel/target.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "adapters/http/detail/listen.hpp"
#include "base/check.hpp"

namespace obelisk::tunnel {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTargetTime{2'000};

tcp protocol_of(const asio::ip::address& address) {
  return address.is_v4() ? tcp::v4() : tcp::v6();
}

// `fd`: a TCP socket of that family.
asio::awaitable<std::shared_ptr<End>> connect_with(asio::io_context& io, Ends& ends, int fd,
                                                   tcp::endpoint endpoint, milliseconds time) {
  if (fd < 0) co_return nullptr;
  tcp::socket socket(io);
  error_code ec;
  socket.assign(endpoint.protocol(), fd, ec);
  if (ec) {
    ::close(fd);
    co_return nullptr;
  }
  const auto end = ends.add(std::move(socket));
  const Deadline deadline(end, time);
  const bool is_connected = co_await end->connect(endpoint);
  if (!is_connected) end->close();
  co_return is_connected ? end : nullptr;
}

}  // namespace

Namespace Namespace::open(const std::string& path) {
  return Namespace(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

Namespace::Namespace(Namespace&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Namespace::~Namespace() {
  if (fd_ >= 0) ::close(fd_);
}

int Namespace::make_socket(int family) const {
  const Namespace own = open("/proc/thread-self/ns/net");
  if (!own.valid() || ::setns(fd_, CLONE_NEWNET) != 0) return -1;
  const int made = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(::setns(own.fd_, CLONE_NEWNET) == 0);
  return made;
}

asio::awaitable<std::shared_ptr<End>> connect_to(asio::io_context& io, Ends& ends,
                                                 std::string address, std::uint16_t port) {
  const auto numeric = http::numeric_address(address);
  if (!numeric) co_return nullptr;
  const tcp::endpoint endpoint(*numeric, port);
  const int fd = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  co_return co_await connect_with(io, ends, fd, endpoint, kTargetTime);
}

asio::awaitable<std::shared_ptr<End>> connect_inside(asio::io_context& io, Ends& ends,
                                                     std::string network, std::string address,
                                                     std::uint16_t port) {
  if (network.empty()) co_return co_await connect_to(io, ends, address, port);
  // Opened once: while this waits the lease may end, and the name become another's.
  const Namespace inside = Namespace::open(network);
  if (!inside.valid()) co_return nullptr;
  std::vector<asio::ip::address> places{asio::ip::address_v4::loopback(),
                                        asio::ip::address_v6::loopback()};
  if (const auto own = http::numeric_address(address)) places.push_back(*own);
  const auto until = std::chrono::steady_clock::now() + kTargetTime;
  for (const auto& place : places) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    const int fd = inside.make_socket(protocol_of(place).family());
    auto end = co_await connect_with(io, ends, fd, tcp::endpoint(place, port), left);
    if (end) co_return end;
  }
  co_return nullptr;
}

std::shared_ptr<End> make_pair(asio::io_context& io, Ends& ends, int& other) {
  int both[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0) return nullptr;
  tcp::socket socket(io);
  error_code ec;
  // What carries bytes asks a socket for nothing that only TCP has.
  socket.assign(tcp::v4(), both[0], ec);
  if (ec) {
    ::close(both[0]);
    ::close(both[1]);
    return nullptr;
  }
  other = both[1];
  return ends.add(std::move(socket));
}

}  // namespace obelisk::tunnel
