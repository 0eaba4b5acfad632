#include "adapters/tunnel/dialer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>

#include "adapters/http/detail/lanes.hpp"
#include "adapters/http/detail/listen.hpp"
#include "adapters/tunnel/carry.hpp"
#include "adapters/tunnel/control.hpp"
#include "adapters/tunnel/pace.hpp"
#include "adapters/tunnel/target.hpp"
#include "core/tunnel/door_name.hpp"

namespace obelisk::tunnel {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

constexpr seconds kDialTime{10};
// A gateway asks every second; one that was not heard for so long is not there. With the look that
// finds it out and what is told to the market, renters are led elsewhere within five seconds.
constexpr milliseconds kSilence{3'500};
constexpr milliseconds kLookEvery{1'000};
constexpr milliseconds kFirstPause{300};
constexpr milliseconds kLongestPause{5'000};
constexpr std::size_t kMostDialing = 64;
constexpr std::size_t kMostAsked = 64;  // streams that a gateway may want at once
constexpr std::size_t kFramesPerSecond = 100;

SessionId new_session() {
  SessionId out{};
  base::random_bytes(out);
  return out;
}

}  // namespace

class Dialer::Impl : public std::enable_shared_from_this<Dialer::Impl> {
 public:
  Impl(http::IoThreads::Impl& lanes, ports::Signer& signer, DialerOptions options,
       DialerEvents events)
      : lanes_(lanes),
        io_(lanes.next()),
        timer_(io_),
        signer_(signer),
        options_(options),
        events_(std::move(events)),
        tls_(Tls::for_host()),
        targets_(io_, events_.terminal) {}

  void use(const std::vector<Place>& places) {
    {
      const std::scoped_lock lock(mutex_);
      place_count_ = places.size();
    }
    asio::post(io_, [self = shared_from_this(), places] { self->change_places(places); });
  }

  void publish(const ports::Publication& what) {
    asio::post(io_, [self = shared_from_this(), what] {
      self->targets_.publish(what);
      for (const auto& line : self->lines_) self->tell(*line, what);
    });
  }

  void withdraw(const base::PublicKey& lease) {
    asio::post(io_, [self = shared_from_this(), lease] {
      self->targets_.withdraw(lease);
      std::erase_if(self->last_port_, [&](const auto& one) { return one.first.second == lease; });
      for (const auto& line : self->lines_) {
        line->ways.erase(lease);
        if (line->control) line->control->send(Withdraw{lease});
      }
      self->show_ways(lease);
    });
  }

  std::vector<ports::Way> ways(const base::PublicKey& lease, milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (place_count_ == 0) return {};
    shown_.wait_for(lock, patience, [&] { return is_stopped_ || ways_.contains(lease); });
    const auto at = ways_.find(lease);
    return at == ways_.end() ? std::vector<ports::Way>{} : at->second;
  }

  ~Impl() { gone_.set_value(); }

  void start() { asio::co_spawn(io_, look_after(shared_from_this()), asio::detached); }
  // Set once nothing of it is under way any more.
  std::future<void> gone() { return gone_.get_future(); }
  void begin_to_stop() {
    {
      const std::scoped_lock lock(mutex_);
      is_stopped_ = true;
    }
    shown_.notify_all();
    asio::post(io_, [self = shared_from_this()] {
      self->is_stopping_ = true;
      self->timer_.cancel();
      for (const auto& line : self->lines_) self->leave(*line);
      self->lines_.clear();
      self->ends_.close_all();
      self->targets_.close_all();
    });
  }

 private:
  using Self = std::shared_ptr<Impl>;

  // One gateway.
  struct Line {
    Line(asio::io_context& io, Place its_place)
        : place(std::move(its_place)), pause(io), resolver(io) {}
    Place place;
    asio::steady_timer pause;
    tcp::resolver resolver;
    bool is_left = false;
    std::shared_ptr<Control> control;  // null while it is not connected
    SessionId session{};
    std::optional<tcp::endpoint> at;  // where the control connection went last
    std::size_t streams = 0;          // that wait, or are being dialed
    std::size_t dialing = 0;
    std::map<std::uint64_t, std::weak_ptr<End>> waiting;
    std::map<base::PublicKey, ports::Way> ways;
  };
  using LinePtr = std::shared_ptr<Line>;

  void change_places(const std::vector<Place>& places) {
    if (is_stopping_) return;
    std::vector<LinePtr> lines;
    for (const Place& place : places) {
      const auto at =
          std::ranges::find_if(lines_, [&](const LinePtr& line) { return line->place == place; });
      if (at != lines_.end()) {
        lines.push_back(*at);
        continue;
      }
      lines.push_back(std::make_shared<Line>(io_, place));
      asio::co_spawn(io_, keep(shared_from_this(), lines.back()), asio::detached);
    }
    for (const LinePtr& line : lines_) {
      if (std::ranges::find(lines, line) == lines.end()) leave(*line);
    }
    lines_ = std::move(lines);
    for (const auto& [lease, known] : targets_.all()) show_ways(lease);
  }

  void leave(Line& line) {
    line.is_left = true;
    line.pause.cancel();
    line.resolver.cancel();
    lose(line);
  }

  // What waited for visitors belonged to the control connection.
  void lose(Line& line) {
    if (line.control) line.control->close();
    line.control.reset();
    line.ways.clear();
    for (const auto& [id, weak] : line.waiting) {
      if (const auto end = weak.lock()) end->close();
    }
    line.waiting.clear();
  }

  void show_ways(const base::PublicKey& lease) {
    std::vector<ports::Way> now;
    for (const LinePtr& line : lines_) {
      const auto at = line->ways.find(lease);
      if (at != line->ways.end()) now.push_back(at->second);
    }
    bool is_other = false;
    {
      const std::scoped_lock lock(mutex_);
      auto& known = ways_[lease];
      is_other = known != now;
      known = std::move(now);
      if (known.empty()) ways_.erase(lease);
    }
    shown_.notify_all();
    if (is_other && events_.ways_changed) events_.ways_changed(lease);
  }

  void tell(Line& line, const ports::Publication& what) {
    if (!line.control) return;
    const auto at = last_port_.find({line.place.key, what.lease});
    const std::uint16_t wanted = at == last_port_.end() ? std::uint16_t{0} : at->second;
    line.control->send(Publish{what.lease, wanted, what.quote_signature, what.terms});
  }

  asio::awaitable<void> keep(Self self, LinePtr line) {
    milliseconds pause = kFirstPause;
    while (!line->is_left && !is_stopping_) {
      const auto lasted = co_await connect_once(self, line);
      if (line->is_left || is_stopping_) co_return;
      pause = lasted > kSilence ? kFirstPause : std::min(pause * 2, kLongestPause);
      // Not all hosts of a gateway that came back at the same instant.
      const auto part = milliseconds(base::random_u64() % (pause.count() / 2 + 1));
      line->pause.expires_after(pause / 2 + part);
      error_code ec;
      co_await line->pause.async_wait(into(ec));
    }
  }

  // One control connection, to its end; how long there was one.
  asio::awaitable<steady_clock::duration> connect_once(Self self, LinePtr line) {
    const SessionId session = new_session();
    const auto end = co_await dial(*line, Kind::control, session);
    if (!end || line->is_left || is_stopping_) co_return steady_clock::duration{};
    const auto began = steady_clock::now();
    const auto control = std::make_shared<Control>(end);
    line->control = control;
    line->session = session;
    line->streams = 0;
    events_.log("Connected to the gateway " + to_string(line->place) + ".");
    for (const auto& [lease, known] : targets_.all()) tell(*line, known.what);
    open_streams(self, line, options_.warm_streams);
    Pace frames(kFramesPerSecond);
    for (;;) {
      const auto frame = co_await control->receive();
      if (!frame || line->control != control) break;
      // What is wanted of streams comes with every visitor, and is bounded by itself.
      const bool is_need = std::holds_alternative<Need>(*frame);
      if (!is_need && !frames.take(steady_clock::now())) break;
      hear(self, line, *frame);
    }
    control->close();
    if (line->control == control) {
      lose(*line);
      events_.log("The gateway " + to_string(line->place) + " is gone.");
      for (const auto& [lease, known] : targets_.all()) show_ways(lease);
    }
    co_return steady_clock::now() - began;
  }

  void hear(const Self& self, const LinePtr& line, const Frame& frame) {
    if (std::holds_alternative<Ping>(frame)) {
      line->control->send(Pong{});
    } else if (const auto* published = std::get_if<Published>(&frame)) {
      if (!targets_.all().contains(published->lease)) return;
      line->ways[published->lease] = {published->address, published->port,
                                      web_template(published->lease, published->web)};
      last_port_[{line->place.key, published->lease}] = published->port;
      show_ways(published->lease);
    } else if (const auto* refused = std::get_if<Refused>(&frame)) {
      events_.log("The gateway " + to_string(line->place) + " does not take the lease " +
                  refused->lease.to_string() + ": " + refused->why);
    } else if (const auto* need = std::get_if<Need>(&frame)) {
      open_streams(self, line,
                   std::min<std::size_t>(need->streams, kMostAsked) + options_.warm_streams);
    }
  }

  // A gateway that says nothing is not there, whatever TCP thinks. Streams that were lost are
  // replaced, a few a second at most.
  asio::awaitable<void> look_after(Self self) {
    while (!is_stopping_) {
      for (const LinePtr& line : lines_) {
        if (!line->control) continue;
        if (steady_clock::now() - line->control->heard() > kSilence) line->control->close();
        // Unasked: where a router on the way has forgotten us, this brings the reset at once.
        line->control->send(Pong{});
        open_streams(self, line, options_.warm_streams);
      }
      targets_.look();
      timer_.expires_after(kLookEvery);
      error_code ec;
      co_await timer_.async_wait(into(ec));
    }
  }

  // Until so many wait or are on their way.
  void open_streams(const Self& self, const LinePtr& line, std::size_t wanted) {
    while (line->streams < wanted && line->dialing < kMostDialing) {
      ++line->streams;
      ++line->dialing;
      asio::co_spawn(io_, stream(self, line, line->session), asio::detached);
    }
  }

  // One stream: dialed, waited on, and where a visitor comes carried away.
  asio::awaitable<void> stream(Self self, LinePtr line, SessionId session) {
    const auto end = co_await dial(*line, Kind::stream, session);
    --line->dialing;
    const bool is_current = end && line->control && line->session == session && !is_stopping_;
    std::optional<Visit> visit;
    if (is_current) visit = co_await await_visit(*line, end);
    if (line->control && line->session == session) {
      --line->streams;
      // One that came to nothing is replaced by look_after(): no loop against a wall.
      const bool is_ours = visit && targets_.all().contains(visit->lease);
      if (is_ours && !is_stopping_) open_streams(self, line, options_.warm_streams);
    }
    if (visit && !is_stopping_) co_await answer(self, end, *visit);
  }

  asio::awaitable<std::optional<Visit>> await_visit(Line& line, std::shared_ptr<End> end) {
    const std::uint64_t id = ++ids_;
    line.waiting.emplace(id, end);
    base::Bytes bytes(kVisitBytes);
    const bool is_ready = co_await end->readable();
    const bool is_whole = is_ready && co_await end->read(bytes);
    line.waiting.erase(id);
    if (!is_whole) co_return std::nullopt;
    co_return decode_visit(bytes);
  }

  asio::awaitable<void> answer(Self self, std::shared_ptr<End> end, Visit visit) {
    Targets::Led led{Answer::too_many, nullptr};
    const bool has_room =
        carried_ < options_.max_visitors &&
        (!visit.pass || (with_pass_ < options_.max_with_pass &&
                         carried_with_pass(visit.lease) < options_.max_with_pass_per_lease));
    if (has_room) led = co_await targets_.lead(visit);
    const std::uint8_t byte = static_cast<std::uint8_t>(led.said);
    const bool is_said = co_await end->write({&byte, 1});
    if (!is_said || !led.target || is_stopping_) {
      co_await end->finish_sending();
      co_return;
    }
    count(visit, 1);
    carry(lanes_.next(), share_of(visit.lease), end, led.target, bytes_,
          [self, visit] { asio::post(self->io_, [self, visit] { self->count(visit, -1); }); },
          {.ends_with_second = options_.ends_with_target});
  }

  std::size_t carried_with_pass(const base::PublicKey& lease) const {
    const auto at = of_lease_.find(lease);
    return at == of_lease_.end() ? 0 : at->second;
  }

  void count(const Visit& visit, int one) {
    carried_ += static_cast<std::size_t>(one);
    if (!visit.pass) return;
    with_pass_ += static_cast<std::size_t>(one);
    if ((of_lease_[visit.lease] += static_cast<std::size_t>(one)) == 0)
      of_lease_.erase(visit.lease);
  }

  // A stream goes where the control connection went: no name is looked up for each.
  asio::awaitable<std::shared_ptr<End>> dial(Line& line, Kind kind, SessionId session) {
    if (kind == Kind::stream) {
      if (!line.at) co_return nullptr;
      co_return co_await reach(line, *line.at, kind, session);
    }
    error_code ec;
    const auto found = co_await line.resolver.async_resolve(
        line.place.host, std::to_string(line.place.port), into(ec));
    if (ec) co_return nullptr;
    for (const auto& entry : found) {
      if (is_stopping_ || line.is_left) co_return nullptr;
      line.at = entry.endpoint();
      if (auto end = co_await reach(line, *line.at, kind, session)) co_return end;
    }
    co_return nullptr;
  }

  // Connected, the gateway's key checked, and ourselves named.
  asio::awaitable<std::shared_ptr<End>> reach(Line& line, tcp::endpoint at, Kind kind,
                                              SessionId session) {
    error_code ec;
    tcp::socket socket(io_);
    socket.open(at.protocol(), ec);
    if (ec) co_return nullptr;
    http::keep_private(socket.native_handle());
    const auto end = ends_.add(std::move(socket));
    const Deadline deadline(end, kDialTime);
    const bool is_connected = co_await end->connect(at);
    const bool is_there = is_connected && co_await introduce(line.place, kind, session, *end);
    co_return is_there ? end : nullptr;
  }

  asio::awaitable<bool> introduce(Place place, Kind kind, SessionId session, End& end) {
    Binding binding{};
    if (!options_.is_plain) {
      if (!tls_ || !end.use_tls(*tls_, false)) co_return false;
      const bool is_done = co_await end.handshake();
      if (!is_done) co_return false;
      if (peer_key(end.tls()) != place.key) {
        events_.log("What answers at " + to_string(place) + " is not that gateway.");
        co_return false;
      }
      const auto bound = binding_of(end.tls());
      if (!bound) co_return false;
      binding = *bound;
    }
    base::Bytes bytes(kGreetingBytes);
    const bool is_greeted = co_await end.read(bytes);
    const auto nonce = is_greeted ? decode_greeting(bytes) : std::nullopt;
    if (!nonce) co_return false;
    const auto message = hello_message(kind, session, *nonce, place.key, binding);
    const Hello hello{kind, session, signer_.public_key(), signer_.sign(message)};
    co_return co_await end.write(encode_hello(hello));
  }

  http::IoThreads::Impl& lanes_;
  asio::io_context& io_;
  asio::steady_timer timer_;
  ports::Signer& signer_;
  const DialerOptions options_;
  const DialerEvents events_;
  const base::Result<Tls> tls_;

  // On io_ alone:
  bool is_stopping_ = false;
  std::vector<LinePtr> lines_;
  Targets targets_;
  std::map<std::pair<base::PublicKey, base::PublicKey>, std::uint16_t> last_port_;
  Ends ends_;
  std::size_t carried_ = 0;
  std::size_t with_pass_ = 0;
  std::map<base::PublicKey, std::size_t> of_lease_;  // of with_pass_
  std::shared_ptr<Carried> bytes_ = std::make_shared<Carried>();
  std::uint64_t ids_ = 0;

  std::mutex mutex_;
  std::condition_variable shown_;
  bool is_stopped_ = false;                                  // guarded by mutex_
  std::size_t place_count_ = 0;                              // guarded by mutex_
  std::map<base::PublicKey, std::vector<ports::Way>> ways_;  // guarded by mutex_; none is empty
  std::promise<void> gone_;
};

Dialer::Dialer(http::IoThreads& threads, ports::Signer& signer, DialerOptions options,
               DialerEvents events)
    : impl_(std::make_shared<Impl>(threads.impl(), signer, options, std::move(events))) {
  impl_->start();
}
Dialer::~Dialer() { stop(); }

void Dialer::use(const std::vector<Place>& places) {
  if (impl_) impl_->use(places);
}
void Dialer::publish(const ports::Publication& what) {
  if (impl_) impl_->publish(what);
}
void Dialer::withdraw(const base::PublicKey& lease) {
  if (impl_) impl_->withdraw(lease);
}
std::vector<ports::Way> Dialer::ways(const base::PublicKey& lease, milliseconds patience) {
  return impl_ ? impl_->ways(lease, patience) : std::vector<ports::Way>{};
}
void Dialer::stop() {
  if (!impl_) return;
  auto gone = impl_->gone();
  impl_->begin_to_stop();
  impl_.reset();
  gone.wait();
}

}  // namespace obelisk::tunnel
