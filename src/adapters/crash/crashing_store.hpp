// A Store whose every call is a crash point first. It must never change what a call does or
// answers.
#pragma once

#include <memory>

#include "adapters/crash/crash_point.hpp"
#include "ports/store.hpp"

namespace obelisk::crash {

class CrashingStore final : public ports::Store {
 public:
  CrashingStore(std::unique_ptr<ports::Store> real, CrashPoint& point)
      : real_(std::move(real)), point_(point) {}

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
  base::Result<void> outbox_retry(std::string_view id, base::UnixMillis due_ms) override;
  base::Result<void> outbox_sent(std::string_view id,
                                 const std::optional<solana::Attempt>& attempt) override;
  base::Result<bool> put_listing(const ports::ListingRow& listing) override;
  base::Result<std::vector<ports::ListingRow>> listings() override;
  base::Result<std::uint64_t> add_to_counter(std::string_view name, std::uint64_t amount) override;

 private:
  const std::unique_ptr<ports::Store> real_;
  CrashPoint& point_;
};

}  // namespace obelisk::crash
