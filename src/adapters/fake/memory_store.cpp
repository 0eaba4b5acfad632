#include "adapters/fake/memory_store.hpp"

#include <algorithm>

namespace obelisk::fake {

using base::Result;
using lease::Record;

namespace {

base::Error conflict(const char* message) {
  return {base::Code::conflict, message, "Ask for a new quote.", 0};
}

}  // namespace

Result<void> MemoryStore::insert_quote(const lease::Quote& quote) {
  const std::lock_guard lock(mutex_);
  for (const auto& [address, record] : records_) {
    if (address == quote.lease || record.quote.id == quote.id) {
      return conflict("This quote or its lease address exists already.");
    }
  }
  for (const std::string& uuid : quote.card_uuids) {
    if (uuid.empty() || uuid.find('\n') != std::string::npos) {
      return base::Error{base::Code::invalid_input, "A card's name is empty or has a line break.",
                         "Report it: listings are checked before this.", 0};
    }
    if (held_.contains({quote.host, uuid})) {
      return conflict("Somebody else took this card a moment ago.");
    }
  }
  for (const std::string& uuid : quote.card_uuids) held_[{quote.host, uuid}] = quote.lease;
  records_[quote.lease] = Record{quote, {}};
  return {};
}

Result<std::optional<Record>> MemoryStore::by_lease(const base::PublicKey& lease) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(lease);
  if (found == records_.end()) return std::optional<Record>();
  return std::optional(found->second);
}

template <class Keep>
std::vector<Record> MemoryStore::select(Keep keep) const {
  std::vector<Record> out;
  for (const auto& [address, record] : records_) {
    if (keep(record)) out.push_back(record);
  }
  return out;
}

Result<std::optional<Record>> MemoryStore::by_quote(std::string_view quote_id) {
  const std::lock_guard lock(mutex_);
  const auto found = select([&](const Record& record) { return record.quote.id == quote_id; });
  if (found.empty()) return std::optional<Record>();
  return std::optional(found.front());
}

Result<std::vector<Record>> MemoryStore::by_renter(const base::PublicKey& renter,
                                                   const std::optional<ports::ListPlace>& after,
                                                   std::size_t limit) {
  const std::lock_guard lock(mutex_);
  const auto place = [](const Record& record) {
    return std::pair(-record.quote.created_ms, record.quote.lease.to_string());
  };
  auto out = select([&](const Record& record) {
    return record.quote.renter == renter && record.life.state != lease::State::quoted &&
           record.life.outcome != lease::Outcome::never_paid &&
           (!after || place(record) > std::pair(-after->at_ms, after->name));
  });
  std::ranges::sort(out, {}, place);
  if (out.size() > limit) out.resize(limit);
  return out;
}

Result<std::vector<Record>> MemoryStore::not_ended() {
  const std::lock_guard lock(mutex_);
  auto out = select([](const Record& record) { return record.life.state != lease::State::ended; });
  std::sort(out.begin(), out.end(), [](const Record& a, const Record& b) {
    return a.quote.created_ms < b.quote.created_ms;
  });
  return out;
}

Result<std::vector<Record>> MemoryStore::ended(const ports::EndedAsked& asked) {
  const std::lock_guard lock(mutex_);
  const auto is_behind = [&](const Record& record) {
    if (record.life.ended_ms != asked.after->at_ms) {
      return record.life.ended_ms < asked.after->at_ms;
    }
    return record.quote.lease.to_string() > asked.after->name;
  };
  auto out = select([&](const Record& record) {
    return record.life.state == lease::State::ended &&
           record.life.outcome != lease::Outcome::never_paid &&
           (!asked.host || record.quote.host == *asked.host) && (!asked.after || is_behind(record));
  });
  std::sort(out.begin(), out.end(), [](const Record& a, const Record& b) {
    if (a.life.ended_ms != b.life.ended_ms) return a.life.ended_ms > b.life.ended_ms;
    return a.quote.lease.to_string() < b.quote.lease.to_string();
  });
  if (out.size() > asked.limit) out.resize(asked.limit);
  return out;
}

Result<std::vector<ports::HeldCard>> MemoryStore::held_cards() {
  const std::lock_guard lock(mutex_);
  std::vector<ports::HeldCard> out;
  for (const auto& [card, lease] : held_) out.push_back(card);
  return out;
}

Result<std::vector<ports::OpenQuote>> MemoryStore::open_quotes(const base::PublicKey& renter,
                                                               std::string_view remote_address) {
  const std::lock_guard lock(mutex_);
  std::vector<ports::OpenQuote> out;
  for (const auto& [address, record] : records_) {
    const lease::Quote& quote = record.quote;
    if (record.life.state != lease::State::quoted || out.size() == 100) continue;
    if (quote.renter != renter && quote.remote_address != remote_address) continue;
    out.push_back({quote.id, quote.renter, quote.remote_address, quote.card, quote.count,
                   quote.expires_at_s});
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.expires_at_s > b.expires_at_s; });
  return out;
}

std::vector<Record> MemoryStore::first_logins(base::UnixMillis after_ms,
                                              base::UnixMillis until_ms) {
  const std::lock_guard lock(mutex_);
  auto out = select([&](const Record& record) {
    const lease::Life& life = record.life;
    return life.first_login_ms > 0 && life.first_login_ms > after_ms &&
           life.first_login_ms <= until_ms && life.confirmed_ms > 0 &&
           life.first_login_ms >= life.confirmed_ms;
  });
  std::sort(out.begin(), out.end(), [](const Record& a, const Record& b) {
    return a.life.first_login_ms < b.life.first_login_ms;
  });
  return out;
}

