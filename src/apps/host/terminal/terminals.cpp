#include "apps/host/terminal/terminals.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/http/websocket_server.hpp"
#include "apps/host/terminal/session.hpp"
#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "core/terminal/messages.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxConnections = 256;
constexpr std::size_t kMaxQueuedBytes = 1 << 20;
constexpr std::int64_t kRefusedForMs = 1'500;
constexpr std::size_t kMostEnds = 256;  // that are remembered

std::string new_id() {
  std::array<std::uint8_t, terminal::kSessionDigits / 2> random{};
  base::random_bytes(random);
  return base::to_hex(base::ByteView(random));
}

// Those that cannot come in are told over the socket itself: a browser shows nothing of an answer.
void turn_away(http::WebSocket& socket, const SessionEnd& end) {
  socket.send(to_message(terminal::End{end.exit_code, end.code, end.why}));
  socket.close(end.why);
}

SessionEnd in_words(const Error& error) {
  return {{}, std::string(base::code_name(error.code)), error.message + " " + error.action};
}

http::WebSocketServerOptions server_options() {
  http::WebSocketServerOptions out;
  out.max_connections = kMaxConnections;
  out.max_message_bytes = terminal::kMaxMessageBytes;
  out.max_queued_bytes = kMaxQueuedBytes;
  out.protocol = terminal::kProtocol;
  return out;
}

void turn_away(int fd, std::string_view why) {
  const std::string text =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Connection: close\r\n\r\n" +
      std::string(why) + "\n";
  (void)::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::close(fd);
}

// Counts the connections of each lease.
class Places : public std::enable_shared_from_this<Places> {
 public:
  struct Held {
    Held(std::weak_ptr<Places> given_by, std::string lease_)
        : from(std::move(given_by)), lease(std::move(lease_)) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() {
      if (const auto places = from.lock()) places->give_back(lease);
    }
    const std::weak_ptr<Places> from;
    const std::string lease;
  };
  using Place = std::shared_ptr<Held>;

  // One that is given back when nobody keeps it any more; none where the lease has all of its own.
  Place take(const std::string& lease, std::int64_t now_ms) {
    left_until(now_ms).clear();
    {
      const std::lock_guard lock(mutex_);
      std::size_t& here = here_[lease];
      if (here >= kMaxConnectionsOfALease) return nullptr;
      ++here;
    }
    return std::make_shared<Held>(weak_from_this(), lease);
  }
  // For one that is refused: its connection stays a moment, for the answer to be read.
  void keep(Place place, std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    leaving_.push_back({now_ms + kRefusedForMs, std::move(place)});
  }

 private:
  struct Leaving {
    std::int64_t until_ms = 0;
    Place place;
  };

  // They go outside the lock, which giving them back takes.
  std::deque<Leaving> left_until(std::int64_t now_ms) {
    std::deque<Leaving> out;
    const std::lock_guard lock(mutex_);
    while (!leaving_.empty() && leaving_.front().until_ms <= now_ms) {
      out.push_back(std::move(leaving_.front()));
      leaving_.pop_front();
    }
    return out;
  }
  void give_back(const std::string& lease) {
    const std::lock_guard lock(mutex_);
    const auto at = here_.find(lease);
    if (--at->second == 0) here_.erase(at);
  }

  std::mutex mutex_;
  std::map<std::string, std::size_t> here_;
  std::deque<Leaving> leaving_;
};

// For as long as the connection is there.
void hold(const Places::Place& place, http::AcceptedSocket& socket) {
  socket.handlers.on_close = [place,
                              next = std::move(socket.handlers.on_close)](std::string_view reason) {
    if (next) next(reason);
  };
}

}  // namespace

class Terminals::Impl : public std::enable_shared_from_this<Terminals::Impl> {
 public:
  using SessionPointer = std::shared_ptr<TerminalSession>;

  explicit Impl(const TerminalParts& parts)
      : parts_(parts),
        server_(std::make_unique<http::WebSocketServer>(parts_.io, server_options())) {}

