#include "apps/market/indexer/indexer.hpp"

#include <gtest/gtest.h>

#include "adapters/fake/fake_chain.hpp"
#include "adapters/fake/fake_clock.hpp"
#include "apps/market/indexer/testing.hpp"

namespace obelisk::indexer {
namespace {

using namespace testing;
using escrow::State;
using escrow::Tag;
using index::LeaseRow;
using index::testing::event;
using index::testing::kAccounts;
using index::testing::key;
using index::testing::open_of;
using index::testing::signature;

constexpr std::uint64_t kIn = 6'000'000 + escrow::kBondLamports;

index::testing::Told opened(std::uint8_t name, const escrow::LeaseAccounts& accounts = kAccounts) {
  return told(name, escrow::encode_open(kProgram, open_of(accounts)),
              event(Tag::open, State::funded, {}, accounts.lease));
}
index::testing::Told readied(std::uint8_t name) {
  return told(name, escrow::encode_ready(kProgram, kAccounts, 10),
              event(Tag::ready, State::active));
}
index::testing::Told stopped(std::uint8_t name) {
  return told(name, escrow::encode_stop(kProgram, kAccounts, escrow::StopHow::served),
              event(Tag::stop, State::closed, {90, 10, kIn - 100}));
}

// Everything in the three tables, to compare.
struct Dump {
  std::vector<index::TransactionRow> transactions;
  std::vector<index::StepRow> steps;
  std::vector<LeaseRow> leases;
  bool operator==(const Dump&) const = default;
};

class IndexerTest : public ::testing::Test {
 protected:
  Indexer indexer(StoreInAFolder& store) {
    return Indexer({chain_,
                    *store,
                    clock_,
                    kProgram,
                    {},
                    [this](const std::string& words) { said_.push_back(words); },
                    {}});
  }
  Status look(Indexer& indexer) {
    auto status = indexer.look();
    EXPECT_TRUE(status) << (status ? "" : status.error().message);
    clock_.advance_ms(60'000);
    return status ? *status : Status{};
  }
  Dump dump(StoreInAFolder& store) const {
    Dump out;
    for (const auto& [slot, block] : chain_.blocks) {
      for (const auto& one : block) {
        const auto row = store->transaction(one).value();
        if (row) out.transactions.push_back(*row);
        const auto steps = store->steps_of(one).value();
        out.steps.insert(out.steps.end(), steps.begin(), steps.end());
      }
    }
    for (const auto& lease : {kAccounts.lease, key(30)}) {
      const auto rows = store->leases_at(lease).value();
      out.leases.insert(out.leases.end(), rows.begin(), rows.end());
    }
    const auto totals = store->totals().value();
    EXPECT_EQ(totals.transactions, out.transactions.size()) << "rows that the chain has not";
    EXPECT_EQ(totals.steps, out.steps.size());
    EXPECT_EQ(totals.leases, out.leases.size());
    return out;
  }
  // What somebody would have who began from nothing now.
  Dump fresh() {
    StoreInAFolder store;
    Indexer anew = indexer(store);
    look(anew);
    return dump(store);
  }
  void hold_account(State state, std::uint64_t lamports, std::uint64_t opened_slot = 10) {
    escrow::Lease lease{};
    lease.kind = escrow::kLeaseKind;
    lease.version = escrow::kVersion;
    lease.state = state;
    lease.opened_slot = opened_slot;
    lease.rate = index::testing::kRate;
    lease.seconds = 600;
    lease.max_seconds = 1200;
    chain_.held[kAccounts.lease] = {{lamports}, kProgram, escrow::encode_lease(lease)};
  }

  ScriptedChain chain_;
  fake::FakeClock clock_;
  StoreInAFolder store_;
  std::vector<std::string> said_;
};

TEST_F(IndexerTest, ALifeInFourBlocks) {
  chain_.other(10, 200);
  chain_.land(10, opened(1));
  hold_account(State::funded, kIn);
  Indexer live = indexer(store_);
  Status status = look(live);
  EXPECT_EQ(status.done_slot, 1000u);
  LeaseRow row = store_->leases_at(kAccounts.lease).value().at(0);
  EXPECT_EQ(row.state, State::funded);
  EXPECT_EQ(row.vault->count, kIn);
  EXPECT_EQ(store_->transaction(signature(1)).value()->block_index, 1u) << "after another's";

  chain_.land(20, readied(2));
  auto failed = stopped(3);
  failed.error = "{\"InstructionError\":[1,{\"Custom\":118}]}";
  chain_.land(25, failed);
  hold_account(State::active, kIn);
  look(live);
  EXPECT_EQ(store_->leases_at(kAccounts.lease).value().at(0).state, State::active);
  EXPECT_TRUE(store_->steps_of(signature(3)).value().empty());
  EXPECT_TRUE(store_->transaction(signature(3)).value()->error);

  chain_.land(30, stopped(4));
  chain_.held.clear();
  look(live);
  row = store_->leases_at(kAccounts.lease).value().at(0);
  EXPECT_EQ(row.state, State::closed);
  EXPECT_EQ(row.to_renter->count, kIn - 100);
  EXPECT_TRUE(row.whole);
  EXPECT_EQ(dump(store_), fresh());
}

TEST_F(IndexerTest, TheOrderIsTheBlocksWhoeverLooksWhen) {
  // A node that shows the second of a slot first, and the first only later.
  const auto early = opened(1);
  const auto late = told(2, escrow::encode_cancel(kProgram, kAccounts, true),
                         event(Tag::cancel, State::closed, {0, 0, kIn}));
  chain_.land(10, early);
  chain_.land(10, late);
  chain_.finalized = 9;
  chain_.listed = {late.id};
  Indexer live = indexer(store_);
  look(live);
  EXPECT_EQ(store_->leases_at(kAccounts.lease).value().at(0).opened_slot, 0u) << "open not seen";
  chain_.listed = {early.id, late.id};
  look(live);
  chain_.finalized = 500;
  look(live);
  const auto rows = store_->leases_at(kAccounts.lease).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].opened_slot, 10u);
  EXPECT_TRUE(rows[0].whole);
  EXPECT_EQ(store_->transaction(late.id).value()->block_index, 1u);
  EXPECT_EQ(dump(store_), fresh());
}

TEST_F(IndexerTest, WhatABlockLostIsUndone) {
  chain_.land(10, opened(1));
  hold_account(State::funded, kIn);
  Indexer live = indexer(store_);
  look(live);
  const Dump before = dump(store_);
  chain_.finalized = 15;
  chain_.land(20, readied(2));
  hold_account(State::active, kIn);
  look(live);
  EXPECT_EQ(store_->leases_at(kAccounts.lease).value().at(0).state, State::active);
  EXPECT_FALSE(store_->transaction(signature(2)).value()->is_final);

  chain_.lose(20);
  hold_account(State::funded, kIn);
  chain_.finalized = 19;
  look(live);
  EXPECT_TRUE(store_->transaction(signature(2)).value()) << "not final yet: kept as provisional";
  chain_.finalized = 20;
  look(live);
  EXPECT_FALSE(store_->transaction(signature(2)).value());
  EXPECT_EQ(dump(store_), before);
  EXPECT_EQ(dump(store_), fresh());
}

TEST_F(IndexerTest, ACloseThatIsRolledBackIsOpenAgain) {
  chain_.land(10, opened(1));
  hold_account(State::funded, kIn);
  Indexer live = indexer(store_);
  chain_.finalized = 15;
  // The account was gone for a moment, and nobody saw why.
  const ports::Account account = chain_.held[kAccounts.lease];
  chain_.held.clear();
  look(live);
  EXPECT_EQ(store_->leases_at(kAccounts.lease).value().at(0).state, State::closed);
  chain_.held[kAccounts.lease] = account;
  chain_.confirmed = 1010;
  look(live);
  const LeaseRow row = store_->leases_at(kAccounts.lease).value().at(0);
  EXPECT_EQ(row.state, State::funded);
  EXPECT_TRUE(row.whole);
  EXPECT_EQ(dump(store_), fresh());
}

TEST_F(IndexerTest, WhatLandsAgainIsAtItsNewPlace) {
  chain_.finalized = 5;
  chain_.land(10, opened(1));
  Indexer live = indexer(store_);
  look(live);
  chain_.lose(10);
  chain_.land(12, opened(1));
  look(live);
  EXPECT_EQ(store_->transaction(signature(1)).value()->slot, 12u);
  EXPECT_EQ(store_->leases_at(kAccounts.lease).value().at(0).opened_slot, 12u);
  // In the same slot, at another place of another block.
  chain_.lose(12);
  chain_.other(12, 200);
  chain_.land(12, opened(1));
  chain_.finalized = 50;
  look(live);
  EXPECT_EQ(store_->transaction(signature(1)).value()->block_index, 1u);
  look(live);
  EXPECT_EQ(dump(store_), fresh());
}

TEST_F(IndexerTest, WhatIsFinalIsNotListedAgain) {
  for (std::uint8_t i = 1; i <= 9; ++i) chain_.land(10u * i, opened(i));
  Indexer live = indexer(store_);
  look(live);
  const std::size_t reads = chain_.reads;
  chain_.pages = 0;
  look(live);
  EXPECT_EQ(chain_.pages, 1u) << "nothing is newer than the anchor";
  EXPECT_EQ(chain_.reads, reads);
}

// A node goes away after each of its answers in turn, and the process dies with it.
TEST_F(IndexerTest, CutOffAnywhereItGoesOn) {
  chain_.page_limit = 2;
  chain_.land(10, opened(1));
  chain_.land(20, readied(2));
  chain_.land(20, told(3, escrow::encode_extend(kProgram, kAccounts, 900),
                       event(Tag::extend, State::active)));
  for (std::uint8_t i = 4; i < 9; ++i) {
    auto failed = stopped(i);
    failed.error = "{}";
    chain_.land(10u * i, failed);
  }
  chain_.land(100, stopped(9));
  const Dump right = fresh();
  EXPECT_EQ(right.transactions.size(), 9u);
  for (const int answers : {4, 5, 6, 7, 8, 11, 13, 17, 22}) {
    StoreInAFolder store;
    int lives = 0;
    for (bool whole = false; !whole; ++lives) {
      ASSERT_LT(lives, 40) << "it begins anew each time: " << answers;
      Indexer one = indexer(store);
      // The last look has nothing to do but to see that; it takes 9 answers.
      chain_.answers_left = std::max(answers, lives > 20 ? 9 : 0);
      whole = one.look().ok();
    }
    chain_.answers_left = -1;
    EXPECT_EQ(dump(store), right) << answers;
  }
}

TEST_F(IndexerTest, AHoleIsSaidAndNotWaitedFor) {
  chain_.land(10, opened(1));
  chain_.land(20, readied(2));
  chain_.unkept = {signature(1)};
  Indexer live = indexer(store_);
  for (int i = 0; i < 4; ++i) {
    const Status status = look(live);
    EXPECT_EQ(status.left, 1u);
    EXPECT_EQ(status.done_slot, 0u) << "it may still come";
  }
  EXPECT_TRUE(said_.empty());
  const Status status = look(live);
  EXPECT_EQ(status.left, 0u);
  EXPECT_EQ(store_->progress().value().known_from, 11u);
  ASSERT_EQ(said_.size(), 1u);
  EXPECT_NE(said_[0].find("from slot 11 on"), std::string::npos) << said_[0];
  EXPECT_TRUE(store_->transaction(signature(2)).value());
  EXPECT_EQ(store_->leases_at(kAccounts.lease).value().at(0).opened_slot, 0u);
}

TEST_F(IndexerTest, ABlockThatANodeLostProvesNothing) {
  chain_.finalized = 5;
  chain_.land(10, opened(1));
  Indexer live = indexer(store_);
  look(live);
  chain_.finalized = 50;
  chain_.unkept_blocks = {10};
  look(live);
  EXPECT_TRUE(store_->transaction(signature(1)).value());
  chain_.unkept_blocks.clear();
  const auto block = chain_.blocks[10];
  chain_.blocks.erase(10);
  look(live);
  EXPECT_TRUE(store_->transaction(signature(1)).value()) << "the node still has it in that slot";
  chain_.blocks[10] = block;
  look(live);
  EXPECT_TRUE(store_->transaction(signature(1)).value()->is_final);
}

TEST_F(IndexerTest, ANodeThatStartsOverIsNotFollowed) {
  chain_.land(10, opened(1));
  chain_.land(20, readied(2));
  chain_.listed = {signature(2), signature(1)};  // oldest first by mistake
  Indexer live = indexer(store_);
  const auto status = live.look();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, base::Code::unreachable);
}

