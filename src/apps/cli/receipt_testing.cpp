#include "apps/cli/receipt_testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/escrow/codec.hpp"
#include "core/escrow/open.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::cli {
namespace {

using escrow::Tag;

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

escrow::Action action(Tag tag) {
  escrow::Action out{};
  out.tag = tag;
  return out;
}

}  // namespace

LeaseHistory::LeaseHistory() : program(key(9)), renter(key(1)) {
  address = settlement::lease_address(program, renter, 5).address;
}

escrow::LeaseAccounts LeaseHistory::accounts() const { return escrow::accounts_of(address, lease); }

std::vector<ports::TransactionRecord> LeaseHistory::records() const {
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
  ports::TransactionRecord out;
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
  out.pre_balances[at] = {before};
  out.post_balances[at] = {lamports};
  out.logs = std::move(logs);
  records_.push_back(std::move(out));
}

void LeaseHistory::open(std::uint32_t seconds) {
  escrow::Market market{};
  market.fee_bps = 250;
  market.ready_deadline_s = 60;
  market.gap_limit_s = 180;
  market.claim_window_s = 21'600;
  market.treasury = escrow::to_key(key(3));
  market.attestor = escrow::to_key(key(4));
  const escrow::Purchase purchase{
      5, 3, 2000, 9'857'143, seconds, 86'400, escrow::to_key(base::Hash{{8}}), 255};
  const auto host = escrow::to_key(key(2));
  const auto renter_key = escrow::to_key(renter);
  const auto lease_key = escrow::to_key(address);
  const auto market_key = escrow::to_key(key(6));
  const escrow::Parties parties{&lease_key, &renter_key, &host, &market_key, false};
  escrow::fill_lease(lease, market, purchase, parties, {1000, 1});
  std::uint64_t paid = 0;
  ASSERT_TRUE(escrow::opening_lamports(purchase, paid));
  const std::uint64_t before = lamports;
  lamports += paid;
  const escrow::Open call{renter, address, key(2),    key(6),  255,    5,
                          3,      2000,    9'857'143, seconds, 86'400, base::Hash{{8}}};
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
  run(key(4), {escrow::encode_ready(program, accounts(), lease.opened_slot)}, {step}, at_s);
}

void LeaseHistory::claim(std::int64_t at_s, std::int64_t alive_until) {
  escrow::Action step = action(Tag::claim);
  step.alive_until = alive_until;
  const settlement::Proof proof{key(4), {program, address, lease.opened_slot, alive_until}, {}};
  run(key(2), settlement::claim_calls(program, accounts(), proof), {step}, at_s);
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
  run(by_renter ? renter : key(4), {escrow::encode_stop(program, accounts(), how)}, {step}, at_s);
}

void LeaseHistory::cancel(std::int64_t at_s, bool renter_signs) {
  escrow::Action step = action(Tag::cancel);
  step.renter_signed = renter_signs;
  run(renter_signs ? renter : key(4), {escrow::encode_cancel(program, accounts(), renter_signs)},
      {step}, at_s);
}

void LeaseHistory::finish(std::int64_t at_s) {
  run(key(2), {escrow::encode_finish(program, accounts())}, {action(Tag::finish)}, at_s);
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

}  // namespace obelisk::cli
