// The Store in memory, for tests and the simulator. It keeps every promise of the port but the one
// about disks; tests/conformance holds it to the same suite as the real ones.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "ports/store.hpp"

namespace obelisk::fake {

class MemoryStore : public ports::Store {
 public:
  base::Result<void> insert_quote(const lease::Quote& quote) override;
  base::Result<std::optional<lease::Record>> by_lease(const base::PublicKey& lease) override;
  base::Result<std::optional<lease::Record>> by_quote(std::string_view quote_id) override;
  base::Result<std::vector<lease::Record>> by_renter(const base::PublicKey& renter,
                                                     const std::optional<ports::ListPlace>& after,
                                                     std::size_t limit) override;
  base::Result<std::vector<lease::Record>> not_ended() override;
  base::Result<std::vector<lease::Record>> ended(const ports::EndedAsked& asked) override;
  base::Result<std::vector<ports::HeldCard>> held_cards() override;
  base::Result<std::vector<ports::OpenQuote>> open_quotes(const base::PublicKey& renter,
                                                          std::string_view remote_address) override;
  base::Result<std::optional<std::vector<ports::LeaseEventRow>>> apply(
      const ports::LeaseWrite& write) override;
  base::Result<std::uint64_t> forget_unpaid(base::UnixMillis ended_before_ms) override;
  base::Result<std::vector<ports::LeaseEventRow>> events_after(const base::PublicKey& lease,
                                                               std::uint64_t after_seq) override;
  base::Result<std::vector<ports::OutboxRow>> outbox_due(base::UnixMillis now_ms,
                                                         std::size_t limit) override;
  base::Result<std::optional<base::UnixMillis>> outbox_next_due_ms() override;
  base::Result<void> outbox_done(std::string_view id) override;
  base::Result<void> outbox_sent(std::string_view id,
                                 const std::optional<solana::Attempt>& attempt) override;
  base::Result<void> outbox_retry(std::string_view id, base::UnixMillis due_ms) override;
  base::Result<bool> put_listing(const ports::ListingRow& listing) override;
  base::Result<std::vector<ports::ListingRow>> listings() override;
  base::Result<std::uint64_t> add_to_counter(std::string_view name, std::uint64_t amount) override;

  // Whose first login is in after_ms < time <= until_ms, for the MemoryHistoryStore beside this.
  std::vector<lease::Record> first_logins(base::UnixMillis after_ms, base::UnixMillis until_ms);

  // For who checks from outside, while nobody calls: everything as it stands.
  const std::map<base::PublicKey, lease::Record>& records() const { return records_; }
  const std::map<ports::HeldCard, base::PublicKey>& held() const { return held_; }
  std::size_t outbox_size() const { return outbox_.size(); }

 protected:
  // For stores that do wrong on purpose.
  void let_go_for_test(const base::PublicKey& host, const std::vector<std::string>& cards);
  void hold_for_test(const lease::Quote& quote);
  void remove_for_test(const base::PublicKey& lease);

 private:
  template <class Keep>
  std::vector<lease::Record> select(Keep keep) const;

  std::mutex mutex_;
  std::map<base::PublicKey, lease::Record> records_;
  std::map<ports::HeldCard, base::PublicKey> held_;
  std::vector<ports::LeaseEventRow> events_;
  std::uint64_t last_seq_ = 0;
  std::map<std::string, ports::OutboxRow, std::less<>> outbox_;
  std::map<base::PublicKey, ports::ListingRow> listings_;
  std::map<std::string, std::uint64_t, std::less<>> counters_;
};

}  // namespace obelisk::fake