  void take(const std::string& lease, int fd) {
    auto place = places_->take(lease, parts_.clock.steady_ms());
    const std::lock_guard lock(door_);
    if (!server_) return turn_away(fd, "The host is stopping.");
    if (!place) return turn_away(fd, "Too many connections are open to this lease's terminals.");
    server_->take(
        fd, [self = shared_from_this(), lease, kept = std::move(place)](
                const http::Request& request, const std::shared_ptr<http::WebSocket>& socket) {
          auto out = self->let_in(lease, request, socket);
          if (out) {
            hold(kept, *out);
          } else {
            self->places_->keep(kept, self->parts_.clock.steady_ms());
          }
          return out;
        });
  }

  void lease_ended(const std::string& lease) {
    const std::lock_guard lock(mutex_);
    for (const SessionPointer& session : sessions_) {
      if (session->lease() == lease) session->end({{}, "expired", "The lease has ended."});
    }
    pace_.erase(lease);
  }

  std::size_t sessions() const {
    const std::lock_guard lock(mutex_);
    return sessions_.size();
  }

  void stop() {
    {
      std::unique_lock lock(mutex_);
      is_stopping_ = true;
      for (const SessionPointer& session : sessions_) {
        session->end({{}, "unreachable", "The host is stopping."});
        session->hurry();
      }
      left_.wait(lock, [this] { return sessions_.empty(); });
    }
    std::unique_ptr<http::WebSocketServer> last;
    {
      const std::lock_guard lock(door_);
      last = std::move(server_);
    }
    last.reset();  // outside the lock: it waits for everybody to have heard it
  }

 private:
  struct Pace {
    double left = kNewSessionsAtOnce;
    std::int64_t at_ms = 0;
  };
  struct Ended {
    std::string lease;
    std::string id;
    SessionEnd how;
  };

  // On a thread that carries bytes: nothing here waits.
  base::Result<http::AcceptedSocket> let_in(const std::string& lease, const http::Request& request,
                                            const std::shared_ptr<http::WebSocket>& socket) {
    if (request.path != "/") {
      return Error{Code::not_found, "A terminal is at / and nowhere else.", "Ask for that."};
    }
    TRY(const terminal::Opening opening, terminal::read_opening(request.query));
    const std::lock_guard lock(mutex_);
    auto found = opening.session.empty() ? make(lease, opening) : find(lease, opening.session);
    if (!found) {
      turn_away(*socket, told(lease, opening.session, found.error()));
      return http::AcceptedSocket{};
    }
    const SessionPointer session = *found;
    const auto guest = session->attach(socket, opening);
    if (opening.session.empty() && !start(session)) {
      turn_away(*socket, {{}, "unreachable", "The host has no thread left. Try again soon."});
      return http::AcceptedSocket{};
    }
    http::AcceptedSocket out;
    out.handlers.on_message = [session, guest](std::string_view text) {
      if (const auto size = terminal::read_resize(text)) session->resized(guest, *size);
    };
    out.handlers.on_binary = [session, guest](std::string_view bytes) {
      session->typed(guest, bytes);
    };
    out.handlers.on_close = [session, guest](std::string_view) { session->detach(guest); };
    out.is_full = [session, guest] { return session->is_full(guest); };
    return out;
  }

  // How one that is over has ended, where that is still known.
  SessionEnd told(const std::string& lease, const std::string& id, const Error& otherwise) {
    const auto at = std::ranges::find_if(
        ended_, [&](const Ended& one) { return one.lease == lease && one.id == id; });
    return at == ended_.end() ? in_words(otherwise) : at->how;
  }

  base::Result<SessionPointer> find(const std::string& lease, const std::string& id) {
    const auto at = std::ranges::find_if(sessions_, [&](const SessionPointer& session) {
      return session->lease() == lease && session->id() == id;
    });
    if (at != sessions_.end()) return *at;
    return Error{Code::not_found, "That session is over.", "Begin a new one."};
  }

  base::Result<SessionPointer> make(const std::string& lease, const terminal::Opening& opening) {
    if (is_stopping_) return Error{Code::unreachable, "The host is stopping.", "Try again soon."};
    if (!may_begin(lease)) {
      return Error{Code::rate_limited, "Too many sessions were begun in this lease just now.",
                   "Wait some seconds."};
    }
    TRY_VOID(make_room(lease));
    return std::make_shared<TerminalSession>(
        TerminalSession::Parts{parts_.containers, parts_.clock, lease, new_id(), budget_of(lease)},
        opening);
  }

