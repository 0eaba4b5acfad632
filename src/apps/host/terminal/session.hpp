// TerminalSession: one terminal of a lease and who sits at it. It lives on while nobody does; who
// comes back gets what he missed. One guest at a time: the newer takes over. What the lease writes
// is kept in the backlog alone, so a guest who reads slowly costs no memory: he waits a little, and
// where he falls behind all that is kept, his screen is drawn anew. It must never keep a program
// from running for a guest who reads nothing, nor wait for one that reads nothing; it makes one
// wait that writes more than its lease's share (output_budget.hpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/http/websocket.hpp"
#include "apps/host/terminal/output_budget.hpp"
#include "core/terminal/backlog.hpp"
#include "core/terminal/opening.hpp"
#include "ports/clock.hpp"
#include "ports/containers.hpp"

namespace obelisk::host {

inline constexpr std::int64_t kAloneForMs = 12LL * 3600 * 1000;  // then it is ended
inline constexpr std::size_t kMaxTyped = 64 << 10;  // that the lease has not read; then one waits

// What happened to one: the last that is said to a guest.
struct SessionEnd {
  std::optional<int> exit_code;
  std::string code;
  std::string why;
};

class TerminalSession {
 public:
  struct Parts {
    ports::Containers& containers;
    ports::Clock& clock;
    std::string lease;
    std::string id;
    std::shared_ptr<OutputBudget> budget;  // the lease's
  };
  using Guest = std::uint64_t;

  TerminalSession(Parts parts, terminal::Opening opening);
  TerminalSession(const TerminalSession&) = delete;
  TerminalSession& operator=(const TerminalSession&) = delete;

  // Begins it, on a thread of its own, and returns when it is over and everybody was told.
  void run();

  // All of these: any thread, at once. A guest who was taken over is nobody.
  Guest attach(std::shared_ptr<http::WebSocket> socket, const terminal::Opening& opening);
  void detach(Guest guest);
  void typed(Guest guest, std::string_view bytes);
  void resized(Guest guest, const terminal::Size& size);
  // Whether he has to wait before he types more.
  bool is_full(Guest guest);
  // Ends it; the first reason counts.
  void end(const SessionEnd& why);
  // It waits for nobody any more: neither to take its last words nor to come back for them.
  void hurry() { is_hurried_ = true; }

  const std::string& id() const { return parts_.id; }
  const std::string& lease() const { return parts_.lease; }
  // It ends, or has ended: nobody new comes in but to hear how.
  bool is_ending() const { return is_ending_; }
  // Since when nobody is there, by the clock's steady milliseconds; nothing while somebody is.
  std::optional<std::int64_t> alone_since() const;
  SessionEnd how_it_ended() const;

 private:
  struct Seat {
    Guest guest = 0;
    std::shared_ptr<http::WebSocket> socket;
    std::uint64_t from = 0;  // his next byte
    bool has_begun = false;
    bool wants_all = false;
    std::size_t queued = 0;        // for him, when that was last looked at
    std::int64_t moved_at_ms = 0;  // when he last took something
  };

  bool open();
  bool step();
  void obey();
  bool shall_end();
  void write_typed();
  void nudge();
  bool may_read();
  bool shall_read();
  void serve();
  void begin(Seat& seat);
  void leave_last_words();
  bool is_told();
  std::int64_t now() const { return parts_.clock.steady_ms(); }

  const Parts parts_;
  const terminal::Opening opening_;
  std::unique_ptr<ports::Terminal> terminal_;  // written once, under mutex_
  // Of its own thread alone:
  terminal::Backlog backlog_;
  terminal::Size size_;
  bool is_over_ = false;  // the terminal
  std::int64_t over_at_ms_ = 0;
  std::int64_t nudged_at_ms_ = 0;  // 0: not under way
  bool was_anybody_ = false;

  std::atomic<bool> is_ending_ = false;
  std::atomic<bool> is_hurried_ = false;
  mutable std::mutex mutex_;
  Guest guests_ = 0;  // guarded by mutex_, as all below
  std::optional<Seat> seat_;
  std::int64_t alone_since_ms_ = 0;
  terminal::Size wanted_size_;
  std::string typed_;
  std::optional<SessionEnd> end_;
  std::int64_t pace_window_ms_ = 0;
  int pace_count_ = 0;
};

}  // namespace obelisk::host
