#include "apps/market/indexer/index_thread.hpp"

#include <gtest/gtest.h>

#include <future>

#include "adapters/fake/fake_clock.hpp"
#include "apps/market/indexer/index_lock.hpp"
#include "apps/market/indexer/reindex.hpp"
#include "apps/market/indexer/testing.hpp"

namespace obelisk::indexer {
namespace {

using namespace testing;
using escrow::State;
using escrow::Tag;
using index::testing::event;
using index::testing::kAccounts;
using index::testing::open_of;

index::testing::Told opened(std::uint8_t name) {
  return told(name, escrow::encode_open(kProgram, open_of()), event(Tag::open, State::funded));
}

TEST(IndexThread, WaitsLongerTheOfterItFails) {
  EXPECT_EQ(pause_ms(1), 1'000);
  EXPECT_EQ(pause_ms(3), 4'000);
  EXPECT_EQ(pause_ms(60), 30'000);
}

TEST(IndexVoice, SaysEachThingOnce) {
  IndexVoice voice;
  const base::Error error{base::Code::unreachable, "The node does not answer.", "Wait."};
  Status status;
  status.done_slot = 50;
  ports::IndexTotals totals;
  totals.transactions = 3;
  totals.oldest_slot = 17;
  totals.from_birth = true;
  EXPECT_EQ(*voice.done(status, totals, {}),
            "The index has caught up at slot 50: 3 transactions, 0 steps, 0 leases.");
  EXPECT_FALSE(voice.done(status, totals, {}));
  EXPECT_NE(voice.failed(error)->find("is behind: The node does not answer."), std::string::npos);
  EXPECT_FALSE(voice.failed(error));
  EXPECT_TRUE(voice.is_behind());
  totals.from_birth = false;
  EXPECT_NE(voice.done(status, totals, {})->find("whole from slot 17."), std::string::npos);
  EXPECT_FALSE(voice.is_behind());
  status.listed = 99;
  EXPECT_FALSE(voice.reading(status));
  status.listed = 1000;
  EXPECT_NE(voice.reading(status)->find("1000 transactions"), std::string::npos);
  EXPECT_FALSE(voice.reading(status));
}

// Real time passes only as long as the thread needs to be scheduled.
TEST(IndexThread, CatchesUpAndTellsHowFarItIs) {
  ScriptedChain chain;
  fake::FakeClock clock;
  StoreInAFolder store;
  chain.land(10, opened(1));
  std::promise<Health> whole;
  bool told_once = false;
  {
    IndexThread thread({chain,
                        *store,
                        clock,
                        kProgram,
                        [&](const Health& health) {
                          if (health.behind || std::exchange(told_once, true)) return;
                          whole.set_value(health);
                        },
                        {}});
    auto future = whole.get_future();
    ASSERT_EQ(future.wait_for(std::chrono::seconds(30)), std::future_status::ready);
    EXPECT_EQ(future.get(), (Health{1000, 1000, 0, false}));
  }
  EXPECT_EQ(store->totals().value().steps, 1u);
}

TEST(Reindex, BuildsAnIndexFromNothingAndPutsItInPlace) {
  ScriptedChain chain;
  fake::FakeClock clock;
  StoreInAFolder place;
  const std::string folder = place.folder() + "/state";
  std::vector<std::string> shown;
  const ReindexTools tools{chain, clock, [&](const std::string& line) { shown.push_back(line); },
                           [&](int ms) { clock.advance_ms(ms); }};
  ReindexRequest request;
  request.state_dir = folder;
  EXPECT_EQ(reindex(request, tools).error().code, base::Code::usage) << "of which program?";
  request.program = kProgram;
  chain.land(10, opened(1));
  const auto done = reindex(request, tools);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->totals.leases, 1u);
  EXPECT_EQ(done->finalized_slot, 1000u);
  EXPECT_EQ(done->known_from, 10u) << "the program's birth is not in it";
  EXPECT_NE(to_text(*done).find("before slot 10"), std::string::npos);
  EXPECT_NE(to_json_line(*done).find("\"transactions\":1"), std::string::npos);
  EXPECT_EQ(sqlite::program_of_index(folder + "/index.sqlite").value(), kProgram);
  // Again, of the program that is there by now.
  request.program.reset();
  chain.land(20, opened(2));
  EXPECT_EQ(reindex(request, tools)->totals.transactions, 2u);
  // A node that stays away: the old one is untouched.
  chain.answers_left = 0;
  const auto failed = reindex(request, tools);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, base::Code::unreachable);
  EXPECT_FALSE(std::filesystem::exists(folder + "/index.sqlite.new"));
  EXPECT_EQ(sqlite::program_of_index(folder + "/index.sqlite").value(), kProgram);
}

TEST(Reindex, RefusesWhereSomebodyWrites) {
  ScriptedChain chain;
  fake::FakeClock clock;
  StoreInAFolder place;
  const auto lock = IndexLock::take(place.folder());
  ASSERT_TRUE(lock);
  ReindexRequest request;
  request.state_dir = place.folder();
  request.program = kProgram;
  const auto refused = reindex(request, {chain, clock, {}, {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::conflict);
  EXPECT_NE(refused.error().message.find(std::to_string(::getpid())), std::string::npos);
}

}  // namespace
}  // namespace obelisk::indexer
