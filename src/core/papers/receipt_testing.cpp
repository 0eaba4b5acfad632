#include "core/papers/receipt_testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/escrow/codec.hpp"
#include "core/escrow/open.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::papers {
namespace {

using escrow::Tag;

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

constexpr std::uint64_t kFirstBalance = 10'000'000'000;

escrow::Action action(Tag tag) {
  escrow::Action out{};
  out.tag = tag;
  return out;
}

}  // namespace

LeaseHistory::LeaseHistory()
    : program(key(9)),
      renter(key(1)),
      host(key(2)),
      treasury(key(3)),
      attestor(key(4)),
      market(key(6)),
      terms_hash{{8}} {
  settle_address();
}

void LeaseHistory::settle_address() {
  address = settlement::lease_address(program, renter, nonce).address;
}

std::uint64_t LeaseHistory::balance_of(const base::PublicKey& wallet) const {
  const auto found = wallets_.find(wallet);
  return found == wallets_.end() ? kFirstBalance : found->second;
}

escrow::LeaseAccounts LeaseHistory::accounts() const { return escrow::accounts_of(address, lease); }

std::vector<solana::TransactionRecord> LeaseHistory::records() const {
  return {records_.rbegin(), records_.rend()};
}

std::vector<std::string> LeaseHistory::log_of(const escrow::Event& event) const {
  const std::string id = program.to_string();
  return {"Program " + id + " invoke [1]",
          "Program data: " + base::to_base64(escrow::encode_event(event)),
          "Program " + id + " consumed 500 of 1100 compute units", "Program " + id + " success"};
}

void LeaseHistory::record(const base::PublicKey& payer, const std::vector<escrow::Call>& calls,
                          std::uint64_t before, std::vector<std::string> logs, std::int64_t at_s) {
  auto transaction = settlement::transaction(payer, calls, 2000, base::Hash{{7}});
  ASSERT_TRUE(transaction) << transaction.error().message;
  solana::TransactionRecord out;
  out.signature.bytes.fill(next_++);
  out.slot = next_;
  out.block_time = at_s;
  out.wire = transaction->wire();
  out.fee = {5000};
  const auto& keys = transaction->message().keys;
  out.pre_balances.resize(keys.size());
  out.post_balances.resize(keys.size());
  const auto at =
      static_cast<std::size_t>(std::find(keys.begin(), keys.end(), address) - keys.begin());
  ASSERT_LT(at, keys.size());
  // The caller has moved what the instructions move; the fee is the last to go.
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i == at) continue;
    const auto held = before_.find(keys[i]);
    out.pre_balances[i] = {held == before_.end() ? kFirstBalance : held->second};
  }
  wallets_[payer] = balance_of(payer) - out.fee.count;
  for (std::size_t i = 0; i < keys.size(); ++i) out.post_balances[i] = {balance_of(keys[i])};
  before_ = wallets_;
  out.pre_balances[at] = {before};
  out.post_balances[at] = {lamports};
  out.logs = std::move(logs);
  records_.push_back(std::move(out));
}

