#include "program/differential/acts.hpp"

#include <algorithm>

#include "core/escrow/bounds.hpp"
#include "core/escrow/codec.hpp"
#include "program/differential/proof.hpp"

namespace obelisk::differential {
namespace {

using base::PublicKey;
using escrow::Lease;

template <class T>
T near_edge(Random& random, T low, T high) {
  switch (random.below(8)) {
    case 0: return static_cast<T>(low - 1);
    case 1: return low;
    case 2: return high;
    case 3: return static_cast<T>(high + 1);
    default: return static_cast<T>(low + random.below(high - low + 1));
  }
}

escrow::MarketTerms good_terms(Random& random, const Cast& cast, bool pausing) {
  escrow::MarketTerms terms{};
  terms.paused = random.percent(pausing ? 35 : 8);
  terms.fee_bps = random.one_of<std::uint16_t>({0, 0, 1, 250, 333, 999, 1000});
  terms.ready_deadline_s = random.one_of<std::uint32_t>({30, 60, 61, 600});
  terms.gap_limit_s = random.one_of<std::uint32_t>({60, 180, 181, 600});
  terms.claim_window_s = random.one_of<std::uint32_t>({600, 21'600, 86'400});
  terms.attestor = escrow::to_key(cast.attestors[random.percent(80) ? 0 : 1]);
  return terms;
}

escrow::MarketTerms draw_terms(Random& random, const Cast& cast, bool pausing) {
  escrow::MarketTerms terms = good_terms(random, cast, pausing);
  if (random.percent(3)) terms.attestor = escrow::to_key(random.pick(cast.renters));
  if (!random.percent(15)) return terms;
  switch (random.below(5)) {
    case 0: terms.paused = static_cast<std::uint8_t>(2 + random.below(254)); break;
    case 1: terms.fee_bps = near_edge<std::uint16_t>(random, 0, escrow::kMaxFeeBps); break;
    case 2:
      terms.ready_deadline_s =
          near_edge(random, escrow::kMinReadyDeadlineS, escrow::kMaxReadyDeadlineS);
      break;
    case 3:
      terms.gap_limit_s = near_edge(random, escrow::kMinGapLimitS, escrow::kMaxGapLimitS);
      break;
    default:
      terms.claim_window_s = near_edge(random, escrow::kMinClaimWindowS, escrow::kMaxClaimWindowS);
  }
  return terms;
}

PublicKey draw_treasury(Random& random, const Cast& cast) {
  if (random.percent(3)) return random.pick(cast.hosts);
  return cast.treasuries[random.percent(80) ? 0 : 1];
}

std::uint64_t draw_rate(Random& random) {
  switch (random.below(10)) {
    case 0: return random.one_of<std::uint64_t>({1, 59, 60, 3599, 3600, 3601});
    case 1: return escrow::kMaxRate - random.below(3);
    case 2: return 1 + random.below(10'000'000'000);
    case 4:
    case 5:  // so that whole seconds earn exactly what can land, or one lamport less
      return (escrow::kSmallestFirstPayment - random.below(2)) * 3600 /
             random.one_of({1u, 20u, 60u, 120u});
    default: return 9'200'000 + random.below(5000);
  }
}

// Mostly short ones, whose end is met by steps of minutes.
std::uint32_t draw_seconds(Random& random) {
  switch (random.below(10)) {
    case 0: return escrow::kMinSeconds;
    case 1: return static_cast<std::uint32_t>(60 + random.below(86'400));
    case 2: return random.percent(50) ? escrow::kMaxSeconds : escrow::kMaxSeconds / 2;
    default: return static_cast<std::uint32_t>(60 + random.below(3600));
  }
}

escrow::Open draw_purchase(const Stage& stage, const LeaseSeat& seat, const MarketSeat& market) {
  Random& random = stage.random;
  const auto there = stage.market_at(market);
  escrow::Open open;
  open.renter = seat.renter;
  open.lease = seat.address.key;
  open.host = stage.cast.hosts[random.percent(75) ? 0 : 1];
  open.market = market.address.key;
  open.bump = seat.address.bump;
  open.nonce = seat.nonce;
  open.market_rev = there ? there->rev : 1;
  open.expires_at = stage.ledger.now + random.between(0, 60);
  open.rate_lamports_per_hour = draw_rate(random);
  open.seconds = draw_seconds(random);
  open.max_seconds = std::min(escrow::kMaxSeconds, open.seconds * (random.percent(85) ? 2u : 1u));
  for (auto& byte : open.terms_hash.bytes) byte = static_cast<std::uint8_t>(random.next());
  // One thing that is refused, or nothing.
  switch (random.below(stage.lease_at(seat) ? 16 : 45)) {
    case 0: open.market_rev += random.percent(50) ? 1 : std::uint64_t{0} - 1; break;
    case 1: open.expires_at = stage.ledger.now - random.between(1, 60); break;
    case 2: open.rate_lamports_per_hour = random.percent(50) ? 0 : escrow::kMaxRate + 1; break;
    case 3: open.seconds = random.percent(50) ? 59 : open.max_seconds + 1; break;
    case 4: open.max_seconds = escrow::kMaxSeconds + 1; break;
    case 5: open.host = random.pick(stage.cast.attestors); break;
    case 6: open.host = random.pick(stage.cast.treasuries); break;
    case 7: open.bump = static_cast<std::uint8_t>(open.bump - 1); break;
    case 8: open.nonce += 7; break;
    default: break;
  }
  return open;
}

std::int64_t draw_alive_until(const Stage& stage, const std::optional<Lease>& lease) {
  Random& random = stage.random;
  const std::int64_t now = stage.ledger.now;
  if (!lease) return now;
  const std::int64_t end = lease->started_at + lease->seconds;
  const std::int64_t stop = lease->state == escrow::State::closing ? lease->stopped_at : now;
  // For an empty wallet: when the first payment that can land is earned.
  if (stage.is_empty(lease->host) && random.percent(60)) {
    const std::uint64_t due = lease->released + escrow::kSmallestFirstPayment;
    const std::uint64_t after = std::min(due * 3600 / lease->rate, std::uint64_t{1} << 32);
    return lease->started_at + static_cast<std::int64_t>(after) + random.between(-1, 1);
  }
  switch (random.below(12)) {
    case 0: return lease->proven_until + random.between(-1, 1);
    case 1: return end + random.between(-1, 1);
    case 2: return random.one_of<std::int64_t>({INT64_MIN, -1, 0, INT64_MAX});
    case 3:
    case 4: return stop + random.between(-1, 1);
    case 5: return now + 1 + static_cast<std::int64_t>(random.below(10'000));
    case 6: return lease->started_at - 1 - static_cast<std::int64_t>(random.below(1000));
    case 7: return now;
    default:
      return lease->proven_until +
             random.between(0, std::max<std::int64_t>(stop - lease->proven_until, 0));
  }
}

std::uint32_t draw_total(Random& random, const std::optional<Lease>& lease) {
  if (!lease) return 3600;
  switch (random.below(14)) {
    case 0: return lease->seconds;
    case 1: return lease->max_seconds + 1;
    case 2: return lease->seconds - 1;
    case 3: return lease->max_seconds;
    case 4: return lease->seconds + 1;
    default:
      return lease->seconds +
             static_cast<std::uint32_t>(random.below(lease->max_seconds - lease->seconds + 1));
  }
}

// "now+7" or "now-7"; unsigned, as a statement can name any time there is.
std::string distance(std::int64_t now, std::int64_t then) {
  const auto from = static_cast<std::uint64_t>(now);
  const auto to = static_cast<std::uint64_t>(then);
  return then < now ? "now-" + std::to_string(from - to) : "now+" + std::to_string(to - from);
}

Transaction claim(const Stage& stage, const LeaseSeat& seat, escrow::Call call, std::string& text) {
  Random& random = stage.random;
  const std::int64_t alive_until = draw_alive_until(stage, stage.lease_at(seat));
  const Act said = {std::move(call), Row::claim, false};
  if (random.percent(4)) {
    text += " without proof";
    return {said};
  }
  const bool good = !random.percent(16);
  const Proof proof = good ? good_proof(random, stage.cast, stage.ledger, seat, alive_until)
                           : bad_proof(random, stage.cast, stage.ledger, seat, alive_until);
  text += " until " + distance(stage.ledger.now, alive_until);
  text += std::string(", proof ") + proof.what;
  if (random.percent(3)) {
    // A proof is good for one claim: the one right after it.
    text += ", claimed twice";
    return {proof.act, said, said};
  }
  return {proof.act, said};
}

escrow::LeaseAccounts parties_of(const Stage& stage, const LeaseSeat& seat) {
  const auto lease = stage.lease_at(seat);
  if (lease) return escrow::accounts_of(seat.address.key, *lease);
  const Cast& cast = stage.cast;
  return {seat.address.key, seat.renter, cast.hosts[0], cast.treasuries[0], cast.attestors[0]};
}

Act transfer(const PublicKey& from, const PublicKey& to, std::uint64_t lamports) {
  base::Writer data;
  data.u32(2);
  data.u64(lamports);
  return {
      {escrow::system_program(), {{from, true, true}, {to, false, true}}, std::move(data).take()},
      Row::other,
      false};
}

}  // namespace

std::optional<Lease> Stage::lease_at(const LeaseSeat& seat) const {
  if (ledger.lease_at(seat.address.key) == Found::none) return std::nullopt;
  return escrow::parse_lease(ledger.at(seat.address.key).data);
}

std::optional<escrow::Market> Stage::market_at(const MarketSeat& seat) const {
  return escrow::parse_market(ledger.at(seat.address.key).data);
}

bool Stage::is_empty(const escrow::Key& wallet) const {
  return ledger.at(escrow::to_public_key(wallet)).lamports == 0;
}

Transaction act(const Stage& stage, Row row, const LeaseSeat& seat, const MarketSeat& market,
                std::string& text) {
  Random& random = stage.random;
  const Cast& cast = stage.cast;
  const PublicKey& program = stage.ledger.program();
  const escrow::LeaseAccounts parties = parties_of(stage, seat);
  const auto lease = stage.lease_at(seat);
  const auto one = [row](escrow::Call call) { return Transaction{{std::move(call), row, false}}; };
  const auto stop = [&](escrow::StopHow how) {
    return one(escrow::encode_stop(program, parties, how));
  };
  text += name_of(row);
  switch (row) {
    case Row::create_market: {
      const auto bump = static_cast<std::uint8_t>(market.address.bump - random.percent(8));
      return one(escrow::encode_create_market(
          program, {market.operator_key, market.address.key, draw_treasury(random, cast), bump,
                    draw_terms(random, cast, lease.has_value())}));
    }
    case Row::update_market:
      return one(escrow::encode_update_market(
          program, {market.operator_key, market.address.key, draw_treasury(random, cast),
                    draw_terms(random, cast, lease.has_value())}));
    case Row::open: return one(escrow::encode_open(program, draw_purchase(stage, seat, market)));
    case Row::ready: {
      const std::uint64_t slot = lease ? lease->opened_slot : stage.ledger.slot;
      return one(escrow::encode_ready(program, parties, slot - random.percent(6)));
    }
    case Row::cancel_renter: return one(escrow::encode_cancel(program, parties, true));
    case Row::cancel_anyone: return one(escrow::encode_cancel(program, parties, false));
    case Row::extend:
      return one(escrow::encode_extend(program, parties, draw_total(random, lease)));
    case Row::claim: return claim(stage, seat, escrow::encode_claim(program, parties), text);
    case Row::stop_served: return stop(escrow::StopHow::served);
    case Row::stop_disputed: return stop(escrow::StopHow::dispute);
    case Row::stop_waived: return stop(escrow::StopHow::waive);
    case Row::stop_dark: return stop(escrow::StopHow::dark);
    case Row::finish: return one(escrow::encode_finish(program, parties));
    case Row::other: break;
  }
  return {};
}

Transaction fill(const Stage& stage, const PublicKey& wallet, std::string& text) {
  text += "a wallet is filled";
  const bool little = stage.random.percent(8);
  const std::uint64_t some = 4'000'000 + stage.random.below(4'000'000);
  return {transfer(stage.cast.stranger, wallet, little ? some : 6'000'000'000'000'000)};
}

Transaction move_lamports(const Stage& stage, const LeaseSeat& seat, std::string& text) {
  Random& random = stage.random;
  if (random.percent(25)) {
    text += "gift to the address of a lease";
    const bool there = stage.ledger.at(seat.address.key).lamports != 0;
    const std::uint64_t least = there ? 1 : escrow::kSmallestFirstPayment;
    return {transfer(stage.cast.stranger, seat.address.key, least + random.below(1000))};
  }
  const escrow::LeaseAccounts parties = parties_of(stage, seat);
  const PublicKey wallet = random.one_of(
      {parties.host, parties.host, parties.host, parties.treasury, parties.renter, parties.renter});
  const std::uint64_t there = stage.ledger.at(wallet).lamports;
  if (there == 0) return fill(stage, wallet, text);
  if (!stage.cast.can_sign(wallet)) return {};
  // All of it, or all but the rent and a little.
  const std::uint64_t left = random.percent(wallet == parties.renter ? 40 : 80)
                                 ? 0
                                 : escrow::kSmallestFirstPayment + random.below(50'000);
  text += left == 0 ? "a wallet is emptied" : "a wallet is left with little";
  return {transfer(wallet, stage.cast.stranger, there - std::min(there, left))};
}

}  // namespace obelisk::differential
