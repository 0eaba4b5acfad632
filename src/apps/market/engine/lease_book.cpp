#include "apps/market/engine/lease_book.hpp"

#include <algorithm>

#include "apps/market/engine/outbox.hpp"
#include "base/check.hpp"

namespace obelisk::engine {
namespace {

constexpr int kMaxTries = 20;

std::vector<ports::OutboxRow> rows_of(const lease::Decision& decision, const lease::Record& record,
                                      base::UnixMillis now_ms) {
  std::vector<ports::OutboxRow> out;
  const std::uint64_t version = record.life.version + 1;
  for (std::size_t i = 0; i < decision.effects.size(); ++i) {
    out.push_back(to_row(decision.effects[i], record.quote.lease, version, i, now_ms));
  }
  return out;
}

}  // namespace

base::Result<void> LeaseBook::load() {
  TRY(const auto records, parts_.store.not_ended());
  const std::lock_guard lock(mutex_);
  live_.clear();
  by_host_.clear();
  for (const lease::Record& record : records) put_locked(record);
  return {};
}

void LeaseBook::put_locked(const lease::Record& record) {
  live_[record.quote.lease] = record;
  by_host_[record.quote.host].insert(record.quote.lease);
}

void LeaseBook::drop_locked(const base::PublicKey& lease) {
  const auto at = live_.find(lease);
  if (at == live_.end()) return;
  const auto host = by_host_.find(at->second.quote.host);
  host->second.erase(lease);
  if (host->second.empty()) by_host_.erase(host);
  live_.erase(at);
}

base::Result<void> LeaseBook::insert(const lease::Quote& quote) {
  const auto done = parts_.store.insert_quote(quote);
  const std::lock_guard lock(mutex_);
  if (!done) {
    if (done.error().code != base::Code::conflict) lost_quotes_.insert(quote.lease);
    return done;
  }
  // An event may have been quicker and read it from the store already.
  if (!live_.contains(quote.lease)) put_locked({quote, {}});
  return {};
}

void LeaseBook::look_for_lost_quotes() {
  std::set<base::PublicKey> lost;
  {
    const std::lock_guard lock(mutex_);
    lost = lost_quotes_;
  }
  for (const base::PublicKey& lease : lost) {
    const auto stored = parts_.store.by_lease(lease);
    if (!stored) return;
    const std::lock_guard lock(mutex_);
    lost_quotes_.erase(lease);
    const bool is_live = *stored && (*stored)->life.state != lease::State::ended;
    if (is_live && !live_.contains(lease)) put_locked(**stored);
  }
}

std::optional<lease::Record> LeaseBook::find(const base::PublicKey& lease) const {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(lease);
  if (found == live_.end()) return std::nullopt;
  return found->second;
}

std::map<lease::State, std::size_t> LeaseBook::by_state() const {
  const std::lock_guard lock(mutex_);
  std::map<lease::State, std::size_t> out;
  for (const auto& [address, record] : live_) ++out[record.life.state];
  return out;
}

std::vector<base::PublicKey> LeaseBook::live_addresses() const {
  const std::lock_guard lock(mutex_);
  std::vector<base::PublicKey> out;
  out.reserve(live_.size());
  for (const auto& [address, record] : live_) out.push_back(address);
  return out;
}

std::vector<base::PublicKey> LeaseBook::some(base::PublicKey& turn,
                                             std::size_t most_running) const {
  const std::lock_guard lock(mutex_);
  std::vector<base::PublicKey> out;
  std::vector<base::PublicKey> running;
  for (const auto& [address, record] : live_) {
    (record.life.state == lease::State::active ? running : out).push_back(address);
  }
  // From after the last one on, around the end.
  std::ranges::rotate(running, std::ranges::upper_bound(running, turn));
  running.resize(std::min(running.size(), most_running));
  if (!running.empty()) turn = running.back();
  out.insert(out.end(), running.begin(), running.end());
  return out;
}

std::vector<base::PublicKey> LeaseBook::live_of(const base::PublicKey& host) const {
  const std::lock_guard lock(mutex_);
  const auto at = by_host_.find(host);
  if (at == by_host_.end()) return {};
  return {at->second.begin(), at->second.end()};
}

std::optional<base::PublicKey> LeaseBook::host_of(const base::PublicKey& lease) const {
  const std::lock_guard lock(mutex_);
  const auto at = live_.find(lease);
  if (at == live_.end()) return std::nullopt;
  return at->second.quote.host;
}

std::optional<lease::Record> LeaseBook::another(
    const base::PublicKey& host, const std::function<bool(const lease::Life&)>& fits) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [address, record] : live_) {
    const bool is_active = record.life.state == lease::State::active;
    if (record.quote.host != host && is_active && fits(record.life)) return record;
  }
  return std::nullopt;
}

