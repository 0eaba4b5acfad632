// The outbox: work that was decided is done at least once, however often the process dies. The rows
// in the store are the truth; this keeps them in memory by when they are due and gives them to
// threads, so that nothing waits for a poll. Work of one kind never stands behind slower work of
// another, nor a host's logins behind those of a host that is slow. Once in memory, work is due by
// the steady clock: the machine's own may be set, and nothing waits longer for it.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "apps/market/engine/figures.hpp"
#include "core/lease/events.hpp"
#include "ports/clock.hpp"
#include "ports/store.hpp"

namespace obelisk::engine {

// `check` and `ready` are on the way to a promise of 60 s, and have nothing before them but their
// like. `history` alone reads what strangers can make long.
enum class Lane : std::uint8_t { quick, check, login, ready, chain, history };
Lane lane_of(const lease::Effect& effect);

// So many logins to one host at once, of each of the two kinds.
inline constexpr int kLoginsPerHost = 4;
// However far in the future a row's time is, by a clock that may have been wrong.
inline constexpr std::int64_t kLongestWaitMs = 30'000;

// What became of a piece of work: done, or to be tried again after a while.
struct WorkResult {
  std::optional<int> retry_ms;
  static WorkResult done() { return {}; }
  static WorkResult again_in(int ms) { return {ms}; }
};

// 0.25, 0.5, 1, ... 30 s.
int backoff_ms(std::uint32_t attempts);

ports::OutboxRow to_row(const lease::Effect& effect, const base::PublicKey& lease,
                        std::uint64_t version, std::size_t index, base::UnixMillis now_ms);
// Nothing where another version of the program wrote it and this one cannot read it.
std::optional<lease::Effect> effect_of(const ports::OutboxRow& row);

class Outbox {
 public:
  // It keeps row.sent as what the store holds.
  using Worker = std::function<WorkResult(ports::OutboxRow& row)>;
  // Whose lease it is, while it can still change; whose host is not known is not limited.
  using HostOf = std::function<std::optional<base::PublicKey>(const base::PublicKey& lease)>;

  Outbox(ports::Store& store, ports::Clock& clock, Worker worker, HostOf host_of = {})
      : store_(store), clock_(clock), worker_(std::move(worker)), host_of_(std::move(host_of)) {}
  ~Outbox();

  // What an earlier process left undone.
  base::Result<void> load();
  void start();
  // Before a shutdown: what is finished from now on stays in the store, to be done again.
  void freeze() { frozen_ = true; }
  void stop();
  void add(const ports::OutboxRow& row);
  OutboxFigures figures() const;
  // In a test without threads: does what is due, in order; true if there was something.
  bool pump();

 private:
  struct Work {
    ports::OutboxRow row;
    std::optional<base::PublicKey> host;  // of a login: whose turns it takes
  };
  struct LaneQueue {
    std::multimap<std::int64_t, Work> rows;            // by steady time
    std::map<base::PublicKey, int> logins;             // under way, by host
    std::map<base::PublicKey, std::deque<Work>> held;  // due, while its host has enough of them
    std::condition_variable changed;
    std::vector<std::thread> threads;
  };

  void run(LaneQueue& lane);
  std::optional<Work> take_due(LaneQueue& lane);
  void finished(LaneQueue& lane, const std::optional<base::PublicKey>& host);
  void do_row(ports::OutboxRow row);

  ports::Store& store_;
  ports::Clock& clock_;
  const Worker worker_;
  const HostOf host_of_;
  mutable std::mutex mutex_;
  bool ending_ = false;
  std::atomic<bool> frozen_ = false;
  std::array<LaneQueue, kLanes> lanes_;
};

}  // namespace obelisk::engine
