// Inbox: what happened and is not taken in yet, lease by lease. Leases take turns, so that one with
// much to say does not stand before the others, and one whose record cannot be written waits aside
// with all that is its own. What the next event of its kind repeats is kept once: however long the
// store is away, it holds a few events a lease. It must never change the order of one lease's
// events. For one thread; times are steady milliseconds.
#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <optional>

#include "base/public_key.hpp"
#include "core/lease/events.hpp"

namespace obelisk::engine {

class Inbox {
 public:
  struct Item {
    base::PublicKey lease;
    lease::Event event;
    std::shared_ptr<std::promise<void>> done = {};  // somebody waits until it is taken in
    std::uint32_t tries = 0;
  };

  void put(Item item);
  // The next one of the lease that waited longest, but for those aside; nothing where all are. One
  // of the two below comes before the next take().
  std::optional<Item> take(std::int64_t now_ms);
  void taken_in();
  // It could not be, or something that never was in here: again after a while, before all else of
  // its lease.
  void put_back(Item item, std::int64_t now_ms);
  // Its next event waits aside: there is no use in trying another.
  bool is_aside(const base::PublicKey& lease) const { return aside_.contains(lease); }

  bool empty() const { return queues_.empty(); }
  // When take() has something: now or earlier, or nothing where it is empty.
  std::optional<std::int64_t> next_ms() const;
  std::size_t size() const;
  // Everything, in no order: at the end.
  std::deque<Item> drain();

 private:
  std::map<base::PublicKey, std::deque<Item>> queues_;  // none is empty
  std::deque<base::PublicKey> turns_;                   // each that is neither aside nor in hand
  std::optional<base::PublicKey> in_hand_;
  std::map<base::PublicKey, std::int64_t> aside_;      // lease: until then
  std::multimap<std::int64_t, base::PublicKey> back_;  // the same by time
};

// How long an event waits that could not be taken in: 0.2, 0.4, ... 5 s.
std::int64_t aside_ms(std::uint32_t tries);

}  // namespace obelisk::engine
