#include "apps/cli/terminal/seat.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "apps/cli/terminal/raw_mode.hpp"
#include "core/terminal/messages.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::array<int, 7> kPausesMs{300, 1'000, 2'000, 4'000, 8'000, 15'000, 30'000};
constexpr int kNudgeMs = 100;
constexpr std::size_t kMostQueued = 256 << 10;  // then the person waits

std::int64_t now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

terminal::Size size_of(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {std::min(size.ws_col, terminal::kMaxColumns), std::min(size.ws_row, terminal::kMaxRows)};
}

// Trying again will not change this answer. That a gateway does not know the lease will pass: it
// was started anew, and the host is on its way back to it.
bool is_final(const Error& error) {
  switch (error.code) {
    case Code::unreachable:
    case Code::timeout:
    case Code::rate_limited:
    case Code::internal:
    case Code::not_found:
    case Code::conflict:
    case Code::refused:
    case Code::missing_dependency: return false;
    case Code::usage:
    case Code::invalid_input:
    case Code::declined:
    case Code::insufficient_funds:
    case Code::expired:
    case Code::unauthorized:
    case Code::forbidden:
    case Code::refunded:
    case Code::rejected_on_chain:
    case Code::unsupported: return true;
  }
  return true;
}

}  // namespace

TerminalSeat::TerminalSeat(SeatParts parts)
    : parts_(std::move(parts)), wire_(parts_.address), opening_(parts_.opening) {}

base::Result<SeatEnd> TerminalSeat::sit() {
  TRY(const RawMode raw, RawMode::begin(parts_.in));
  size_ = size_of(parts_.in);
  connect();
  Done done;
  while (!done) done = turn();
  if (has_line_ || !screen_.modes().empty()) write_out(terminal::kCalm);
  if (state_ != State::first) write_out("\r\n");
  return *std::move(done);
}

TerminalSeat::Done TerminalSeat::turn() {
  const bool may_type = wire_.queued_bytes() < kMostQueued;
  std::array<pollfd, 3> polled{pollfd{may_type ? parts_.in : -1, POLLIN, 0},
                               pollfd{wire_.wake_fd(), POLLIN, 0},
                               pollfd{parts_.signals, POLLIN, 0}};
  ::poll(polled.data(), polled.size(), may_type ? until_next() : 20);
  if (polled[2].revents != 0) {
    if (auto done = hear_signals()) return done;
  }
  if (polled[0].revents != 0) {
    if (auto done = type()) return done;
  }
  // Not all of it: a flood must not keep the keys from being read.
  for (int i = 0; i < 16; ++i) {
    const auto news = wire_.next();
    if (!news) break;
    if (auto done = hear(*news)) return done;
  }
  if (connect_at_ms_ >= 0 && now_ms() >= connect_at_ms_) connect();
  if (nudge_at_ms_ >= 0 && now_ms() >= nudge_at_ms_) resize();
  return std::nullopt;
}

int TerminalSeat::until_next() const {
  int out = -1;
  for (const std::int64_t at : {connect_at_ms_, nudge_at_ms_}) {
    if (at < 0) continue;
    const int left = static_cast<int>(std::max<std::int64_t>(at - now_ms(), 0));
    out = out < 0 ? left : std::min(out, left);
  }
  return out;
}

TerminalSeat::Done TerminalSeat::hear_signals() {
  signalfd_siginfo info{};
  while (::read(parts_.signals, &info, sizeof info) == sizeof info) {
    const int number = static_cast<int>(info.ssi_signo);
    if (number != SIGWINCH) return SeatEnd{128 + number, true, opening_.session};
    size_ = size_of(parts_.in);
    resize();
  }
  return std::nullopt;
}

