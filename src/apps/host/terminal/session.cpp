#include "apps/host/terminal/session.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "core/terminal/messages.hpp"

namespace obelisk::host {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds kLook{50};          // while somebody is there
constexpr milliseconds kLookAlone{200};    // for somebody who comes
constexpr milliseconds kLookBusy{3};       // while something waits to go on
constexpr milliseconds kLookSpent{10};     // while the lease has written too much
constexpr std::size_t kBurst = 256 << 10;  // handed to a socket at once, and then waited for
constexpr std::size_t kFrame = 32 << 10;
constexpr std::size_t kLead = 128 << 10;     // so far a guest may be behind before the lease waits
constexpr std::int64_t kPatienceMs = 2'000;  // for a guest who takes nothing
constexpr std::int64_t kNudgeMs = 60;
constexpr std::int64_t kLingerMs = 60'000;    // for a guest who comes back to hear how it ended
constexpr std::int64_t kFarewellMs = 20'000;  // for the last words to be taken
constexpr std::int64_t kPaceWindowMs = 10;
constexpr int kPace = 100;                   // messages in that time
constexpr std::size_t kMostTyped = 1 << 20;  // kept whatever comes; the rest is dropped

}  // namespace

TerminalSession::TerminalSession(Parts parts, terminal::Opening opening)
    : parts_(std::move(parts)),
      opening_(std::move(opening)),
      size_(opening_.size),
      alone_since_ms_(parts_.clock.steady_ms()),
      wanted_size_(opening_.size) {}

void TerminalSession::run() {
  if (open()) {
    while (step()) {
    }
  }
  leave_last_words();
  std::unique_ptr<ports::Terminal> last;
  {
    const std::lock_guard lock(mutex_);
    last = std::move(terminal_);
  }
  last.reset();  // outside the lock: it may take a while
}

bool TerminalSession::open() {
  auto opened = parts_.containers.open_terminal(
      parts_.lease, {opening_.words, opening_.term, opening_.size.columns, opening_.size.rows});
  if (!opened) {
    const base::Error& error = opened.error();
    end({{}, std::string(base::code_name(error.code)), error.message + " " + error.action});
    is_over_ = true;
    over_at_ms_ = now();
    return false;
  }
  const std::lock_guard lock(mutex_);
  terminal_ = *std::move(opened);
  return true;
}

// One turn; false once everything is over and said.
bool TerminalSession::step() {
  obey();
  if (!is_over_ && !may_read()) {
    std::this_thread::sleep_for(kLookSpent);
  } else if (!is_over_ && shall_read()) {
    bool is_busy = false;
    bool is_alone = false;
    {
      const std::lock_guard lock(mutex_);
      is_alone = !seat_;
      is_busy = !typed_.empty() || nudged_at_ms_ != 0 ||
                (seat_ && (!seat_->has_begun || seat_->from < backlog_.end()));
    }
    auto output = terminal_->read(is_busy ? kLookBusy : is_alone ? kLookAlone : kLook);
    if (!output.bytes.empty()) parts_.budget->spend(output.bytes.size());
    backlog_.append(output.bytes);
    if (output.is_over) {
      is_over_ = true;
      over_at_ms_ = now();
      end({terminal_->exit_code(), "", "The program has ended."});
      is_ending_ = true;
    }
  } else {
    std::this_thread::sleep_for(kLookBusy);
  }
  serve();
  return !(is_over_ && is_told());
}

// What was asked of it meanwhile. The end may take a while, and whoever comes in waits for the
// lock.
void TerminalSession::obey() {
  if (shall_end() && !is_over_) terminal_->end();
  const std::lock_guard lock(mutex_);
  write_typed();
  nudge();
}

// Whether it has to; also looks who is still there.
bool TerminalSession::shall_end() {
  const std::lock_guard lock(mutex_);
  if (seat_ && seat_->socket->closed()) {
    // He left before he heard of it: nobody could ever come back to it.
    if (!was_anybody_ && !seat_->has_begun) {
      end_ = SessionEnd{{}, "", "Nobody came."};
      is_ending_ = true;
    }
    seat_.reset();
    alone_since_ms_ = now();
  }
  if (!seat_ && !end_ && now() - alone_since_ms_ >= kAloneForMs) {
    end_ = SessionEnd{{}, "expired", "Nobody was at this session for 12 hours."};
    is_ending_ = true;
  }
  return end_.has_value();
}

void TerminalSession::write_typed() {
  if (typed_.empty()) return;
  typed_.erase(0, terminal_->write(typed_));
}

// A program that draws the whole screen draws it anew when it is told of another size.
void TerminalSession::nudge() {
  if (nudged_at_ms_ != 0) {
    if (now() - nudged_at_ms_ < kNudgeMs) return;
    nudged_at_ms_ = 0;
    terminal_->resize(wanted_size_.columns, wanted_size_.rows);
    size_ = wanted_size_;
  } else if (size_ != wanted_size_) {
    size_ = wanted_size_;
    terminal_->resize(size_.columns, size_.rows);
  }
}

// Not as long as the lease has written too much; what is ended writes no more.
bool TerminalSession::may_read() {
  if (parts_.budget->has_some(now())) return true;
  const std::lock_guard lock(mutex_);
  return end_.has_value();
}

