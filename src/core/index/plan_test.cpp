#include "core/index/plan.hpp"

#include <gtest/gtest.h>

#include "core/index/testing.hpp"

namespace obelisk::index {
namespace {

using namespace testing;

using Page = std::vector<Listed>;

TEST(Pages, GoFromTheNewestToTheAnchor) {
  Progress progress;
  EXPECT_EQ(next_page(progress, signature(9)), (PageAsk{1000, std::nullopt, signature(9)}));
  PageAsk ask = next_page(progress, signature(9));
  const Page first{{signature(3), 30}, {signature(2), 20}};
  PageTaken taken = take_page(progress, ask, first, 25);
  EXPECT_TRUE(taken.first);
  EXPECT_FALSE(taken.done) << "a short page is not the last one";
  // Cut off here, by another anchor even, it goes on where it was.
  ask = next_page(taken.progress, signature(8));
  EXPECT_EQ(ask, (PageAsk{1000, signature(2), signature(9)}));
  taken = take_page(taken.progress, ask, Page{{signature(1), 10}}, 77);
  EXPECT_FALSE(taken.first);
  taken = take_page(taken.progress, next_page(taken.progress, {}), Page{}, 99);
  EXPECT_TRUE(taken.done);
  EXPECT_EQ(taken.progress.listed_finalized, 25u) << "as it was when the listing began";
  EXPECT_FALSE(taken.progress.listing);
}

TEST(Pages, AnEmptyHistoryIsListedAtOnce) {
  const PageTaken taken = take_page({}, {}, Page{}, 50);
  EXPECT_TRUE(taken.first);
  EXPECT_TRUE(taken.done);
  EXPECT_EQ(taken.progress.listed_finalized, 50u);
}

TEST(Pages, WhatCanBeRolledBackDoesNotProveAnEnd) {
  PageTaken taken = take_page({}, {}, Page{{signature(3), 30}}, 25);
  taken = take_page(taken.progress, next_page(taken.progress, {}), Page{}, 40);
  EXPECT_TRUE(taken.done);
  EXPECT_EQ(taken.progress.listed_finalized, 0u)
      << "the node may have lost 3, and says nothing of what is older";
}

TEST(News, IsWhatIsNotIndexedWhereItIs) {
  TransactionRow row;
  row.signature = signature(1);
  row.slot = 30;
  EXPECT_TRUE(is_news({signature(1), 30}, std::nullopt));
  EXPECT_FALSE(is_news({signature(1), 30}, row));
  EXPECT_TRUE(is_news({signature(1), 31}, row)) << "it landed again on another fork";
  row.is_final = true;
  EXPECT_FALSE(is_news({signature(1), 31}, row));
}

TEST(Judge, OnlyAFinalBlockDecides) {
  TransactionRow row;
  row.signature = signature(1);
  row.slot = 30;
  row.block_index = 1;
  using Block = std::vector<base::Signature>;
  const Block here{signature(7), signature(1)};
  EXPECT_EQ(judge(row, 29, std::nullopt, std::nullopt), Verdict::wait);
  EXPECT_EQ(judge(row, 30, here, std::nullopt), Verdict::settle);
  EXPECT_EQ(judge(row, 30, Block{signature(1)}, std::nullopt), Verdict::move);
  EXPECT_EQ(judge(row, 30, Block{signature(7), signature(8)}, std::nullopt), Verdict::undo);
  EXPECT_EQ(judge(row, 30, Block{}, std::nullopt), Verdict::undo);
  EXPECT_EQ(judge(row, 30, std::nullopt, std::nullopt), Verdict::undo);
  EXPECT_EQ(judge(row, 30, std::nullopt, 44), Verdict::undo) << "it landed elsewhere";
  EXPECT_EQ(judge(row, 30, std::nullopt, 30), Verdict::wait) << "the node lost the block only";
}

}  // namespace
}  // namespace obelisk::index
