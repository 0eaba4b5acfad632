#include "adapters/crash/crashing_store.hpp"

namespace obelisk::crash {

using base::Result;

Result<void> CrashingStore::insert_quote(const lease::Quote& quote) {
  point_.hit("store.insert_quote");
  return real_->insert_quote(quote);
}

Result<std::optional<lease::Record>> CrashingStore::by_lease(const base::PublicKey& lease) {
  point_.hit("store.by_lease");
  return real_->by_lease(lease);
}

Result<std::optional<lease::Record>> CrashingStore::by_quote(std::string_view quote_id) {
  point_.hit("store.by_quote");
  return real_->by_quote(quote_id);
}

Result<std::vector<lease::Record>> CrashingStore::by_renter(
    const base::PublicKey& renter, const std::optional<ports::ListPlace>& after,
    std::size_t limit) {
  point_.hit("store.by_renter");
  return real_->by_renter(renter, after, limit);
}

Result<std::vector<lease::Record>> CrashingStore::not_ended() {
  point_.hit("store.not_ended");
  return real_->not_ended();
}

Result<std::vector<lease::Record>> CrashingStore::ended(const ports::EndedAsked& asked) {
  point_.hit("store.ended");
  return real_->ended(asked);
}

Result<std::vector<ports::HeldCard>> CrashingStore::held_cards() {
  point_.hit("store.held_cards");
  return real_->held_cards();
}

Result<std::vector<ports::OpenQuote>> CrashingStore::open_quotes(const base::PublicKey& renter,
                                                                 std::string_view remote_address) {
  point_.hit("store.open_quotes");
  return real_->open_quotes(renter, remote_address);
}

Result<std::optional<std::vector<ports::LeaseEventRow>>> CrashingStore::apply(
    const ports::LeaseWrite& write) {
  point_.hit("store.apply");
  return real_->apply(write);
}

Result<std::uint64_t> CrashingStore::forget_unpaid(base::UnixMillis ended_before_ms) {
  point_.hit("store.forget_unpaid");
  return real_->forget_unpaid(ended_before_ms);
}

Result<std::vector<ports::LeaseEventRow>> CrashingStore::events_after(const base::PublicKey& lease,
                                                                      std::uint64_t after_seq) {
  point_.hit("store.events_after");
  return real_->events_after(lease, after_seq);
}

Result<std::vector<ports::OutboxRow>> CrashingStore::outbox_due(base::UnixMillis now_ms,
                                                                std::size_t limit) {
  point_.hit("store.outbox_due");
  return real_->outbox_due(now_ms, limit);
}

Result<std::optional<base::UnixMillis>> CrashingStore::outbox_next_due_ms() {
  point_.hit("store.outbox_next_due_ms");
  return real_->outbox_next_due_ms();
}

Result<void> CrashingStore::outbox_done(std::string_view id) {
  point_.hit("store.outbox_done");
  return real_->outbox_done(id);
}

Result<void> CrashingStore::outbox_retry(std::string_view id, base::UnixMillis due_ms) {
  point_.hit("store.outbox_retry");
  return real_->outbox_retry(id, due_ms);
}

Result<void> CrashingStore::outbox_sent(std::string_view id,
                                        const std::optional<solana::Attempt>& attempt) {
  point_.hit("store.outbox_sent");
  return real_->outbox_sent(id, attempt);
}

Result<bool> CrashingStore::put_listing(const ports::ListingRow& listing) {
  point_.hit("store.put_listing");
  return real_->put_listing(listing);
}

Result<std::vector<ports::ListingRow>> CrashingStore::listings() {
  point_.hit("store.listings");
  return real_->listings();
}

Result<std::uint64_t> CrashingStore::add_to_counter(std::string_view name, std::uint64_t amount) {
  point_.hit("store.add_to_counter");
  return real_->add_to_counter(name, amount);
}

}  // namespace obelisk::crash
