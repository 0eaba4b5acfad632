#include "sim/store.hpp"

namespace obelisk::sim {
namespace {

using base::Result;

base::Error failed() {
  return {base::Code::internal, "The disk does not take it.", "Look at the disk.", 0};
}

}  // namespace

Result<void> SimStore::check() const {
  if (stage_.strikes(Ill::store_fails)) return failed();
  return {};
}

template <class Write>
auto SimStore::write(Write what) -> decltype(what()) {
  ++stage_.totals.events;
  if (stage_.strikes(Ill::store_busy)) stage_.pass(stage_.random.between(20, 3'000));
  if (const auto up = check(); !up) return up.error();
  const bool dies = writes_left_ == 0;
  if (writes_left_ >= 0) --writes_left_;
  if (dies && stage_.random.percent(50)) throw Crash{};
  auto done = what();
  if (dies) throw Crash{};
  if (stage_.strikes(Ill::store_mute)) return failed();
  return done;
}

Result<void> SimStore::insert_quote(const lease::Quote& quote) {
  return write([&] {
    if (stage_.is_planted(Plant::double_holds_card)) {
      let_go_for_test(quote.host, quote.card_uuids);
    }
    auto done = MemoryStore::insert_quote(quote);
    if (done) quotes_[quote.lease] = quote;
    return done;
  });
}

Result<std::optional<lease::Record>> SimStore::by_lease(const base::PublicKey& lease) {
  TRY_VOID(check());
  return MemoryStore::by_lease(lease);
}

Result<std::optional<lease::Record>> SimStore::by_quote(std::string_view quote_id) {
  TRY_VOID(check());
  return MemoryStore::by_quote(quote_id);
}

Result<std::vector<lease::Record>> SimStore::not_ended() {
  TRY_VOID(check());
  return MemoryStore::not_ended();
}

Result<std::vector<ports::HeldCard>> SimStore::held_cards() {
  TRY_VOID(check());
  if (stage_.is_planted(Plant::double_holds_card)) return std::vector<ports::HeldCard>();
  return MemoryStore::held_cards();
}

Result<std::optional<std::vector<ports::LeaseEventRow>>> SimStore::apply(
    const ports::LeaseWrite& given) {
  return write([&]() -> Result<std::optional<std::vector<ports::LeaseEventRow>>> {
    if (stage_.plant == Plant::none) return MemoryStore::apply(given);
    ports::LeaseWrite changed = given;
    const bool ends = given.life.state == lease::State::ended;
    if (stage_.is_planted(Plant::forgets_outbox_row) && !changed.effects.empty()) {
      changed.effects.pop_back();
    }
    if (stage_.is_planted(Plant::settles_unproven) &&
        given.life.outcome == lease::Outcome::host_dark) {
      changed.life.attestation.reset();
    }
    if (stage_.is_planted(Plant::ends_unproven) && !ends &&
        given.life.outcome == lease::Outcome::ran_to_the_end) {
      changed.life.attestation.reset();
    }
    if (stage_.is_planted(Plant::wrong_amounts) && ends && changed.life.host_lamports) {
      ++changed.life.host_lamports->count;
    }
    const auto record = MemoryStore::by_lease(given.lease);
    auto done = MemoryStore::apply(changed);
    if (stage_.is_planted(Plant::keeps_cards) && ends && *record) {
      hold_for_test((*record)->quote);
    }
    if (stage_.is_planted(Plant::forgets_payment) && given.life.state == lease::State::starting &&
        stage_.plant_random.percent(50)) {
      remove_for_test(given.lease);
    }
    if (stage_.is_planted(Plant::frees_cards_early) && *record &&
        given.life.state == lease::State::active) {
      let_go_for_test((*record)->quote.host, (*record)->quote.card_uuids);
    }
    return done;
  });
}

Result<std::uint64_t> SimStore::forget_unpaid(base::UnixMillis ended_before_ms) {
  return write([&] { return MemoryStore::forget_unpaid(ended_before_ms); });
}

Result<std::vector<ports::OutboxRow>> SimStore::outbox_due(base::UnixMillis now_ms,
                                                           std::size_t limit) {
  TRY_VOID(check());
  return MemoryStore::outbox_due(now_ms, limit);
}

Result<void> SimStore::outbox_done(std::string_view id) {
  return write([&] { return MemoryStore::outbox_done(id); });
}

Result<void> SimStore::outbox_sent(std::string_view id,
                                   const std::optional<solana::Attempt>& attempt) {
  return write([&] { return MemoryStore::outbox_sent(id, attempt); });
}

Result<void> SimStore::outbox_retry(std::string_view id, base::UnixMillis due_ms) {
  return write([&] { return MemoryStore::outbox_retry(id, due_ms); });
}

Result<bool> SimStore::put_listing(const ports::ListingRow& listing) {
  return write([&] { return MemoryStore::put_listing(listing); });
}

}  // namespace obelisk::sim
