// Sampler: reads every ten seconds what each lease here uses, keeps it for a day, and tells the
// market of what its renter should know. On one thread of its own. It must never keep a lease
// waiting, nor forget a trouble because the market was away.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/types.hpp"
#include "apps/host/living/card_ears.hpp"
#include "core/host/idle_watch.hpp"
#include "core/host/series.hpp"
#include "core/host/trouble.hpp"
#include "ports/card_monitor.hpp"
#include "ports/clock.hpp"
#include "ports/containers.hpp"

namespace obelisk::host {

// A lease that runs here, and what it may use.
struct LivingLease {
  base::PublicKey lease;
  std::uint32_t cpu_milli = 0;
  std::vector<std::string> cards = {};                // their UUIDs; empty where it has none
  std::vector<std::uint64_t> card_memory_bytes = {};  // of each, as the terms say
};

// What one answer may take of a message: the market takes 64 KiB.
inline constexpr std::size_t kMaxReadingsBytes = 56'000;
inline constexpr std::size_t kMaxUnsaid = 100;

struct SamplerParts {
  ports::Containers& containers;
  ports::Clock& clock;
  std::function<std::vector<LivingLease>()> leases;
  std::function<bool()> is_connected;                   // to the market
  std::function<void(const std::string& message)> say;  // to the market; any thread
  // What the cards do now, and what is reported of them. Null: nothing is known of cards.
  ports::CardMonitor* cards = nullptr;
  CardEars* ears = nullptr;
};

class Sampler {
 public:
  explicit Sampler(SamplerParts parts) : parts_(std::move(parts)) {}
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  void start();
  // One look at every lease; what the thread does every ten seconds. Every three it looks at those
  // that have no figures yet.
  void look();
  void look_at_new();
  // Rows after that time that fit into a message; none of a lease that has just begun. not_found
  // where there is no such lease.
  base::Result<api::Readings> readings(const base::PublicKey& lease, base::UnixMillis since_ms);

 private:
  struct Row {
    Series series;
    TroubleWatch troubles;
    IdleWatch idle;
    ports::Usage newest;
  };
  void look_at(const LivingLease& lease);
  void look_at_cards(const LivingLease& lease, Figures& now, Seen& seen);
  // Kept until the market hears it. With the lock held.
  void tell(const base::PublicKey& lease, const Trouble& trouble, const std::string& kind);
  void tell_idle(const base::PublicKey& lease, bool is_idle);
  void say_what_is_unsaid();

  SamplerParts parts_;
  std::mutex mutex_;
  std::map<base::PublicKey, Row> rows_;  // guarded by mutex_
  std::deque<std::string> unsaid_;       // guarded by mutex_
  std::condition_variable_any changed_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace obelisk::host
