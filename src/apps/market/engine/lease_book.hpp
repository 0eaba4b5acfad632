// The lease book: every lease that can still change, and the one way to change it: load, decide by
// core/lease, write guarded by the version, then say and do. One thread calls handle(); reading is
// for any thread. It must never publish or start anything that is not written yet.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
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
    Log log;
  };

  enum class Handled { yes, unknown, ended, store_failed };

  explicit LeaseBook(Parts parts) : parts_(std::move(parts)) {}

  base::Result<void> load();
  base::Result<void> insert(const lease::Quote& quote);
  // store_failed: nothing happened; the caller tries again.
  Handled handle(const base::PublicKey& lease, const lease::Event& event);

  std::vector<lease::Record> live() const;
  std::vector<base::PublicKey> live_addresses() const;
  // Of those that can still change.
  std::optional<lease::Record> find(const base::PublicKey& lease) const;
  // A host other than this one has a running lease.
  bool another_host_is_live(const base::PublicKey& host) const;

 private:
  // Nothing: the record changed under us, and was read again.
  std::optional<Handled> try_once(const lease::Record& record, const lease::Event& event);
  void keep(const lease::Record& record);
  base::Result<void> reload(const base::PublicKey& lease);

  Parts parts_;
  mutable std::mutex mutex_;
  std::map<base::PublicKey, lease::Record> live_;
};

}  // namespace obelisk::engine