// Not as long as a guest is far behind and takes what he is given.
bool TerminalSession::shall_read() {
  const std::lock_guard lock(mutex_);
  if (!seat_ || !seat_->has_begun || end_) return true;
  if (seat_->from < backlog_.begin() || backlog_.end() - seat_->from < kLead) return true;
  return now() - seat_->moved_at_ms > kPatienceMs;
}

// Gives the guest what he has not had, as much as he takes.
void TerminalSession::serve() {
  const std::lock_guard lock(mutex_);
  if (!seat_ || seat_->socket->closed()) return;
  Seat& seat = *seat_;
  const std::size_t queued = seat.socket->queued_bytes();
  if (queued != std::exchange(seat.queued, queued)) seat.moved_at_ms = now();
  if (queued > 0) return;
  if (!seat.has_begun || seat.from < backlog_.begin()) begin(seat);
  const std::uint64_t until = std::min<std::uint64_t>(backlog_.end(), seat.from + kBurst);
  while (seat.from < until) {
    const auto piece = backlog_.from(seat.from, std::min<std::size_t>(kFrame, until - seat.from));
    if (!seat.socket->send_binary(piece)) return;
    seat.from += piece.size();
    seat.moved_at_ms = now();
  }
}

void TerminalSession::begin(Seat& seat) {
  const bool is_new = !was_anybody_;
  was_anybody_ = true;
  const bool is_resumed =
      !seat.has_begun && (is_new || (!seat.wants_all && backlog_.has(seat.from)));
  seat.has_begun = true;
  seat.moved_at_ms = now();
  if (is_resumed) {
    if (is_new) seat.from = backlog_.begin();
    seat.socket->send(to_message(terminal::Begin{id(), seat.from, is_new, 0}));
    return;
  }
  const std::string screen = backlog_.for_fresh_screen();
  seat.from = backlog_.end();
  seat.socket->send(to_message(terminal::Begin{id(), seat.from, false, screen.size()}));
  for (std::string_view rest = screen; !rest.empty();
       rest.remove_prefix(std::min(kFrame, rest.size()))) {
    seat.socket->send_binary(rest.substr(0, kFrame));
  }
  if (is_over_ || size_ != wanted_size_) return;
  const auto other = static_cast<std::uint16_t>(size_.rows > 1 ? size_.rows - 1 : 2);
  terminal_->resize(size_.columns, other);
  nudged_at_ms_ = now();
}

// Whether nobody waits for its last words any more.
bool TerminalSession::is_told() {
  if (is_hurried_) return true;
  const std::lock_guard lock(mutex_);
  const std::int64_t passed = now() - over_at_ms_;
  if (!seat_) return passed > kLingerMs;
  const bool has_all = seat_->has_begun && seat_->from == backlog_.end();
  return (has_all && seat_->socket->queued_bytes() == 0) || passed > kLingerMs + kFarewellMs;
}

void TerminalSession::leave_last_words() {
  const std::lock_guard lock(mutex_);
  if (!seat_) return;
  const SessionEnd end = end_.value_or(SessionEnd{});
  seat_->socket->send(to_message(terminal::End{end.exit_code, end.code, end.why}));
  seat_->socket->close("the session is over");
  seat_.reset();
}

TerminalSession::Guest TerminalSession::attach(std::shared_ptr<http::WebSocket> socket,
                                               const terminal::Opening& opening) {
  const std::lock_guard lock(mutex_);
  if (seat_) {
    seat_->socket->send(
        to_message(terminal::End{{}, "conflict", "This session was taken over from elsewhere."}));
    seat_->socket->close("taken over");
  }
  seat_ = Seat{++guests_, std::move(socket), opening.from, false, opening.from == 0, 0, now()};
  wanted_size_ = opening.size;
  return guests_;
}

void TerminalSession::detach(Guest guest) {
  const std::lock_guard lock(mutex_);
  if (!seat_ || seat_->guest != guest || seat_->has_begun == false) return;
  seat_.reset();
  alone_since_ms_ = now();
}

void TerminalSession::typed(Guest guest, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (!seat_ || seat_->guest != guest) return;
  const std::int64_t window = now() / kPaceWindowMs;
  pace_count_ = window == pace_window_ms_ ? pace_count_ + 1 : 1;
  pace_window_ms_ = window;
  if (typed_.empty() && terminal_) bytes.remove_prefix(terminal_->write(bytes));
  if (typed_.size() + bytes.size() <= kMostTyped) typed_ += bytes;
}

void TerminalSession::resized(Guest guest, const terminal::Size& size) {
  const std::lock_guard lock(mutex_);
  if (seat_ && seat_->guest == guest) wanted_size_ = size;
}

bool TerminalSession::is_full(Guest guest) {
  const std::lock_guard lock(mutex_);
  if (!seat_ || seat_->guest != guest) return false;
  const bool is_fast = pace_count_ >= kPace && now() / kPaceWindowMs == pace_window_ms_;
  return is_fast || typed_.size() > kMaxTyped;
}

void TerminalSession::end(const SessionEnd& why) {
  const std::lock_guard lock(mutex_);
  if (!end_) end_ = why;
  is_ending_ = true;
}

std::optional<std::int64_t> TerminalSession::alone_since() const {
  const std::lock_guard lock(mutex_);
  return seat_ ? std::nullopt : std::optional(alone_since_ms_);
}

SessionEnd TerminalSession::how_it_ended() const {
  const std::lock_guard lock(mutex_);
  return end_.value_or(SessionEnd{});
}

}  // namespace obelisk::host
