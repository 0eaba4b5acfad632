// What the watch remembers of leases, over restarts: a file each in a folder of its own, written
// before anything is signed on it. It must never grow with what a market names: a lease comes in by
// a login that worked, and goes when the chain has none of it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "core/watch/seen.hpp"

namespace obelisk::watch_app {

inline constexpr std::size_t kMostLeases = 200'000;

class Memory {
 public:
  // Reads what an earlier process kept. Empty: nothing is kept on disk, for tests.
  static base::Result<std::unique_ptr<Memory>> open(const std::filesystem::path& folder);

  std::optional<watch::Seen> find(const base::PublicKey& lease) const;
  // Changes what is known, or what `fresh` makes it; where `apply` returns true, also on disk.
  // Refused where the address is served under other terms. After an error nothing was changed.
  base::Result<void> change(const watch::Seen& fresh,
                            const std::function<bool(watch::Seen&)>& apply);
  // Nothing where it is not known.
  void change_known(const base::PublicKey& lease, const std::function<void(watch::Seen&)>& change);
  void forget(const base::PublicKey& lease);
  std::vector<watch::Seen> all() const;

 private:
  explicit Memory(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path file_of(const base::PublicKey& lease) const;

  const std::filesystem::path folder_;
  mutable std::mutex mutex_;
  std::map<base::PublicKey, watch::Seen> leases_;  // guarded by mutex_
};

}  // namespace obelisk::watch_app