bool LeaseBook::another_host_is_live(const base::PublicKey& host) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [address, record] : live_) {
    if (record.quote.host != host && record.life.state == lease::State::active) return true;
  }
  return false;
}

void LeaseBook::keep(const lease::Record& record) {
  const std::lock_guard lock(mutex_);
  if (record.life.state == lease::State::ended) {
    drop_locked(record.quote.lease);
  } else {
    put_locked(record);
  }
}

base::Result<void> LeaseBook::reload(const base::PublicKey& lease) {
  TRY(const auto found, parts_.store.by_lease(lease));
  if (found) {
    keep(*found);
  } else {
    const std::lock_guard lock(mutex_);
    drop_locked(lease);
  }
  return {};
}

// An answer may be lost behind a write that is on disk. Then its work and its words are owed still.
bool LeaseBook::settle_doubt(const base::PublicKey& lease) {
  const auto at = doubts_.find(lease);
  if (at == doubts_.end()) return true;
  const auto stored = parts_.store.by_lease(lease);
  if (!stored) return false;
  const ports::LeaseWrite write = std::move(at->second);
  doubts_.erase(at);
  if (!*stored) {
    const std::lock_guard lock(mutex_);
    drop_locked(lease);
    return true;
  }
  keep(**stored);
  lease::Life decided = write.life;
  decided.version = write.expected_version + 1;
  if ((*stored)->life != decided) return true;
  for (const ports::OutboxRow& row : write.effects) parts_.work(row);
  parts_.publish_written(lease);
  return true;
}

LeaseBook::Handled LeaseBook::handle(const base::PublicKey& lease, const lease::Event& event) {
  if (!settle_doubt(lease)) return Handled::store_failed;
  for (int i = 0; i < kMaxTries; ++i) {
    auto record = find(lease);
    if (!record) {
      // Ended, unknown, or a quote that is being inserted right now.
      const auto stored = parts_.store.by_lease(lease);
      if (!stored) return Handled::store_failed;
      if (!*stored) return Handled::unknown;
      record = **stored;
      if (record->life.state == lease::State::ended) return Handled::ended;
    }
    if (const auto handled = try_once(*record, event)) return *handled;
  }
  parts_.log("The lease is changed by others all the time; gave up.", lease);
  return Handled::store_failed;
}

std::optional<LeaseBook::Handled> LeaseBook::try_once(const lease::Record& record,
                                                      const lease::Event& event) {
  lease::Decision decision = lease::step(record, event, parts_.context(record));
  if (decision.life == record.life && decision.effects.empty() && decision.notes.empty()) {
    return Handled::yes;
  }
  const base::UnixMillis now_ms = parts_.clock.now_ms();
  ports::LeaseWrite write{record.quote.lease, record.life.version, decision.life, {}, {}};
  for (const lease::Note& note : decision.notes) {
    write.events.push_back({0, record.quote.lease, now_ms, note.kind, note.message.substr(0, 400)});
  }
  write.effects = rows_of(decision, record, now_ms);
  const auto applied = parts_.store.apply(write);
  if (!applied) {
    parts_.log("The store failed: " + applied.error().message, write.lease);
    doubts_.insert_or_assign(record.quote.lease, std::move(write));
    return Handled::store_failed;
  }
  if (!*applied) {
    if (!reload(record.quote.lease)) return Handled::store_failed;
    return std::nullopt;
  }
  lease::Record now{record.quote, decision.life};
  now.life.version = record.life.version + 1;
  keep(now);
  for (const ports::OutboxRow& row : write.effects) parts_.work(row);
  parts_.publish(**applied, now);
  return Handled::yes;
}

}  // namespace obelisk::engine