  // One for all sessions of the lease that are there.
  std::shared_ptr<OutputBudget> budget_of(const std::string& lease) {
    std::weak_ptr<OutputBudget>& known = budgets_[lease];
    auto out = known.lock();
    if (!out) out = std::make_shared<OutputBudget>(parts_.clock.steady_ms());
    known = out;
    return out;
  }

  bool may_begin(const std::string& lease) {
    const std::int64_t now = parts_.clock.steady_ms();
    std::erase_if(pace_, [&](const auto& one) {
      return now - one.second.at_ms > kNewSessionEveryMs * kNewSessionsAtOnce;
    });
    Pace& pace = pace_.try_emplace(lease, Pace{kNewSessionsAtOnce, now}).first->second;
    const double back =
        static_cast<double>(now - pace.at_ms) / static_cast<double>(kNewSessionEveryMs);
    pace.left = std::min<double>(kNewSessionsAtOnce, pace.left + back);
    pace.at_ms = now;
    if (pace.left < 1) return false;
    pace.left -= 1;
    return true;
  }

  // The one of the lease's own that nobody was at for longest makes way.
  base::Result<void> make_room(const std::string& lease) {
    std::size_t all = 0;
    std::size_t own = 0;
    SessionPointer oldest;
    for (const SessionPointer& session : sessions_) {
      if (session->is_ending()) continue;
      ++all;
      if (session->lease() != lease) continue;
      ++own;
      const auto since = session->alone_since();
      if (since && (!oldest || *since < oldest->alone_since().value_or(*since))) oldest = session;
    }
    if (own < kMaxSessionsOfALease && all < kMaxSessions) return {};
    if (!oldest) {
      return Error{Code::rate_limited,
                   own < kMaxSessionsOfALease ? "As many sessions run on this host as it bears."
                                              : "Eight sessions of this lease are in use.",
                   "End one of them."};
    }
    oldest->end({{}, "expired", "A newer session took its place."});
    return {};
  }

  // False where the machine starts no thread more: then nothing of it is left.
  bool start(const SessionPointer& session) {
    sessions_.push_back(session);
    try {
      // It tells when it is done, and stop() waits for that: nothing of it outlives this.
      std::thread([self = shared_from_this(), session] {
        session->run();
        self->done(session);
      }).detach();
    } catch (const std::exception&) {
      std::erase(sessions_, session);
      return false;
    }
    return true;
  }

  void done(const SessionPointer& session) {
    const std::lock_guard lock(mutex_);
    std::erase(sessions_, session);
    ended_.push_back({session->lease(), session->id(), session->how_it_ended()});
    if (ended_.size() > kMostEnds) ended_.pop_front();
    std::erase_if(budgets_, [](const auto& one) { return one.second.expired(); });
    left_.notify_all();
  }

  const TerminalParts parts_;
  const std::shared_ptr<Places> places_ = std::make_shared<Places>();
  std::mutex door_;
  std::unique_ptr<http::WebSocketServer> server_;  // guarded by door_; none once it has stopped
  mutable std::mutex mutex_;
  std::condition_variable left_;
  bool is_stopping_ = false;  // guarded by mutex_, as all below
  std::vector<SessionPointer> sessions_;
  std::deque<Ended> ended_;
  std::map<std::string, Pace> pace_;
  std::map<std::string, std::weak_ptr<OutputBudget>> budgets_;
};

Terminals::Terminals(const TerminalParts& parts) : impl_(std::make_shared<Impl>(parts)) {}
Terminals::~Terminals() { stop(); }
void Terminals::stop() { impl_->stop(); }
void Terminals::take(const base::PublicKey& lease, int fd) { impl_->take(lease.to_string(), fd); }
void Terminals::lease_ended(const base::PublicKey& lease) { impl_->lease_ended(lease.to_string()); }
std::size_t Terminals::sessions() const { return impl_->sessions(); }

}  // namespace obelisk::host
