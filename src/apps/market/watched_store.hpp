// A Store that tells what becomes of cards: every quote that is written down and every step of a
// lease. What failed may be written all the same: it is told of when its lease is next read. It
// must never change what a call does or answers, nor tell of what was not written.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "ports/store.hpp"

namespace obelisk::market_app {

struct StoreEvents {
  std::function<void(const lease::Quote&)> quoted;
  std::function<void(const base::PublicKey& lease, const lease::Life&)> stepped;
  std::function<void(const ports::LeaseWrite&)> wrote = {};
};

class WatchedStore final : public ports::Store {
 public:
  // `real` must outlive it.
  explicit WatchedStore(ports::Store& real) : real_(real) {}
  // Before other threads use it.
  void tell(StoreEvents events) { events_ = std::move(events); }

  base::Result<void> insert_quote(const lease::Quote& quote) override;
  base::Result<std::optional<std::vector<ports::LeaseEventRow>>> apply(
      const ports::LeaseWrite& write) override;

  base::Result<std::optional<lease::Record>> by_lease(const base::PublicKey& lease) override;
  base::Result<std::optional<lease::Record>> by_quote(std::string_view quote_id) override {
    return real_.by_quote(quote_id);
  }
  base::Result<std::vector<lease::Record>> by_renter(const base::PublicKey& renter,
                                                     const std::optional<ports::ListPlace>& after,
                                                     std::size_t limit) override {
    return real_.by_renter(renter, after, limit);
  }
  base::Result<std::vector<lease::Record>> not_ended() override { return real_.not_ended(); }
  base::Result<std::vector<lease::Record>> ended(const ports::EndedAsked& asked) override {
    return real_.ended(asked);
  }
  base::Result<std::vector<ports::HeldCard>> held_cards() override { return real_.held_cards(); }
  base::Result<std::vector<ports::OpenQuote>> open_quotes(
      const base::PublicKey& renter, std::string_view remote_address) override {
    return real_.open_quotes(renter, remote_address);
  }
  base::Result<std::uint64_t> forget_unpaid(base::UnixMillis ended_before_ms) override {
    return real_.forget_unpaid(ended_before_ms);
  }
  base::Result<std::vector<ports::LeaseEventRow>> events_after(const base::PublicKey& lease,
                                                               std::uint64_t after_seq) override {
    return real_.events_after(lease, after_seq);
  }
  base::Result<std::vector<ports::OutboxRow>> outbox_due(base::UnixMillis now_ms,
                                                         std::size_t limit) override {
    return real_.outbox_due(now_ms, limit);
  }
  base::Result<std::optional<base::UnixMillis>> outbox_next_due_ms() override {
    return real_.outbox_next_due_ms();
  }
  base::Result<void> outbox_done(std::string_view id) override { return real_.outbox_done(id); }
  base::Result<void> outbox_sent(std::string_view id,
                                 const std::optional<solana::Attempt>& attempt) override {
    return real_.outbox_sent(id, attempt);
  }
  base::Result<void> outbox_retry(std::string_view id, base::UnixMillis due_ms) override {
    return real_.outbox_retry(id, due_ms);
  }
  base::Result<bool> put_listing(const ports::ListingRow& listing) override {
    return real_.put_listing(listing);
  }
  base::Result<std::vector<ports::ListingRow>> listings() override { return real_.listings(); }
  base::Result<std::uint64_t> add_to_counter(std::string_view name, std::uint64_t amount) override {
    return real_.add_to_counter(name, amount);
  }

 private:
  struct Doubt {
    bool quote = false;  // whether it is there at all; else only how it stands
  };

  ports::Store& real_;
  StoreEvents events_;
  std::mutex mutex_;
  std::map<base::PublicKey, Doubt> doubts_;  // guarded by mutex_
};

}  // namespace obelisk::market_app
