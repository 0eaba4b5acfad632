#include "program/differential/story.hpp"

#include "core/escrow/codec.hpp"
#include "program/differential/acts.hpp"
#include "program/differential/spoil.hpp"

namespace obelisk::differential {
namespace {

constexpr std::uint64_t kPlenty = 5'000'000'000'000'000;  // more than any lease costs
constexpr std::uint64_t kLittle = 2'000'000;
constexpr std::int64_t kStart = 1'800'000'000;
constexpr std::uint64_t kFirstSlot = 400'000'000;

// How often each row is tried, by what is at the address: create_market, update_market, open,
// ready, cancel by the renter and by anyone, extend, claim, the four stops, finish.
constexpr unsigned kRows[4][13] = {
    {4, 6, 66, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2},       // nothing
    {1, 5, 6, 60, 6, 9, 4, 5, 5, 5, 5, 4, 4},       // FUNDED
    {1, 5, 7, 6, 4, 4, 18, 30, 5, 8, 5, 8, 9},      // ACTIVE
    {1, 5, 14, 9, 9, 8, 8, 26, 10, 9, 10, 13, 16},  // CLOSING
};
// In a hundred, how often an instruction is bent. A lease that is bent at lives on: the states that
// are reached least are bent at most.
constexpr unsigned kSpoiled[4] = {14, 26, 28, 50};

Row draw_row(Random& random, Found found) {
  return static_cast<Row>(random.weighted(kRows[static_cast<std::size_t>(found)]));
}

// A moment at which something begins or ceases to be allowed.
std::int64_t edge_of(Random& random, const escrow::Lease& lease) {
  const std::int64_t end = lease.started_at + lease.seconds;
  switch (lease.state) {
    case escrow::State::funded: return lease.opened_at + lease.ready_deadline_s;
    case escrow::State::active:
      if (random.percent(40)) return lease.proven_until + lease.gap_limit_s;
      return end;
    case escrow::State::closing: return lease.window_ends;
    case escrow::State::closed: break;
  }
  return 0;
}

}  // namespace

Story::Story(const base::PublicKey& program, std::uint64_t seed)
    : seed_(seed), cast_(program, seed), ledger_(program) {
  Random random(seed, 0x5704);
  ledger_.now = kStart + static_cast<std::int64_t>(random.below(100'000));
  ledger_.slot = kFirstSlot + random.below(100'000);
  length_ = 12 + random.below(25);
  cast_.enter(ledger_, random);
}

void Story::pass_time(Random& random, const std::optional<escrow::Lease>& lease,
                      std::string& text) {
  if (random.percent(15)) return;  // the same slot
  ledger_.slot += 1 + random.below(3);
  const std::int64_t before = ledger_.now;
  const std::int64_t edge = lease ? edge_of(random, *lease) + random.between(-1, 1) : 0;
  const bool waits = lease && lease->state == escrow::State::funded;
  if (edge > ledger_.now && random.percent(waits ? 15 : 30)) {
    ledger_.now = edge;
  } else {
    ledger_.now += waits ? random.between(0, 12)
                         : random.one_of<std::int64_t>({0, 1, 7, 29, random.between(0, 400)});
  }
  if (ledger_.now != before) text += "+" + std::to_string(ledger_.now - before) + " s: ";
}

// What would keep every opening from succeeding is not left so for long. Nothing, most of the time.
Transaction Story::mend(const Stage& stage, const LeaseSeat& seat, const MarketSeat& market,
                        std::string& text) const {
  const auto terms = stage.market_at(market);
  if (!terms) return act(stage, Row::create_market, seat, market, text);
  const base::PublicKey attestor = escrow::to_public_key(terms->attestor);
  const base::PublicKey treasury = escrow::to_public_key(terms->treasury);
  const bool odd = attestor == cast_.renters[0] || attestor == cast_.renters[1] ||
                   treasury == cast_.hosts[0] || treasury == cast_.hosts[1];
  if (terms->paused != 0 || odd) return act(stage, Row::update_market, seat, market, text);
  for (const base::PublicKey& wallet : {cast_.hosts[0], cast_.treasuries[0]}) {
    if (ledger_.at(wallet).lamports == 0) return fill(stage, wallet, text);
  }
  if (ledger_.at(seat.renter).lamports < kPlenty) return fill(stage, seat.renter, text);
  return {};
}

Transaction Story::choose(Random& random, std::string& text) {
  const LeaseSeat& seat = cast_.leases[random.weighted({70, 15, 15})];
  const MarketSeat& market = cast_.markets[random.percent(92) ? 0 : 1];
  const Stage stage = {random, cast_, ledger_};
  const auto lease = stage.lease_at(seat);
  pass_time(random, lease, text);
  const Found found = ledger_.lease_at(seat.address.key);
  if (found == Found::none && random.percent(65)) {
    Transaction mended = mend(stage, seat, market, text);
    if (!mended.empty() && mended.back().row != Row::other && random.percent(10)) {
      text += std::string(", ") + spoil(random, cast_, mended.back());
    }
    if (!mended.empty()) return mended;
  }
  if (random.percent(lease ? 15 : 6)) return move_lamports(stage, seat, text);
  Row row = draw_row(random, found);
  const bool late =
      found == Found::funded && ledger_.now > lease->opened_at + lease->ready_deadline_s;
  if (late && random.percent(60)) row = Row::cancel_anyone;
  const bool poor = found == Found::active && ledger_.at(seat.renter).lamports < kLittle;
  if (poor && random.percent(40)) row = Row::extend;
  const bool unpaid = found == Found::active && stage.is_empty(lease->host);
  if (unpaid && random.percent(50)) row = Row::claim;
  Transaction all = act(stage, row, seat, market, text);
  if (random.percent(kSpoiled[static_cast<std::size_t>(found)])) {
    text += std::string(", ") + spoil(random, cast_, all.back());
    if (random.percent(20)) text += std::string(", ") + spoil(random, cast_, all.back());
  }
  if (!random.percent(12)) return all;
  // More in the same transaction, made for what the first part leaves.
  Ledger after = ledger_;
  after.run(all);
  const Stage next = {random, cast_, after};
  text += "; ";
  const Row second = draw_row(random, after.lease_at(seat.address.key));
  for (Act& more : act(next, second, seat, market, text)) all.push_back(std::move(more));
  return all;
}

Step Story::run(std::uint64_t index) {
  Random random(seed_, index);
  Step step;
  step.transaction = choose(random, step.text);
  // Terms and leases can name anybody; only who has a key signs.
  for (Act& act : step.transaction) {
    for (escrow::CallAccount& account : act.call.accounts) {
      account.is_signer = account.is_signer && cast_.can_sign(account.key);
    }
  }
  step.verdict = ledger_.run(step.transaction);
  return step;
}

}  // namespace obelisk::differential
