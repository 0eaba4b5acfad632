// The outbox: work that was decided is done at least once, however often the process dies. The rows
// in the store are the truth; this keeps them in memory by when they are due and gives them to
// threads, so that nothing waits for a poll. Work of one kind never stands behind slower work of
// another.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "core/lease/events.hpp"
#include "ports/clock.hpp"
#include "ports/store.hpp"

namespace obelisk::engine {

// `history` alone reads what strangers can make long.
enum class Lane : std::uint8_t { quick, login, chain, history };
Lane lane_of(lease::EffectKind kind);

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

  Outbox(ports::Store& store, ports::Clock& clock, Worker worker)
      : store_(store), clock_(clock), worker_(std::move(worker)) {}
  ~Outbox();

  // What an earlier process left undone.
  base::Result<void> load();
  void start();
  // Before a shutdown: what is finished from now on stays in the store, to be done again.
  void freeze() { frozen_ = true; }
  void stop();
  void add(const ports::OutboxRow& row);
  // In a test without threads: does what is due, in order; true if there was something.
  bool pump();

 private:
  struct LaneQueue {
    std::multimap<base::UnixMillis, ports::OutboxRow> rows;  // by due_ms
    std::condition_variable changed;
    std::vector<std::thread> threads;
  };

  void run(LaneQueue& lane);
  std::optional<ports::OutboxRow> take_due(LaneQueue& lane);
  void do_row(ports::OutboxRow row);

  ports::Store& store_;
  ports::Clock& clock_;
  const Worker worker_;
  std::mutex mutex_;
  bool ending_ = false;
  std::atomic<bool> frozen_ = false;
  std::array<LaneQueue, 4> lanes_;
};

}  // namespace obelisk::engine
