// Who listens to which lease: a thread that hands out events in order, first what was, then what
// comes. It must never make the engine wait for a slow listener.
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
    std::shared_ptr<Listener> joins;  // or
    ports::LeaseEventRow event;
    api::Lease lease;
  };

  void run();
  bool take(Job& job);
  void do_job(const Job& job);
  void catch_up(Listener& listener);
  void remove(const std::shared_ptr<Listener>& listener);
  static void deliver(Listener& listener, const ports::LeaseEventRow& event,
                      const api::Lease& lease);

  ports::Store& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<base::PublicKey, std::shared_ptr<Listener>> listeners_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace obelisk::engine
