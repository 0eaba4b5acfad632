#include "apps/market/engine/inbox.hpp"

#include <gtest/gtest.h>

#include "core/lease/testing.hpp"

namespace obelisk::engine {
namespace {

using lease::testing::key;

Inbox::Item absent(std::uint8_t lease, std::uint64_t slot) {
  return {key(lease), lease::Absent{slot}};
}
std::uint64_t slot_of(const std::optional<Inbox::Item>& item) {
  return item ? std::get<lease::Absent>(item->event).slot : 0;
}

TEST(Inbox, LeasesTakeTurns) {
  Inbox inbox;
  for (const std::uint32_t n : {1u, 2u, 3u}) {
    inbox.put({key(1), lease::LoginFailed{n, lease::LoginProblem::unreachable, ""}});
  }
  inbox.put(absent(2, 7));
  std::vector<base::PublicKey> order;
  while (auto item = inbox.take(0)) {
    order.push_back(item->lease);
    inbox.taken_in();
  }
  EXPECT_EQ(order, (std::vector{key(1), key(2), key(1), key(1)}));
  EXPECT_TRUE(inbox.empty());
}

TEST(Inbox, WhatComesWhileOneIsInHandComesAfterIt) {
  Inbox inbox;
  inbox.put(absent(1, 1));
  EXPECT_EQ(slot_of(inbox.take(0)), 1u);
  inbox.put(absent(1, 2));
  EXPECT_FALSE(inbox.next_ms()) << "one of a lease at a time";
  inbox.taken_in();
  EXPECT_EQ(slot_of(inbox.take(0)), 2u);
}

TEST(Inbox, KeepsOnlyTheNewestOfWhatRepeats) {
  Inbox inbox;
  for (std::uint64_t slot = 1; slot <= 1000; ++slot) inbox.put(absent(1, slot));
  inbox.put(absent(1, 500));
  EXPECT_EQ(inbox.size(), 1u);
  inbox.put({key(1), lease::Confirmed{{}, 1001}});
  inbox.put(absent(1, 1002));
  EXPECT_EQ(inbox.size(), 3u) << "another kind between them is an order to keep";
  EXPECT_EQ(slot_of(inbox.take(0)), 1000u);
}

TEST(Inbox, ThatAHostFailedIsNotLostWhenItHasClearedUp) {
  const auto says = [](lease::HostState state) {
    lease::HostSaid said;
    said.state = state;
    return Inbox::Item{key(1), said};
  };
  Inbox inbox;
  for (int round = 0; round < 100; ++round) {
    inbox.put(says(lease::HostState::failed));
    inbox.put(says(lease::HostState::gone));
  }
  EXPECT_EQ(inbox.size(), 2u);
  EXPECT_EQ(std::get<lease::HostSaid>(inbox.take(0)->event).state, lease::HostState::failed);
  inbox.taken_in();
  EXPECT_EQ(std::get<lease::HostSaid>(inbox.take(0)->event).state, lease::HostState::gone);
}

TEST(Inbox, WhoWaitsForAnEventIsNeverForgotten) {
  Inbox inbox;
  const auto first = std::make_shared<std::promise<void>>();
  const auto second = std::make_shared<std::promise<void>>();
  inbox.put({key(1), lease::Absent{1}, first});
  inbox.put({key(1), lease::Absent{2}, second});
  inbox.put(absent(1, 3));
  EXPECT_EQ(inbox.size(), 3u);
  const auto older = std::make_shared<std::promise<void>>();
  inbox.put({key(1), lease::Absent{1}, older});
  EXPECT_EQ(older->get_future().wait_for(std::chrono::seconds(0)), std::future_status::ready)
      << "a newer answer is there already";
}

TEST(Inbox, OneThatFailsWaitsAsideWithItsOwnAndNobodyElse) {
  Inbox inbox;
  inbox.put({key(1), lease::ReadyLanded{}});
  inbox.put(absent(1, 5));
  inbox.put(absent(2, 1));
  auto failed = inbox.take(0);
  ASSERT_EQ(failed->lease, key(1));
  inbox.put_back(*std::move(failed), 0);
  EXPECT_TRUE(inbox.is_aside(key(1)));
  inbox.put(absent(1, 6));
  EXPECT_EQ(slot_of(inbox.take(0)), 1u);
  inbox.taken_in();
  EXPECT_FALSE(inbox.take(aside_ms(0) - 1));
  EXPECT_EQ(inbox.next_ms(), aside_ms(0));
  auto again = inbox.take(aside_ms(0));
  ASSERT_TRUE(again && std::holds_alternative<lease::ReadyLanded>(again->event));
  inbox.put_back(*std::move(again), 1000);
  EXPECT_EQ(inbox.next_ms(), 1000 + aside_ms(1)) << "longer each time";
  again = inbox.take(5000);
  inbox.taken_in();
  EXPECT_EQ(slot_of(inbox.take(5000)), 6u);
}

TEST(Inbox, WhatFailedGivesWayToWhatIsNewer) {
  Inbox inbox;
  inbox.put(absent(1, 5));
  auto failed = inbox.take(0);
  inbox.put(absent(1, 6));
  inbox.put_back(*std::move(failed), 0);
  EXPECT_EQ(inbox.size(), 1u);
  EXPECT_EQ(slot_of(inbox.take(10'000)), 6u);
}

}  // namespace
}  // namespace obelisk::engine