TerminalSeat::Done TerminalSeat::type() {
  std::array<char, 4096> typed{};
  const ssize_t count = ::read(parts_.in, typed.data(), typed.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return std::nullopt;
  if (count <= 0) return SeatEnd{0, true, opening_.session};
  const std::string bytes = keys_.take({typed.data(), static_cast<std::size_t>(count)});
  // While nothing is connected it is dropped: it would come to a shell that nobody sees.
  if (state_ == State::there && !bytes.empty()) wire_.send_bytes(bytes);
  if (keys_.leaves()) return SeatEnd{0, true, opening_.session};
  // Before anything was there, an interrupt is for us.
  if (state_ == State::first && bytes.find('\x03') != std::string::npos) {
    return SeatEnd{128 + SIGINT, true, ""};
  }
  return std::nullopt;
}

TerminalSeat::Done TerminalSeat::hear(const WireNews& news) {
  switch (news.kind) {
    case WireNews::Kind::text: return hear_text(news.bytes);
    case WireNews::Kind::bytes: show(news.bytes); return std::nullopt;
    case WireNews::Kind::lost: return lose(news.error);
  }
  return std::nullopt;
}

TerminalSeat::Done TerminalSeat::hear_text(const std::string& text) {
  if (const auto said = terminal::read_begin(text)) {
    begin(*said);
  } else if (const auto end = terminal::read_end(text)) {
    if (end->exit_code) return SeatEnd{*end->exit_code, false, opening_.session};
    const Code code = end->code.empty() ? Code::expired : base::code_from_name(end->code);
    const std::string why = end->why.empty() ? "The session was ended." : end->why;
    const bool is_busy = code == Code::rate_limited || code == Code::unreachable;
    return Error{code, why, is_busy ? "Try again then." : "Begin anew: obelisk exec -t LEASE"};
  }
  return std::nullopt;
}

void TerminalSeat::begin(const terminal::Begin& begin) {
  opening_.session = begin.session;
  offset_ = begin.offset;
  replay_left_ = begin.replay_bytes;
  losses_ = 0;
  state_ = State::there;
  if (has_line_) nudge();
}

// A line of ours stood where something of theirs was: it is taken away, and drawn by those who
// know.
void TerminalSeat::nudge() {
  has_line_ = false;
  write_out(
      "\x1b"
      "7\x1b[" +
      std::to_string(size_.rows) +
      ";1H\x1b[0m\x1b[2K\x1b"
      "8");
  if (replay_left_ != 0 || size_.rows < 2) return;
  const terminal::Size other{size_.columns, static_cast<std::uint16_t>(size_.rows - 1)};
  wire_.send_text(terminal::resize_message(other));
  nudge_at_ms_ = now_ms() + kNudgeMs;
}

void TerminalSeat::resize() {
  nudge_at_ms_ = -1;
  wire_.send_text(terminal::resize_message(size_));
}

void TerminalSeat::show(const std::string& bytes) {
  const std::uint64_t replayed = std::min<std::uint64_t>(replay_left_, bytes.size());
  replay_left_ -= replayed;
  offset_ += bytes.size() - replayed;
  screen_.read(bytes, nullptr);
  write_out(bytes);
}

void TerminalSeat::write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(parts_.out, bytes.data(), bytes.size());
    if (count < 0 && errno == EAGAIN) {
      pollfd room{parts_.out, POLLOUT, 0};
      ::poll(&room, 1, 1'000);
    } else if (count < 0 && errno != EINTR) {
      return;  // his terminal is gone, and a signal says so
    }
    bytes.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
}

TerminalSeat::Done TerminalSeat::lose(const std::optional<Error>& error) {
  if (error && (state_ == State::first || is_final(*error))) return *error;
  if (state_ == State::first) {
    return Error{Code::unreachable, "The connection was lost before the terminal was there.",
                 "Try again."};
  }
  state_ = State::lost;
  const auto pause = static_cast<std::size_t>(losses_++);
  connect_at_ms_ = now_ms() + kPausesMs[std::min(pause, kPausesMs.size() - 1)];
  say_lost();
  return std::nullopt;
}

void TerminalSeat::say_lost() {
  has_line_ = true;
  const std::int64_t seconds = (connect_at_ms_ - now_ms() + 999) / 1000;
  std::string words = "The connection is lost; trying again in " + std::to_string(seconds) +
                      " s. Enter ~ . leaves; what runs there runs on.";
  words.resize(std::min<std::size_t>(words.size(), size_.columns));
  write_out(
      "\x1b"
      "7\x1b[" +
      std::to_string(size_.rows) + ";1H\x1b[0;7m" + words +
      "\x1b[0m\x1b[K\x1b"
      "8");
}

void TerminalSeat::connect() {
  connect_at_ms_ = -1;
  opening_.size = size_;
  // Half a screen is no screen: then all of it is asked for.
  opening_.from = replay_left_ == 0 ? offset_ : 0;
  const auto query = terminal::opening_query(opening_);
  if (query) wire_.connect(*query);
}

}  // namespace obelisk::cli
