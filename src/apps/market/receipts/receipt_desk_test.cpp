#include "apps/market/receipts/receipt_desk.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "apps/market/testing.hpp"
#include "core/papers/receipt_testing.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using testing::key;

// A node that has what happened at one lease's address.
class LeaseChain final : public testing::TestChain {
 public:
  base::Result<std::vector<ports::HistoryEntry>> history(const base::PublicKey& address,
                                                         const ports::HistoryPage& page) override {
    ++asked;
    if (const auto meanwhile = std::exchange(while_asked, nullptr)) meanwhile();
    std::vector<ports::HistoryEntry> out;
    for (const auto& record : records) {
      if (address != lease.address || out.size() == page.limit) break;
      ports::HistoryEntry entry{};
      entry.signature = record.signature;
      entry.slot = record.slot;
      out.push_back(entry);
    }
    return out;
  }
  base::Result<std::optional<ports::TransactionRecord>> transaction(
      const base::Signature& signature) override {
    ++asked_for;
    for (const auto& record : records) {
      if (record.signature == signature && !is_behind) return std::optional(record);
    }
    return std::optional<ports::TransactionRecord>{};
  }

  papers::LeaseHistory lease;
  std::vector<ports::TransactionRecord> records;
  int asked = 0;
  int asked_for = 0;                  // single transactions
  std::function<void()> while_asked;  // what happens while the node answers, once
  bool is_behind = false;
};

class ReceiptDeskTest : public ::testing::Test {
 protected:
  ReceiptDeskTest() {
    chain.lease.open();
    chain.lease.ready(1004);
    chain.lease.stop(2804, escrow::StopHow::served);
    chain.records = chain.lease.records();
    record.quote.id = base::to_hex(chain.lease.terms_hash.view());
    record.quote.lease = chain.lease.address;
    record.quote.terms = "{}";
    record.quote.attestor = chain.lease.attestor;
    record.life.state = lease::State::ended;
    record.life.opened_slot = 1;
    record.life.attestation = lease::Attestation{2800, {}};
  }
  Code code() { return desk.receipt(record, false).error().code; }

  LeaseChain chain;
  lease::Record record;
  int networks = 0;
  testing::TestClock clock;
  ReceiptDesk desk{chain, clock, chain.lease.program, [this]() -> base::Result<base::Hash> {
                     ++networks;
                     return base::Hash{{5}};
                   }};
};

TEST_F(ReceiptDeskTest, IsReadFromTheChainAndAddsUp) {
  const auto file = desk.receipt(record, false);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_TRUE(file->closed);
  EXPECT_EQ(file->network, base::Hash{{5}});
  EXPECT_EQ(file->used_s, 1800);
  EXPECT_EQ(file->paid.count,
            file->host_got.count + file->fee.count + file->refunded.count + file->held.count);
  EXPECT_EQ(file->transactions.size(), 3u);
  ASSERT_EQ(file->attestations.size(), 1u);
  EXPECT_EQ(file->attestations[0].alive_until, 2800);
}

TEST_F(ReceiptDeskTest, TheTermsAreForWhoMaySeeAll) {
  EXPECT_FALSE(desk.receipt(record, false)->terms);
  const auto whole = desk.receipt(record, true);
  EXPECT_EQ(whole->terms, "{}");
  EXPECT_TRUE(whole->quote_signature);
  EXPECT_FALSE(desk.receipt(record, false)->terms) << "what is kept is without them";
}

TEST_F(ReceiptDeskTest, AFinalOneIsReadOnce) {
  (void)desk.receipt(record, false);
  (void)desk.receipt(record, false);
  EXPECT_EQ(chain.asked, 1);
  EXPECT_EQ(networks, 1);
  clock.steady += kReceiptFreshMs;
  (void)desk.receipt(record, false);
  EXPECT_EQ(chain.asked, 1);
}

TEST_F(ReceiptDeskTest, OneThatMayStillChangeIsReadAgainAfterSeconds) {
  record.life.state = lease::State::stopping;
  (void)desk.receipt(record, false);
  (void)desk.receipt(record, true);
  EXPECT_EQ(chain.asked, 1);
  clock.steady += kReceiptFreshMs;
  (void)desk.receipt(record, false);
  EXPECT_EQ(chain.asked, 2);
  record.life.version += 1;
  (void)desk.receipt(record, false);
  EXPECT_EQ(chain.asked, 3) << "the lease has changed";
}

TEST_F(ReceiptDeskTest, StrangersKeepNoRenterOut) {
  const lease::Record one = record;
  lease::Record two = record;
  two.quote.id = "two";
  lease::Record three = record;
  three.quote.id = "three";
  std::vector<Code> codes;
  const auto code_of = [&](const lease::Record& asked, bool whole) {
    const auto said = desk.receipt(asked, whole);
    return said ? Code::internal : said.error().code;
  };
  chain.while_asked = [&] {
    chain.while_asked = [&] {
      codes.push_back(code_of(three, false));
      codes.push_back(code_of(one, true));
      codes.push_back(code_of(three, true));
    };
    codes.push_back(code_of(two, false));
  };
  EXPECT_TRUE(desk.receipt(one, false));
  EXPECT_EQ(codes,
            (std::vector{Code::rate_limited, Code::rate_limited, Code::conflict, Code::conflict}))
      << "a third stranger; the same lease at once; its renter, and the second stranger, are let "
         "in";
}

TEST_F(ReceiptDeskTest, AnotherLeaseAtTheAddressIsNotThisOne) {
  record.quote.id = std::string(64, 'a');
  EXPECT_EQ(code(), Code::conflict);
}

TEST_F(ReceiptDeskTest, WhatCannotBeReadWholeIsNoReceipt) {
  chain.is_behind = true;
  EXPECT_EQ(code(), Code::unreachable);
  chain.is_behind = false;
  EXPECT_EQ(code(), Code::unreachable) << "not asked again in the same second";
  clock.steady += kReceiptFreshMs;
  const auto open = chain.records.back();
  chain.records.pop_back();
  EXPECT_EQ(code(), Code::unreachable) << "the node forgot how it was opened";
  clock.steady += kReceiptFreshMs;
  chain.records.insert(chain.records.begin(), kMostTransactionsRead, open);
  chain.asked_for = 0;
  EXPECT_EQ(code(), Code::refused);
  EXPECT_EQ(chain.asked_for, 0) << "none is fetched where they are too many";
  record.life.opened_slot = 0;
  EXPECT_EQ(code(), Code::conflict);
}

}  // namespace
}  // namespace obelisk::market_app
