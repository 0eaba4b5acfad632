// The market's index on a thread of its own: subscriptions make it look sooner, a slow poll makes
// it complete. It must never stop the market: what goes wrong here is a line in the log and a
// number in the metrics, and is tried again.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "apps/market/indexer/indexer.hpp"

namespace obelisk::indexer {

// What the metrics show.
struct Health {
  std::uint64_t slot = 0;  // everything up to here is in the index
  std::uint64_t final_slot = 0;
  std::uint64_t lag_slots = 0;  // to the newest confirmed slot that is known
  bool behind = true;

  bool operator==(const Health&) const = default;
};

// How long to wait after a look that failed `failures` times in a row.
int pause_ms(int failures);

// Words for the log, each said once when it becomes true.
class IndexVoice {
 public:
  // After a look that failed.
  std::optional<std::string> failed(const base::Error& error);
  // While it reads; said where there is much to read.
  std::optional<std::string> reading(const Status& status);
  // After a look that was whole.
  std::optional<std::string> done(const Status& status, const ports::IndexTotals& totals,
                                  const index::Progress& progress);
  bool is_behind() const { return behind_; }

 private:
  bool behind_ = false;
  bool said_start_ = false;
};

class IndexThread {
 public:
  struct Outside {
    ports::Chain& chain;
    ports::IndexStore& store;
    ports::Clock& clock;
    base::PublicKey program;
    std::function<void(const Health&)> report;
    std::function<void(const std::string&)> log;
  };
  explicit IndexThread(Outside outside);
  ~IndexThread();

 private:
  void run(const std::stop_token& stop);
  void look_once(Indexer& indexer);
  void say(const std::optional<std::string>& words) const;
  void tell(const Status& status);
  void kick();

  Outside outside_;
  IndexVoice voice_;
  int failures_ = 0;
  Status last_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool kicked_ = false;  // guarded by mutex_
  std::unique_ptr<ports::Subscription> processed_;
  std::unique_ptr<ports::Subscription> confirmed_;
  std::jthread thread_;  // last: everything above outlives it
};

}  // namespace obelisk::indexer
