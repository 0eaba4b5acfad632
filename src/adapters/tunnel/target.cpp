#include "adapters/tunnel/target.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "adapters/http/detail/listen.hpp"
#include "adapters/tunnel/wall_clock.hpp"
#include "base/check.hpp"
#include "core/market/terms.hpp"

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

asio::awaitable<std::shared_ptr<End>> connect_to(asio::io_context& io, Ends& ends,
                                                 std::string address, std::uint16_t port) {
  const auto numeric = http::numeric_address(address);
  if (!numeric) co_return nullptr;
  const tcp::endpoint endpoint(*numeric, port);
  const int fd = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  co_return co_await connect_with(io, ends, fd, endpoint, kTargetTime);
}

bool is_good(const Pass& pass, const Visit& visit, const base::PublicKey& renter) {
  return pass.audience != Audience::nobody &&
         check_pass(pass, visit.lease, visit.port, renter, unix_s()).ok();
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

void Targets::publish(const ports::Publication& what) {
  const auto terms = market::read_terms(what.terms);
  known_[what.lease] = {what, terms ? std::optional(terms->renter) : std::nullopt};
}

void Targets::withdraw(const base::PublicKey& lease) {
  known_.erase(lease);
  const auto at = inside_.find(lease);
  if (at == inside_.end()) return;
  leaving_.push_back({std::chrono::steady_clock::now() + leave_time_, std::move(at->second)});
  inside_.erase(at);
}

asio::awaitable<Targets::Led> Targets::lead(Visit visit) {
  const auto at = known_.find(visit.lease);
  if (at == known_.end()) co_return Led{Answer::unknown_lease, nullptr};
  const Known known = at->second;
  if (visit.pass && !known.what.is_renters) co_return Led{Answer::unknown_lease, nullptr};
  const bool may = visit.pass ? known.renter && is_good(*visit.pass, visit, *known.renter)
                              : visit.port == market::kSshPort;
  if (!may) co_return Led{Answer::no_pass, nullptr};
  Led led;
  if (!visit.pass) {
    led.target = co_await connect_to(io_, ends_, known.what.target_address, known.what.target_port);
  } else if (visit.port == kTerminal) {
    led.target = open_terminal(visit.lease);
  } else if (known.what.network) {
    led.target = co_await connect_inside(io_, ends_, *known.what.network, known.what.target_address,
                                         visit.port);
    // Who came in while it was withdrawn does not stay.
    if (led.target && known_.contains(visit.lease)) {
      inside_[visit.lease].adopt(led.target);
    } else {
      led.target.reset();
    }
  }
  if (!led.target) led.said = Answer::not_listening;
  co_return led;
}

std::shared_ptr<End> Targets::open_terminal(const base::PublicKey& lease) {
  int both[2] = {-1, -1};
  if (!terminal_ || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0) return nullptr;
  tcp::socket socket(io_);
  error_code ec;
  // What carries bytes asks a socket for nothing that only TCP has.
  socket.assign(tcp::v4(), both[0], ec);
  if (ec) {
    ::close(both[0]);
    ::close(both[1]);
    return nullptr;
  }
  terminal_(lease, both[1]);
  return ends_.add(std::move(socket));
}

void Targets::look() {
  const auto now = std::chrono::steady_clock::now();
  for (Leaving& one : leaving_) {
    if (one.at <= now) one.ends.close_all();
  }
  std::erase_if(leaving_, [&](const Leaving& one) { return one.at <= now; });
}

void Targets::close_all() { ends_.close_all(); }

}  // namespace obelisk::tunnel