void LeaseHistory::open(std::uint32_t seconds) {
  escrow::Market terms{};
  terms.fee_bps = 250;
  terms.ready_deadline_s = 60;
  terms.gap_limit_s = 180;
  terms.claim_window_s = 21'600;
  terms.treasury = escrow::to_key(treasury);
  terms.attestor = escrow::to_key(attestor);
  const escrow::Purchase purchase{
      nonce, 3, expires_at, 9'857'143, seconds, 86'400, escrow::to_key(terms_hash), 255};
  const auto host_key = escrow::to_key(host);
  const auto renter_key = escrow::to_key(renter);
  const auto lease_key = escrow::to_key(address);
  const auto market_key = escrow::to_key(market);
  const escrow::Parties parties{&lease_key, &renter_key, &host_key, &market_key, false};
  escrow::fill_lease(lease, terms, purchase, parties, {1000, next_ + 1u});
  std::uint64_t paid = 0;
  ASSERT_TRUE(escrow::opening_lamports(purchase, paid));
  const std::uint64_t before = lamports;
  lamports += paid;
  wallets_[renter] = balance_of(renter) - paid;
  const escrow::Open call{renter, address,    host,      market,  255,    nonce,
                          3,      expires_at, 9'857'143, seconds, 86'400, terms_hash};
  escrow::Event event{};
  event.magic = escrow::kEventMagic;
  event.tag = Tag::open;
  event.state = escrow::State::funded;
  event.lease = lease_key;
  record(renter, {escrow::encode_open(program, call)}, before, log_of(event), 1000);
}

void LeaseHistory::run(const base::PublicKey& payer, const std::vector<escrow::Call>& calls,
                       const std::vector<escrow::Action>& actions, std::int64_t at_s) {
  const std::uint64_t before = lamports;
  std::vector<std::string> logs;
  for (const escrow::Action& step : actions) {
    const escrow::Scene scene{at_s, lamports, 1'000'000, 1'000'000, 1'000'000};
    escrow::Payments payments{};
    ASSERT_EQ(escrow::step(lease, step, scene, payments), escrow::Error::none);
    lamports = payments.left;
    wallets_[host] = balance_of(host) + payments.to_host;
    wallets_[treasury] = balance_of(treasury) + payments.to_treasury;
    wallets_[renter] = balance_of(renter) + payments.to_renter - payments.from_renter;
    escrow::Event event{};
    event.magic = escrow::kEventMagic;
    event.tag = step.tag;
    event.state = lease.state;
    event.lease = escrow::to_key(address);
    event.to_host = payments.to_host;
    event.to_treasury = payments.to_treasury;
    event.to_renter = payments.to_renter;
    event.proven_until = lease.proven_until;
    event.stopped_at = lease.stopped_at;
    for (std::string& line : log_of(event)) logs.push_back(std::move(line));
  }
  record(payer, calls, before, std::move(logs), at_s);
}

void LeaseHistory::ready(std::int64_t at_s) {
  escrow::Action step = action(Tag::ready);
  step.opened_slot = lease.opened_slot;
  run(attestor, {escrow::encode_ready(program, accounts(), lease.opened_slot)}, {step}, at_s);
}

void LeaseHistory::claim(std::int64_t at_s, std::int64_t alive_until) {
  escrow::Action step = action(Tag::claim);
  step.alive_until = alive_until;
  const settlement::Proof proof{attestor, {program, address, lease.opened_slot, alive_until}, {}};
  run(host, settlement::claim_calls(program, accounts(), proof), {step}, at_s);
}

void LeaseHistory::extend(std::int64_t at_s, std::uint32_t total_s) {
  escrow::Action step = action(Tag::extend);
  step.total_seconds = total_s;
  run(renter, {escrow::encode_extend(program, accounts(), total_s)}, {step}, at_s);
}

void LeaseHistory::stop(std::int64_t at_s, escrow::StopHow how) {
  escrow::Action step = action(Tag::stop);
  step.how = how;
  const bool by_renter = how == escrow::StopHow::served || how == escrow::StopHow::dispute;
  run(by_renter ? renter : attestor, {escrow::encode_stop(program, accounts(), how)}, {step}, at_s);
}

void LeaseHistory::cancel(std::int64_t at_s, bool renter_signs) {
  escrow::Action step = action(Tag::cancel);
  step.renter_signed = renter_signs;
  run(renter_signs ? renter : attestor, {escrow::encode_cancel(program, accounts(), renter_signs)},
      {step}, at_s);
}

void LeaseHistory::finish(std::int64_t at_s) {
  run(host, {escrow::encode_finish(program, accounts())}, {action(Tag::finish)}, at_s);
}

void LeaseHistory::gift(std::uint64_t amount) {
  const std::uint64_t before = lamports;
  lamports += amount;
  // Any instruction that names the address will do: a receipt reads balances and events.
  const escrow::Call call{solana::kSystemProgram,
                          {{key(77), true, true}, {address, false, true}},
                          solana::transfer(key(77), address, {amount}).data};
  record(key(77), {call}, before, {}, 1001);
}

void LeaseHistory::failed() {
  const std::uint64_t before = lamports;
  record(renter, {escrow::encode_stop(program, accounts(), escrow::StopHow::dispute)}, before, {},
         1002);
  records_.back().error = R"({"InstructionError":[1,{"Custom":110}]})";
}

}  // namespace obelisk::papers
