#include "sim/renters.hpp"

#include <algorithm>

#include "apps/market/quote_draft.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::sim {
namespace {

using escrow::State;
using escrow::StopHow;

constexpr std::uint64_t kWallet = 500'000'000'000;
constexpr const char* kSshKey =
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIBT3m2tPy86ooRYOZcD8rwkHiyoyBILs6A8of9Z2P3Bh";

// A call of the System program to send lamports somewhere.
escrow::Call gift(const base::PublicKey& from, const base::PublicKey& to, std::uint64_t lamports) {
  base::Writer data;
  data.u32(2);
  data.u64(lamports);
  return {
      escrow::system_program(), {{from, true, true}, {to, false, true}}, std::move(data).take()};
}

}  // namespace

Renters::Renters(Stage& stage, SimStore& store, Payments& payments, std::size_t count)
    : stage_(stage), store_(store), payments_(payments), random_(stage.random.split()) {
  for (std::size_t i = 0; i < count; ++i) {
    Renter renter;
    renter.key = std::make_unique<KeySigner>(base::Keypair::from_seed(random_.bytes32()));
    renter.ask_ms = random_.between(3'000, 600'000);
    renter.pause_ms = random_.between(60'000, 7'200'000);
    renter.is_greedy = random_.percent(15);
    const std::uint64_t wallet = random_.percent(92) ? kWallet : 5'000'000;
    stage.chain.put_account(renter.key->public_key(), {{wallet}, escrow::system_program(), {}});
    renters_.push_back(std::move(renter));
  }
}

std::uint32_t Renters::some_seconds() {
  if (random_.percent(35)) return static_cast<std::uint32_t>(random_.between(60, 900));
  if (random_.percent(55)) return static_cast<std::uint32_t>(random_.between(900, 14'400));
  return static_cast<std::uint32_t>(random_.between(14'400, 172'800));
}

std::optional<escrow::Lease> Renters::account_of(const base::PublicKey& lease) const {
  const auto& accounts = stage_.chain.accounts_at(ports::Commitment::confirmed);
  const auto at = accounts.find(lease);
  if (at == accounts.end() || at->second.data.empty()) return std::nullopt;
  return escrow::parse_lease(at->second.data);
}

void Renters::step(bool open_for_business) {
  for (Renter& renter : renters_) {
    if (open_for_business && desk_ != nullptr && stage_.now_ms() >= renter.ask_ms) ask(renter);
    for (Rental& rental : renter.rentals) {
      if (!rental.paid) {
        if (stage_.now_ms() >= rental.pay_ms) pay(renter, rental);
      } else if (stage_.now_ms() >= rental.act_ms) {
        act(renter, rental);
      }
    }
    std::erase_if(renter.rentals, [](const Rental& rental) { return rental.done; });
  }
}

std::int64_t Renters::next_ms() const {
  std::int64_t out = INT64_MAX;
  for (const Renter& renter : renters_) {
    out = std::min(out, renter.ask_ms);
    for (const Rental& rental : renter.rentals) {
      out = std::min(out, rental.paid ? rental.act_ms : rental.pay_ms);
    }
  }
  return out;
}

void Renters::ask(Renter& renter) {
  renter.ask_ms = stage_.now_ms() + random_.between(renter.pause_ms / 2, renter.pause_ms * 2);
  api::QuoteRequest request;
  request.renter = renter.key->public_key();
  request.card = "rtx-4090";
  request.seconds = some_seconds();
  if (random_.percent(50)) request.max_seconds = request.seconds + some_seconds();
  if (random_.percent(20)) request.count = 2;
  request.ssh_key = kSshKey;
  const int wishes = renter.is_greedy ? 6 : 1;
  for (int i = 0; i < wishes; ++i) {
    request.seconds += static_cast<std::uint32_t>(i);
    if (request.max_seconds) *request.max_seconds += static_cast<std::uint32_t>(i);
    const auto quote = desk_->create(request, "10.0.0." + std::to_string(&renter - &renters_[0]));
    ++stage_.totals.events;
    if (!quote) {
      // Sold out, or something is wrong: people look again soon.
      renter.ask_ms = std::min(renter.ask_ms, stage_.now_ms() + random_.between(20'000, 600'000));
      return;
    }
    const auto record = store_.records().find(quote->lease);
    if (record == store_.records().end()) continue;
    Rental rental;
    rental.quote = record->second.quote;
    rental.habit = static_cast<Habit>(random_.between(0, kHabits - 1));
    // Most people do what they came for.
    if (random_.percent(40)) rental.habit = Habit::runs_to_end;
    rental.pay_ms = stage_.now_ms() + random_.between(300, 20'000);
    if (rental.habit == Habit::pays_late) {
      rental.pay_ms = stage_.now_ms() + random_.between(50'000, 64'000);
    }
    stage_.trouble.stir(rental.pay_ms);
    renter.rentals.push_back(std::move(rental));
  }
}

void Renters::pay(Renter& renter, Rental& rental) {
  rental.paid = true;
  if (rental.habit == Habit::never_pays) return void(rental.done = true);
  escrow::Open open = market_app::open_of(rental.quote, stage_.program);
  if (rental.habit == Habit::changes_terms) {
    switch (random_.between(0, 3)) {
      case 0: open.rate_lamports_per_hour = 1; break;
      case 1: open.max_seconds += 1; break;
      case 2: open.terms_hash.bytes[5] ^= 1; break;
      default: open.host = escrow::to_public_key(escrow::Key{{1, 2, 3, 4}}); break;
    }
  }
  payments_.send(*renter.key, {escrow::encode_open(stage_.program, open)},
                 static_cast<int>(random_.between(1, 5)));
  const std::int64_t end_ms = std::int64_t{rental.quote.seconds} * 1000;
  std::int64_t wait_ms = random_.between(5'000, end_ms + 60'000);
  if (rental.habit == Habit::cancels_soon) wait_ms = random_.between(500, 30'000);
  if (rental.habit == Habit::extends) wait_ms = random_.between(end_ms / 2, end_ms);
  if (random_.percent(25)) wait_ms = random_.between(5'000, 120'000);
  rental.act_ms = stage_.now_ms() + wait_ms;
  stage_.trouble.stir(rental.act_ms);
}

void Renters::stop(Renter& renter, Rental& rental, const escrow::Lease& account) {
  const auto accounts = escrow::accounts_of(rental.quote.lease, account);
  if (leases_ != nullptr && random_.percent(70)) leases_->stop_forwarded(rental.quote.lease);
  if (account.state == State::funded) {
    payments_.send(*renter.key, {escrow::encode_cancel(stage_.program, accounts, true)}, 3);
  } else {
    const StopHow how = rental.habit == Habit::disputes && account.state == State::active
                            ? StopHow::dispute
                            : StopHow::served;
    payments_.send(*renter.key, {escrow::encode_stop(stage_.program, accounts, how)}, 3);
  }
}

void Renters::act(Renter& renter, Rental& rental) {
  const auto account = account_of(rental.quote.lease);
  const base::PublicKey& lease = rental.quote.lease;
  ++rental.acts;
  rental.act_ms = stage_.now_ms() + random_.between(1'000, 300'000);
  if (rental.acts > 3) rental.done = true;
  switch (rental.habit) {
    case Habit::runs_to_end:
    case Habit::never_pays: rental.done = true; return;
    case Habit::changes_terms:
      if (account && random_.percent(40)) stop(renter, rental, *account);
      rental.done = true;
      return;
    case Habit::stops_served:
    case Habit::disputes:
    case Habit::pays_late:
    case Habit::cancels_soon:
      if (account) stop(renter, rental, *account);
      rental.done = rental.habit != Habit::disputes || rental.acts > 1;
      return;
    case Habit::extends:
      if (!account || account->state != State::active) return;
      payments_.send(*renter.key,
                     {escrow::encode_extend(
                         stage_.program, escrow::accounts_of(lease, *account),
                         std::min(account->max_seconds, account->seconds + some_seconds()))},
                     2);
      return;
    case Habit::opens_again:
      if (account) return stop(renter, rental, *account);
      payments_.send(
          *renter.key,
          {escrow::encode_open(stage_.program, market_app::open_of(rental.quote, stage_.program))},
          2);
      return;
    case Habit::talks_of_stops:
      if (leases_ != nullptr) leases_->stop_forwarded(lease);
      return;
    case Habit::is_generous:
      if (account) payments_.send(*renter.key, {gift(renter.key->public_key(), lease, 12'345)}, 1);
      return;
  }
}

}  // namespace obelisk::sim
