#include "apps/market/engine/lease_book.hpp"

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
  for (const lease::Record& record : records) live_[record.quote.lease] = record;
  return {};
}

base::Result<void> LeaseBook::insert(const lease::Quote& quote) {
  TRY_VOID(parts_.store.insert_quote(quote));
  const std::lock_guard lock(mutex_);
  // An event may have been quicker and read it from the store already.
  live_.try_emplace(quote.lease, lease::Record{quote, {}});
  return {};
}

std::optional<lease::Record> LeaseBook::find(const base::PublicKey& lease) const {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(lease);
  if (found == live_.end()) return std::nullopt;
  return found->second;
}

std::vector<lease::Record> LeaseBook::live() const {
  const std::lock_guard lock(mutex_);
  std::vector<lease::Record> out;
  out.reserve(live_.size());
  for (const auto& [address, record] : live_) out.push_back(record);
  return out;
}

std::vector<base::PublicKey> LeaseBook::live_addresses() const {
  const std::lock_guard lock(mutex_);
  std::vector<base::PublicKey> out;
  out.reserve(live_.size());
  for (const auto& [address, record] : live_) out.push_back(address);
  return out;
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
    live_.erase(record.quote.lease);
  } else {
    live_[record.quote.lease] = record;
  }
}

base::Result<void> LeaseBook::reload(const base::PublicKey& lease) {
  TRY(const auto found, parts_.store.by_lease(lease));
  if (found) {
    keep(*found);
  } else {
    const std::lock_guard lock(mutex_);
    live_.erase(lease);
  }
  return {};
}

LeaseBook::Handled LeaseBook::handle(const base::PublicKey& lease, const lease::Event& event) {
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
