// Who listens to which lease: a thread that hands out events in order, first what was, then what
// comes, a slice at a time, so that a long story keeps nobody else waiting. It must never make the
// engine wait for a slow listener, nor leave out an event of a listener that goes on listening.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "apps/market/engine/seams.hpp"
#include "ports/store.hpp"

namespace obelisk::engine {

class Subscribers {
 public:
  explicit Subscribers(ports::Store& store) : store_(store) {}
  ~Subscribers();

  void start();
  void stop();
  // In a test without threads: hands out everything that waits.
  void pump();

  std::unique_ptr<ports::Subscription> add(const base::PublicKey& lease, std::uint64_t after_seq,
                                           Leases::EventCallback callback);
  // Called after the events were written: whoever joins later finds them in the store.
  void publish(const std::vector<ports::LeaseEventRow>& events, const lease::Record& record);
  // The same where only the store knows which events: listeners read on there.
  void publish_written(const base::PublicKey& lease);

 private:
  struct Listener {
    std::mutex mutex;
    bool gone = false;       // no callback any more
    bool caught_up = false;  // what was, was handed out
    std::uint64_t seq = 0;
    base::PublicKey lease;
    Leases::EventCallback callback;
  };
  class Handle;
  struct Job {
    std::shared_ptr<Listener> reads;  // what the store has for it, or
    ports::LeaseEventRow event;
    api::Lease lease;
  };
  enum class Read { all, some, failed };

  void run();
  bool take(Job& job);
  void do_job(const Job& job);
  // What was written and this listener has not heard; `some` where more follows.
  Read read_on(Listener& listener);
  void add_job(std::shared_ptr<Listener> reads);
  void read_later(const std::shared_ptr<Listener>& listener);
  void wake_the_late();
  std::vector<std::shared_ptr<Listener>> listeners_of(const base::PublicKey& lease);
  void remove(const std::shared_ptr<Listener>& listener);
  // False: it did not take the event now.
  static bool deliver(Listener& listener, const ports::LeaseEventRow& event,
                      const api::Lease& lease);

  ports::Store& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<base::PublicKey, std::shared_ptr<Listener>> listeners_;
  std::deque<Job> jobs_;                         // guarded by mutex_
  std::vector<std::shared_ptr<Listener>> late_;  // guarded by mutex_: they read on in a moment
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace obelisk::engine
