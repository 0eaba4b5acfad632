// The market's store in a simulated world: keeps every promise of the port, but is busy, fails and
// dies at any write, before it or after it. It must never keep half of a write, unless a fault is
// planted.
#pragma once

#include "adapters/fake/memory_store.hpp"
#include "sim/stage.hpp"

namespace obelisk::sim {

class SimStore final : public fake::MemoryStore {
 public:
  explicit SimStore(Stage& stage) : stage_(stage) {}

  // The market dies at the n-th write from now.
  void die_in(std::int64_t writes) { writes_left_ = writes; }
  void live_on() { writes_left_ = -1; }
  // All that were ever written, those that were forgotten too.
  const std::map<base::PublicKey, lease::Quote>& quotes() const { return quotes_; }

  base::Result<void> insert_quote(const lease::Quote& quote) override;
  base::Result<std::optional<lease::Record>> by_lease(const base::PublicKey& lease) override;
  base::Result<std::optional<lease::Record>> by_quote(std::string_view quote_id) override;
  base::Result<std::vector<lease::Record>> not_ended() override;
  base::Result<std::vector<ports::HeldCard>> held_cards() override;
  base::Result<std::optional<std::vector<ports::LeaseEventRow>>> apply(
      const ports::LeaseWrite& write) override;
  base::Result<std::uint64_t> forget_unpaid(base::UnixMillis ended_before_ms) override;
  base::Result<std::vector<ports::OutboxRow>> outbox_due(base::UnixMillis now_ms,
                                                         std::size_t limit) override;
  base::Result<void> outbox_done(std::string_view id) override;
  base::Result<void> outbox_sent(std::string_view id,
                                 const std::optional<solana::Attempt>& attempt) override;
  base::Result<void> outbox_retry(std::string_view id, base::UnixMillis due_ms) override;
  base::Result<bool> put_listing(const ports::ListingRow& listing) override;

 private:
  template <class Write>
  auto write(Write what) -> decltype(what());
  base::Result<void> check() const;

  Stage& stage_;
  std::int64_t writes_left_ = -1;
  std::map<base::PublicKey, lease::Quote> quotes_;
};

}  // namespace obelisk::sim
