// The lease book: every lease that can still change, and the one way to change it: load, decide by
// core/lease, write guarded by the version, then say and do. One thread calls handle(); reading is
// for any thread. It must never publish or start anything that is not written yet.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "apps/market/engine/settle.hpp"
#include "core/lease/step.hpp"
#include "ports/store.hpp"

namespace obelisk::engine {

class LeaseBook {
 public:
  struct Parts {
    ports::Store& store;
    ports::Clock& clock;
    std::function<lease::Context(const lease::Record&)> context;
    // After the write: events to publish with the record as it is now, and work to do.
    std::function<void(const std::vector<ports::LeaseEventRow>&, const lease::Record&)> publish;
    std::function<void(const ports::OutboxRow&)> work;
    // Events were written whose numbers are not known here: the store has them.
    std::function<void(const base::PublicKey&)> publish_written;
    Log log;
  };

  enum class Handled { yes, unknown, ended, store_failed };

  explicit LeaseBook(Parts parts) : parts_(std::move(parts)) {}

  base::Result<void> load();
  base::Result<void> insert(const lease::Quote& quote);
  // store_failed: the caller tries again. What was written although the answer was an error is
  // found by the next call for that lease, before anything is decided on it.
  Handled handle(const base::PublicKey& lease, const lease::Event& event);
  // Quotes whose insert failed may be on disk all the same; then they are to be followed like any
  // other. Now and then, by the thread that calls handle().
  void look_for_lost_quotes();

  std::map<lease::State, std::size_t> by_state() const;
  std::vector<base::PublicKey> live_addresses() const;
  // What is to be looked at now: everything that is about to change, and of the running leases so
  // many at a time, in turn. `turn` is the caller's and begins as it is.
  std::vector<base::PublicKey> some(base::PublicKey& turn, std::size_t most_running) const;
  std::vector<base::PublicKey> live_of(const base::PublicKey& host) const;
  // Of those that can still change.
  std::optional<lease::Record> find(const base::PublicKey& lease) const;
  std::optional<base::PublicKey> host_of(const base::PublicKey& lease) const;
  // A host other than this one has a running lease.
  bool another_host_is_live(const base::PublicKey& host) const;
  // One of those that `fits`, if there is one.
  std::optional<lease::Record> another(const base::PublicKey& host,
                                       const std::function<bool(const lease::Life&)>& fits) const;

 private:
  // Nothing: the record changed under us, and was read again.
  std::optional<Handled> try_once(const lease::Record& record, const lease::Event& event);
  void keep(const lease::Record& record);
  void put_locked(const lease::Record& record);
  void drop_locked(const base::PublicKey& lease);
  base::Result<void> reload(const base::PublicKey& lease);
  bool settle_doubt(const base::PublicKey& lease);

  Parts parts_;
  // Writes that failed, and may be on disk nevertheless. Of the deciding thread alone.
  std::map<base::PublicKey, ports::LeaseWrite> doubts_;
  mutable std::mutex mutex_;
  std::map<base::PublicKey, lease::Record> live_;                 // guarded by mutex_
  std::map<base::PublicKey, std::set<base::PublicKey>> by_host_;  // the same, by host
  std::set<base::PublicKey> lost_quotes_;                         // guarded by mutex_
};

}  // namespace obelisk::engine