TEST_F(IndexerTest, ComparingCanFail) {
  chain_.land(10, opened(1));
  Indexer live = indexer(store_);
  look(live);
  const Dump before = dump(store_);
  auto transaction = *store_->transaction(signature(1)).value();
  transaction.block_index = 7;
  ASSERT_TRUE(store_->write({.undone = {signature(1)}, .transactions = {transaction}}));
  Dump after = dump(store_);
  EXPECT_NE(after, before);
  EXPECT_NE(after, fresh());
}

// The program's own rules instead of made-up logs: what is only processed never gets in.
TEST(IndexerOnTheFakeChain, AForkThatLostWasNeverThere) {
  fake::FakeChain chain(kProgram, 1000);
  fake::FakeClock clock;
  StoreInAFolder store;
  Indexer live({chain, *store, clock, kProgram, {}, {}, {}});
  escrow::Lease lease{};
  lease.kind = escrow::kLeaseKind;
  lease.version = escrow::kVersion;
  lease.state = State::funded;
  lease.renter = escrow::to_key(kAccounts.renter);
  lease.host = escrow::to_key(kAccounts.host);
  lease.treasury = escrow::to_key(kAccounts.treasury);
  lease.attestor = escrow::to_key(kAccounts.attestor);
  lease.ready_deadline_s = 60;
  lease.gap_limit_s = 180;
  lease.claim_window_s = 600;
  lease.rate = index::testing::kRate;
  lease.seconds = 600;
  lease.max_seconds = 600;
  chain.open(kAccounts.lease, lease);
  const std::uint64_t opened_slot = chain.lease(kAccounts.lease)->opened_slot;
  ASSERT_TRUE(live.look());
  auto rows = store->leases_at(kAccounts.lease).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].opened_slot, opened_slot);
  EXPECT_EQ(rows[0].vault->count, kIn);

  chain.hold();
  ASSERT_TRUE(
      chain.submit(kAccounts.attestor, {escrow::encode_ready(kProgram, kAccounts, opened_slot)}));
  ASSERT_TRUE(live.look());
  EXPECT_EQ(store->leases_at(kAccounts.lease).value(), rows);
  chain.drop_fork();
  clock.advance_ms(60'000);
  ASSERT_TRUE(live.look());
  EXPECT_EQ(store->leases_at(kAccounts.lease).value(), rows);
  EXPECT_EQ(store->totals().value().transactions, 1u);

  ASSERT_TRUE(chain.submit(kAccounts.renter, {escrow::encode_cancel(kProgram, kAccounts, true)}));
  ASSERT_TRUE(live.look());
  rows = store->leases_at(kAccounts.lease).value();
  EXPECT_EQ(rows[0].state, State::closed);
  EXPECT_EQ(rows[0].to_renter->count, kIn);
  EXPECT_EQ(rows[0].to_host->count, 0u);
}

}  // namespace
}  // namespace obelisk::indexer
