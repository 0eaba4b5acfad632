#include "core/index/fold.hpp"

#include <algorithm>

#include "core/escrow/arithmetic.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::index {
namespace {

using escrow::State;
using escrow::Tag;

std::optional<base::Lamports> price_of(const std::optional<base::Lamports>& rate,
                                       const std::optional<std::uint32_t>& seconds) {
  std::uint64_t out = 0;
  if (!rate || !seconds || !escrow::price(rate->count, *seconds, out)) return std::nullopt;
  return base::Lamports{out};
}

void distrust(LeaseRow& row) {
  row.whole = false;
  row.to_host.reset();
  row.to_treasury.reset();
  row.to_renter.reset();
}

void add_to(LeaseRow& row, std::optional<base::Lamports>& sum,
            const std::optional<base::Lamports>& amount) {
  if (!row.whole) return;
  const auto more = sum && amount ? base::checked_add(*sum, *amount) : std::nullopt;
  if (!more) return distrust(row);
  sum = more;
}

std::optional<base::Lamports> all_paid_out(const LeaseRow& row) {
  if (!row.to_host || !row.to_treasury || !row.to_renter) return std::nullopt;
  const auto earned = base::checked_add(*row.to_host, *row.to_treasury);
  return earned ? base::checked_add(*earned, *row.to_renter) : std::nullopt;
}

// What was put in has to have come out: less, and an event is missing. More is dust that somebody
// sent to the address.
void check_close(LeaseRow& row) {
  const auto out = all_paid_out(row);
  const auto in = row.paid ? base::checked_add(*row.paid, {escrow::kBondLamports}) : std::nullopt;
  if (out && in && *out < *in) distrust(row);
}

void close_unseen(LeaseRow& row) {
  row.state = State::closed;
  row.vault = base::Lamports{0};
  distrust(row);
}

// The state after a step that left no event: as much as its kind alone says.
State state_after(Tag tag, State before) {
  switch (tag) {
    case Tag::open: return State::funded;
    case Tag::ready:
    case Tag::extend: return State::active;
    case Tag::cancel: return State::closed;
    case Tag::create_market:
    case Tag::update_market:
    case Tag::claim:
    case Tag::stop:
    case Tag::finish: return before;
  }
  return before;
}

class Fold {
 public:
  explicit Fold(const base::PublicKey& lease) : lease_(lease) {}

  void add(const StepRow& step) {
    if (!step.tag) return;
    if (*step.tag == Tag::open) {
      begin(step);
    } else if (rows_.empty() || rows_.back().state == State::closed) {
      begin_unknown();
    }
    LeaseRow& row = rows_.back();
    ++row.steps;
    row.last_slot = step.slot;
    take_parties(row, step);
    take_terms(row, step);
    take_event(row, step);
    if (*step.tag == Tag::ready) {
      row.ready_signature = step.signature;
      if (step.logged) row.started_at_s = step.proven_until_s;
    }
    if (row.state == State::closed) {
      row.close_signature = step.signature;
      row.closed_at_s = step.block_time_s;
      row.vault = base::Lamports{0};
      check_close(row);
    }
  }

  std::vector<LeaseRow> take() && { return std::move(rows_); }

 private:
  LeaseRow& append(std::uint64_t opened_slot) {
    LeaseRow row;
    row.lease = lease_;
    row.opened_slot = opened_slot;
    row.opening = static_cast<std::uint32_t>(
        std::count_if(rows_.begin(), rows_.end(),
                      [&](const LeaseRow& known) { return known.opened_slot == opened_slot; }));
    rows_.push_back(row);
    return rows_.back();
  }

  void begin(const StepRow& step) {
    // The address was free, so what was there before had closed.
    if (!rows_.empty() && rows_.back().state != State::closed) close_unseen(rows_.back());
    LeaseRow& row = append(step.slot);
    row.whole = true;
    row.to_host = row.to_treasury = row.to_renter = base::Lamports{0};
    row.open_signature = step.signature;
    row.opened_at_s = step.block_time_s;
    row.nonce = step.nonce;
    row.rate_per_hour = step.rate_per_hour;
    row.max_seconds = step.max_seconds;
    row.terms_hash = step.terms_hash;
  }

  void begin_unknown() { append(0); }

  static void take_parties(LeaseRow& row, const StepRow& step) {
    if (!row.market) row.market = step.market;
    if (!row.renter) row.renter = step.renter;
    if (!row.host) row.host = step.host;
  }

  static void take_terms(LeaseRow& row, const StepRow& step) {
    if (*step.tag != Tag::open && *step.tag != Tag::extend) return;
    row.seconds = step.seconds;
    row.paid = price_of(row.rate_per_hour, row.seconds);
  }

  static void take_event(LeaseRow& row, const StepRow& step) {
    if (!step.logged) {
      row.state = state_after(*step.tag, row.state);
      return distrust(row);
    }
    row.state = step.state.value_or(row.state);
    add_to(row, row.to_host, step.to_host);
    add_to(row, row.to_treasury, step.to_treasury);
    add_to(row, row.to_renter, step.to_renter);
    row.proven_until_s = step.proven_until_s.value_or(row.proven_until_s);
    row.stopped_at_s = step.stopped_at_s.value_or(row.stopped_at_s);
  }

  const base::PublicKey lease_;
  std::vector<LeaseRow> rows_;
};

}  // namespace

std::vector<LeaseRow> fold(const base::PublicKey& lease, std::vector<StepRow> steps) {
  std::ranges::sort(steps, {}, &StepRow::key);
  const auto same = [](const StepRow& a, const StepRow& b) { return a.key() == b.key(); };
  steps.erase(std::unique(steps.begin(), steps.end(), same), steps.end());
  Fold out(lease);
  for (const StepRow& step : steps) out.add(step);
  return std::move(out).take();
}

LeaseRow lay_over(LeaseRow row, const Reading& reading) {
  if (row.state == State::closed || reading.slot < row.last_slot) return row;
  const bool opening_known = row.opened_slot != 0;
  if (!reading.lease || (opening_known && reading.lease->opened_slot > row.opened_slot)) {
    close_unseen(row);
    return row;
  }
  const escrow::Lease& account = *reading.lease;
  if (opening_known && account.opened_slot < row.opened_slot) return row;
  row.market = escrow::to_public_key(account.market);
  row.renter = escrow::to_public_key(account.renter);
  row.host = escrow::to_public_key(account.host);
  row.nonce = account.nonce;
  row.rate_per_hour = base::Lamports{account.rate};
  row.max_seconds = account.max_seconds;
  row.terms_hash = escrow::to_hash(account.terms_hash);
  row.seconds = account.seconds;
  row.paid = price_of(row.rate_per_hour, row.seconds);
  row.state = account.state;
  row.proven_until_s = account.proven_until;
  row.stopped_at_s = account.stopped_at;
  row.vault = reading.lamports;
  // Only our program moves `released`: where the events say another sum, one is missing.
  const auto released = row.to_host && row.to_treasury
                            ? base::checked_add(*row.to_host, *row.to_treasury)
                            : std::nullopt;
  if (row.whole && released != base::Lamports{account.released}) distrust(row);
  return row;
}

}  // namespace obelisk::index
