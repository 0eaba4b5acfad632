#include "program/fuzz/both.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::program {
namespace {

using differential::End;

// Making the addresses takes longer than everything else in a run.
const World& first_world() {
  static const World world = [] {
    World made;
    CHECK(made.host.run(made.create_market()).code == 0);
    return made;
  }();
  return world;
}

std::uint64_t total(const std::vector<HostAccount>& accounts) {
  std::uint64_t sum = 0;
  for (const HostAccount& account : accounts) sum += account.lamports;
  return sum;
}

bool closes(World& world, const escrow::Call& call) {
  const Outcome outcome = world.host.run(call);
  CHECK(outcome.code == 0 && outcome.violation.empty());
  return world.host.at(world.lease.key).lamports == 0;
}

}  // namespace

Both::Both() : world_(first_world()), model_(world_.program) {
  for (const HostAccount& account : world_.host.accounts()) {
    model_.edit(account.key) = {account.owner, account.lamports, account.data};
  }
  pass(0, 0);
}

void Both::pass(std::int64_t seconds, std::uint64_t slots) {
  world_.host.now += seconds;
  world_.host.slot += slots;
  model_.now = world_.host.now;
  model_.slot = world_.host.slot;
}

void Both::set_lamports(const base::PublicKey& wallet, std::uint64_t lamports) {
  world_.host.at(wallet).lamports = lamports;
  model_.edit(wallet).lamports = lamports;
}

std::optional<escrow::Lease> Both::lease() const {
  const differential::Account& account = model_.at(world_.lease.key);
  if (account.owner != world_.program) return std::nullopt;
  return escrow::parse_lease(account.data);
}

void Both::run(const escrow::Call& call, differential::Row row, const escrow::Call* proof) {
  differential::Transaction transaction;
  if (proof != nullptr) transaction.push_back({*proof});
  transaction.push_back({call, row});
  const Before before{lease(), world_.host.accounts()};
  const differential::Verdict verdict = model_.run(transaction);
  if (verdict.end == End::rent) {
    // What the runtime refuses after the program is done, the native host does not see. Only who
    // pays may become too poor; nobody's way out fails so.
    using differential::Row;
    CHECK(row == Row::open || row == Row::extend || row == Row::create_market);
    return;
  }
  const Outcome outcome = world_.host.run(call, proof);
  CHECK(outcome.violation.empty());
  const bool ours = verdict.end == End::refused && verdict.code >= 100;
  if (ours) CHECK(outcome.code == verdict.code);
  CHECK((outcome.code == 0) == (verdict.end == End::done));
  if (outcome.code == 0) CHECK(outcome.events == verdict.events);
  check_same();
  check_what_always_holds(call, before);
}

void Both::check_same() const {
  for (const HostAccount& account : world_.host.accounts()) {
    if (account.key == escrow::instructions_sysvar()) continue;
    const differential::Account& other = model_.at(account.key);
    CHECK(account.owner == other.owner && account.lamports == other.lamports &&
          account.data == other.data);
  }
}

void Both::check_what_always_holds(const escrow::Call& call, const Before& before) const {
  CHECK(total(world_.host.accounts()) == total(before.accounts));
  const auto& was = before.lease;
  const auto is = lease();
  const escrow::Lease* known = is ? &*is : was ? &*was : nullptr;
  const std::uint8_t tag = call.data.empty() ? 255 : call.data[0];
  const bool of_operator = tag <= static_cast<std::uint8_t>(escrow::Tag::update_market);
  if (of_operator) CHECK(was.has_value() == is.has_value());
  if (of_operator && is) CHECK(escrow::encode_lease(*was) == escrow::encode_lease(*is));
  const auto& accounts = world_.host.accounts();
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    const HostAccount& account = accounts[i];  // those that were there come first, in their order
    const std::uint64_t had = i < before.accounts.size() ? before.accounts[i].lamports : 0;
    if (account.lamports <= had) continue;
    const bool market = of_operator && account.key == world_.market.key;
    const bool paid = known != nullptr && (account.key == world_.lease.key ||
                                           account.key == escrow::to_public_key(known->renter) ||
                                           account.key == escrow::to_public_key(known->host) ||
                                           account.key == escrow::to_public_key(known->treasury));
    CHECK(market || paid);
  }
  if (!is) return;
  CHECK(model_.at(world_.lease.key).lamports >= escrow::kBondLamports);
  std::uint64_t earned = 0;
  CHECK(escrow::earned(is->rate, static_cast<std::uint64_t>(is->proven_until - is->started_at),
                       earned));
  CHECK(is->released <= earned);
  const bool same_opening = was && was->opened_slot == is->opened_slot;
  if (same_opening) CHECK(is->released >= was->released);
}

void Both::everybody_gets_out() const {
  const auto open = lease();
  if (!open) return;
  const escrow::LeaseAccounts accounts = escrow::accounts_of(world_.lease.key, *open);
  const bool funded = open->state == escrow::State::funded;
  World at_once = world_;
  CHECK(closes(at_once,
               funded ? escrow::encode_cancel(world_.program, accounts, true)
                      : escrow::encode_stop(world_.program, accounts, escrow::StopHow::served)));
  World in_time = world_;
  std::int64_t& now = in_time.host.now;
  if (funded) {
    now = std::max(now, open->opened_at + open->ready_deadline_s + 1);
    CHECK(closes(in_time, escrow::encode_cancel(world_.program, accounts, false)));
    return;
  }
  const escrow::Call finish = escrow::encode_finish(world_.program, accounts);
  if (open->state == escrow::State::active) {
    now = std::max(now, open->started_at + std::int64_t{open->seconds});
    if (closes(in_time, finish)) return;
  }
  const auto closing = escrow::parse_lease(in_time.host.at(world_.lease.key).data);
  CHECK(closing && closing->state == escrow::State::closing);
  CHECK(closing->window_ends <= now + std::int64_t{closing->claim_window_s});
  now = std::max(now, closing->window_ends + 1);
  CHECK(closes(in_time, finish));
}

}  // namespace obelisk::program
