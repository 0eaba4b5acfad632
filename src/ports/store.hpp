// Store: what the market must remember over a restart. Every write is all or nothing and on disk
// when the call returns; every write of a lease is guarded by the version that it was decided on.
// It must never decide anything, and never be asked for what only the chain can know. Calls block
// and may come from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/lease/record.hpp"
#include "core/solana/attempt.hpp"
#include "ports/list_place.hpp"

namespace obelisk::ports {

// Something that happened to a lease, for people. `seq` grows over all leases and is never reused.
struct LeaseEventRow {
  std::uint64_t seq = 0;  // given by the store
  base::PublicKey lease;
  base::UnixMillis at_ms = 0;
  std::string kind;
  std::string message;

  bool operator==(const LeaseEventRow&) const = default;
};

// Work that was decided and must be done at least once. The same id is the same work.
struct OutboxRow {
  std::string id;
  base::PublicKey lease;
  std::string kind;
  std::string payload;
  base::UnixMillis due_ms = 0;
  std::uint32_t attempts = 0;
  // The transaction that was signed for it last, whose fate may not be known.
  std::optional<solana::Attempt> sent = {};

  bool operator==(const OutboxRow&) const = default;
};

// A card that a lease or an unexpired quote holds. Hosts name their cards, so both belong together.
struct HeldCard {
  base::PublicKey host;
  std::string uuid;

  auto operator<=>(const HeldCard&) const = default;
};

// A quote that nobody has paid yet, and what it holds.
struct OpenQuote {
  std::string id;
  base::PublicKey renter;
  std::string remote_address;
  std::string card;
  std::uint64_t count = 0;
  base::UnixSeconds expires_at_s = 0;

  bool operator==(const OpenQuote&) const = default;
};

// What a host offers, exactly as it signed it.
struct ListingRow {
  base::PublicKey host;
  std::string text;
  base::Signature signature;
  std::uint64_t seq = 0;

  bool operator==(const ListingRow&) const = default;
};

// One guarded step of a lease.
struct LeaseWrite {
  base::PublicKey lease;
  std::uint64_t expected_version = 0;
  // Its `version` is ignored: the store makes it expected_version + 1.
  lease::Life life;
  std::vector<LeaseEventRow> events;  // seq is ignored
  std::vector<OutboxRow> effects;
};

// Which ended leases: so many, from behind `after` on where it is given (a record's ended_ms and
// its lease's address), of one host where one is named.
struct EndedAsked {
  std::size_t limit = 0;
  std::optional<ListPlace> after = {};
  std::optional<base::PublicKey> host = {};
};

class Store {
 public:
  virtual ~Store() = default;

  // A new record in state `quoted`, holding its cards. Code::conflict: the lease address or the
  // quote id is taken, or one of its cards is held by another record of the same host; then nothing
  // is written.
  virtual base::Result<void> insert_quote(const lease::Quote& quote) = 0;

  // No record is an answer, not an error.
  virtual base::Result<std::optional<lease::Record>> by_lease(const base::PublicKey& lease) = 0;
  virtual base::Result<std::optional<lease::Record>> by_quote(std::string_view quote_id) = 0;
  // Newest first and then by address, quotes that nobody paid left out; those after `after` (a
  // record's created_ms and its lease's address) where it is given.
  virtual base::Result<std::vector<lease::Record>> by_renter(const base::PublicKey& renter,
                                                             const std::optional<ListPlace>& after,
                                                             std::size_t limit) = 0;
  // Everything that can still change: every state but `ended`.
  virtual base::Result<std::vector<lease::Record>> not_ended() = 0;
  // The last that ended first, quotes that nobody paid left out.
  virtual base::Result<std::vector<lease::Record>> ended(const EndedAsked& asked) = 0;
  // Every record that is not ended holds its cards.
  virtual base::Result<std::vector<HeldCard>> held_cards() = 0;
  // Records in state `quoted` that this wallet or this address asked for, at most 100: cards are
  // held for nobody for long.
  virtual base::Result<std::vector<OpenQuote>> open_quotes(const base::PublicKey& renter,
                                                           std::string_view remote_address) = 0;

  // Writes life, events and effects together, and lets go of the cards where the new state is
  // `ended`. The events as they were numbered; nothing where `expected_version` is stale: then
  // nothing was written, and the caller must read again and decide again. An effect whose id is
  // there already is left as it is.
  virtual base::Result<std::optional<std::vector<LeaseEventRow>>> apply(
      const LeaseWrite& write) = 0;

  // Forgets quotes that nobody paid and that ended before then, with their events; how many.
  virtual base::Result<std::uint64_t> forget_unpaid(base::UnixMillis ended_before_ms) = 0;

  // Those with a seq above `after_seq`, oldest first, at most 1000.
  virtual base::Result<std::vector<LeaseEventRow>> events_after(const base::PublicKey& lease,
                                                                std::uint64_t after_seq) = 0;

  // Work whose time has come, the longest due first.
  virtual base::Result<std::vector<OutboxRow>> outbox_due(base::UnixMillis now_ms,
                                                          std::size_t limit) = 0;
  // When the next work is due; nothing where there is none.
  virtual base::Result<std::optional<base::UnixMillis>> outbox_next_due_ms() = 0;
  // Harmless where the row is gone.
  virtual base::Result<void> outbox_done(std::string_view id) = 0;
  // What is about to be sent for it, in the place of what was before; nothing: that can change
  // nothing any more, and is forgotten. Code::not_found: the row is gone, and nothing may be sent
  // for it.
  virtual base::Result<void> outbox_sent(std::string_view id,
                                         const std::optional<solana::Attempt>& attempt) = 0;
  // To be done again at `due_ms`; counts the attempt.
  virtual base::Result<void> outbox_retry(std::string_view id, base::UnixMillis due_ms) = 0;

  // True where it was taken: a listing is replaced only by one with a larger seq.
  virtual base::Result<bool> put_listing(const ListingRow& listing) = 0;
  virtual base::Result<std::vector<ListingRow>> listings() = 0;

  // Adds to a named number that starts at 0 and says what it is now.
  virtual base::Result<std::uint64_t> add_to_counter(std::string_view name,
                                                     std::uint64_t amount) = 0;
};

}  // namespace obelisk::ports
