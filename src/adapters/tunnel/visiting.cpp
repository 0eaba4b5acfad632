#include "adapters/tunnel/visiting.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

namespace obelisk::tunnel {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMaxWaitingVisitors = 256;  // of one host
constexpr milliseconds kStreamPatience{8'000};
constexpr milliseconds kAnswerPatience{3'000};
constexpr int kStreamTries = 3;
constexpr std::size_t kMostFriends = 256;  // beyond what everybody may be

}  // namespace

std::string address_of(const tcp::socket& socket) {
  error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  if (ec) return {};
  // A door for both families hears IPv4 as "::ffff:192.0.2.1".
  const auto address = peer.address();
  const bool is_mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  return is_mapped ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
                   : address.to_string();
}

std::string block_of(const std::string& address) {
  error_code ec;
  const auto v6 = asio::ip::make_address_v6(address, ec);
  if (ec) return address;
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::make_address_v6(bytes).to_string() + "/64";
}

bool Visiting::admit(Route& route, Door door, const std::string& address) {
  Seats& seats = route.seats(door);
  const std::string block = block_of(address);
  const auto from = seats.by_address.find(block);
  const bool is_crowd =
      from != seats.by_address.end() && from->second >= options.max_visitors_per_address;
  const auto& friends = options.always_let_in;
  if (std::ranges::find(friends, address) != friends.end() &&
      carried_ < options.max_visitors + kMostFriends) {
    seats.came(block);
    return true;
  }
  const bool is_full = is_crowd || carried_ >= options.max_visitors ||
                       seats.visitors >= options.max_visitors_per_lease ||
                       !seats.newcomers.take(steady_clock::now());
  if (is_full) {
    ++refused;
    return false;
  }
  seats.came(block);
  return true;
}

void Visiting::leave(Route& route, Door door, const std::string& address) {
  ++refused;
  route.seats(door).went(block_of(address));
}

asio::awaitable<Visiting::Found> Visiting::find_stream(std::shared_ptr<Visiting> self,
                                                       std::shared_ptr<Route> route, Visit what,
                                                       std::shared_ptr<End> visitor) {
  Found found;
  for (int attempt = 0; attempt < kStreamTries && !self->is_stopping; ++attempt) {
    auto stream = co_await take_from(route->host);
    if (!stream || visitor->has_ended()) break;
    found.answer = co_await ask(stream, what);
    if (found.answer == Answer::here) {
      found.stream = std::move(stream);
      break;
    }
    stream->close();
    if (found.answer) break;  // it lives, and does not want it
  }
  co_return found;
}

// A waiting stream, or the next one that its host opens.
asio::awaitable<std::shared_ptr<End>> Visiting::take_from(base::PublicKey key) {
  auto& place = hosts[key];
  if (!place) place = std::make_shared<Host>(key);
  const auto host = place;
  if (auto stream = host->take()) co_return stream;
  if (host->visitors.size() >= kMaxWaitingVisitors) co_return nullptr;
  const auto waiting = std::make_shared<Waiting>(io);
  host->visitors.push_back(waiting);
  host->ask_for_streams();
  waiting->timer.expires_after(kStreamPatience);
  error_code ec;
  co_await waiting->timer.async_wait(into(ec));
  std::erase(host->visitors, waiting);
  co_return std::move(waiting->stream);
}

asio::awaitable<std::optional<Answer>> Visiting::ask(std::shared_ptr<End> stream, Visit what) {
  const Deadline deadline(stream, kAnswerPatience);
  const bool is_asked = co_await stream->write(encode_visit(what));
  std::array<std::uint8_t, 1> byte{};
  const bool is_answered = is_asked && co_await stream->read(byte);
  if (!is_answered) co_return std::nullopt;
  co_return static_cast<Answer>(byte[0]);
}

void Visiting::join(const std::shared_ptr<Route>& route, Door door, const std::string& address,
                    std::shared_ptr<End> visitor, std::shared_ptr<End> stream, CarryRules rules) {
  ++ever_;
  ++carried_;
  carry(
      lanes_.next(), share_of(route->lease), std::move(visitor), std::move(stream), bytes,
      [self = shared_from_this(), route, door, block = block_of(address)] {
        asio::post(self->io, [self, route, door, block] {
          --self->carried_;
          route->seats(door).went(block);
        });
      },
      rules);
}

GatewayFigures Visiting::count() const {
  GatewayFigures out;
  for (const auto& [key, host] : hosts) {
    out.hosts += host->control != nullptr ? 1 : 0;
    out.waiting_streams += host->streams.size();
  }
  out.leases = routes.size();
  out.visitors = carried_;
  out.visitors_ever = ever_;
  out.visitors_refused = refused;
  out.bytes_up = bytes->up;
  out.bytes_down = bytes->down;
  return out;
}

void Visiting::end_everything() {
  is_stopping = true;
  for (const auto& [lease, route] : routes) route->end();
  routes.clear();
  for (const auto& [key, host] : hosts) host->end();
  hosts.clear();
  ends.close_all();
}

}  // namespace obelisk::tunnel