Result<std::optional<std::vector<ports::LeaseEventRow>>> MemoryStore::apply(
    const ports::LeaseWrite& write) {
  const std::lock_guard lock(mutex_);
  using Numbered = std::vector<ports::LeaseEventRow>;
  const auto found = records_.find(write.lease);
  if (found == records_.end()) return std::optional<Numbered>();
  if (found->second.life.version != write.expected_version) return std::optional<Numbered>();
  found->second.life = write.life;
  found->second.life.version = write.expected_version + 1;
  Numbered numbered;
  for (const ports::LeaseEventRow& event : write.events) {
    events_.push_back(event);
    events_.back().seq = ++last_seq_;
    numbered.push_back(events_.back());
  }
  for (const ports::OutboxRow& effect : write.effects) outbox_.emplace(effect.id, effect);
  if (write.life.state == lease::State::ended) {
    std::erase_if(held_, [&](const auto& held) { return held.second == write.lease; });
  }
  return std::optional(std::move(numbered));
}

Result<std::uint64_t> MemoryStore::forget_unpaid(base::UnixMillis ended_before_ms) {
  const std::lock_guard lock(mutex_);
  const auto old = select([&](const Record& record) {
    return record.life.state == lease::State::ended &&
           record.life.outcome == lease::Outcome::never_paid &&
           record.life.ended_ms < ended_before_ms;
  });
  for (const Record& record : old) {
    const base::PublicKey& address = record.quote.lease;
    std::erase_if(events_, [&](const auto& event) { return event.lease == address; });
    std::erase_if(outbox_, [&](const auto& row) { return row.second.lease == address; });
    records_.erase(address);
  }
  return old.size();
}

Result<std::vector<ports::LeaseEventRow>> MemoryStore::events_after(const base::PublicKey& lease,
                                                                    std::uint64_t after_seq) {
  const std::lock_guard lock(mutex_);
  std::vector<ports::LeaseEventRow> out;
  for (const ports::LeaseEventRow& event : events_) {
    if (event.lease == lease && event.seq > after_seq && out.size() < 1000) out.push_back(event);
  }
  return out;
}

Result<std::vector<ports::OutboxRow>> MemoryStore::outbox_due(base::UnixMillis now_ms,
                                                              std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<ports::OutboxRow> out;
  for (const auto& [id, row] : outbox_) {
    if (row.due_ms <= now_ms) out.push_back(row);
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.due_ms < b.due_ms; });
  if (out.size() > limit) out.resize(limit);
  return out;
}

Result<std::optional<base::UnixMillis>> MemoryStore::outbox_next_due_ms() {
  const std::lock_guard lock(mutex_);
  std::optional<base::UnixMillis> out;
  for (const auto& [id, row] : outbox_) {
    if (!out || row.due_ms < *out) out = row.due_ms;
  }
  return out;
}

Result<void> MemoryStore::outbox_done(std::string_view id) {
  const std::lock_guard lock(mutex_);
  if (const auto found = outbox_.find(id); found != outbox_.end()) outbox_.erase(found);
  return {};
}

Result<void> MemoryStore::outbox_sent(std::string_view id,
                                      const std::optional<solana::Attempt>& attempt) {
  const std::lock_guard lock(mutex_);
  const auto found = outbox_.find(id);
  if (found == outbox_.end()) {
    return base::Error{base::Code::not_found, "This work is no longer to be done.",
                       "Nothing is to be done.", 0};
  }
  found->second.sent = attempt;
  return {};
}

Result<void> MemoryStore::outbox_retry(std::string_view id, base::UnixMillis due_ms) {
  const std::lock_guard lock(mutex_);
  if (const auto found = outbox_.find(id); found != outbox_.end()) {
    found->second.due_ms = due_ms;
    ++found->second.attempts;
  }
  return {};
}

Result<bool> MemoryStore::put_listing(const ports::ListingRow& listing) {
  const std::lock_guard lock(mutex_);
  const auto found = listings_.find(listing.host);
  if (found != listings_.end() && found->second.seq >= listing.seq) return false;
  listings_[listing.host] = listing;
  return true;
}

Result<std::vector<ports::ListingRow>> MemoryStore::listings() {
  const std::lock_guard lock(mutex_);
  std::vector<ports::ListingRow> out;
  for (const auto& [host, listing] : listings_) out.push_back(listing);
  return out;
}

Result<std::uint64_t> MemoryStore::add_to_counter(std::string_view name, std::uint64_t amount) {
  const std::lock_guard lock(mutex_);
  return counters_[std::string(name)] += amount;
}

void MemoryStore::let_go_for_test(const base::PublicKey& host,
                                  const std::vector<std::string>& cards) {
  const std::lock_guard lock(mutex_);
  for (const std::string& card : cards) held_.erase({host, card});
}

void MemoryStore::hold_for_test(const lease::Quote& quote) {
  const std::lock_guard lock(mutex_);
  for (const std::string& card : quote.card_uuids) held_[{quote.host, card}] = quote.lease;
}

void MemoryStore::remove_for_test(const base::PublicKey& lease) {
  const std::lock_guard lock(mutex_);
  records_.erase(lease);
  std::erase_if(held_, [&](const auto& held) { return held.second == lease; });
}

}  // namespace obelisk::fake
