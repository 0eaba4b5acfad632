// The pool over scripted nodes: one that is dead, busy, behind or lies, beside honest ones.
#include "adapters/solana/node_pool.hpp"

#include <gtest/gtest.h>

#include <map>

#include "adapters/solana/agreement.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;
using base::Result;
using ports::Commitment;

constexpr auto kConfirmed = Commitment::confirmed;

struct TurnedClock : ports::Clock {
  base::UnixMillis now_ms() override { return time_ms; }
  std::int64_t steady_ms() override { return time_ms; }
  void advance_ms(std::int64_t by) { time_ms += by; }
  std::int64_t time_ms = 0;
};

// What one node says; a test changes it as it goes.
struct Script {
  std::optional<Code> fault;  // every call ends in it
  std::uint64_t slot = 1'000;
  std::uint64_t height = 500;
  std::uint64_t last_valid = 650;
  base::UnixSeconds time_s = 42;
  std::map<base::PublicKey, ports::Account> accounts;
  std::optional<ports::SignatureStatus> status;
  std::optional<ports::TransactionRecord> record;
  std::vector<base::Signature> signatures;
  std::optional<Code> refusal;  // of whatever is sent
  int calls = 0;
  int sent = 0;
  int preflights = 0;
  int airdrops = 0;
  ports::Chain::ProgramCallback callback;
  std::function<void()> on_signature;
};

class ScriptedNode final : public ports::Chain {
 public:
  explicit ScriptedNode(Script& script) : it_(script) {}

  Result<ports::LatestBlockhash> latest_blockhash(Commitment) override {
    return said(ports::LatestBlockhash{{}, it_.last_valid, it_.slot});
  }
  Result<ports::BlockHeight> block_height(Commitment) override {
    return said(ports::BlockHeight{it_.height, it_.slot});
  }
  Result<ports::ChainTime> now(Commitment) override {
    return said(ports::ChainTime{it_.slot, it_.time_s});
  }
  Result<ports::AccountAt> account(const base::PublicKey& address, Commitment) override {
    const auto found = it_.accounts.find(address);
    ports::AccountAt out{it_.slot, std::nullopt};
    if (found != it_.accounts.end()) out.account = found->second;
    return said(out);
  }
  Result<std::vector<ports::AccountAt>> accounts(const std::vector<base::PublicKey>& addresses,
                                                 Commitment commitment) override {
    std::vector<ports::AccountAt> out;
    --it_.calls;  // counted below
    for (const auto& address : addresses) {
      --it_.calls;
      TRY(out.emplace_back(), account(address, commitment));
    }
    ++it_.calls;
    return said(out);
  }
  Result<std::vector<ports::ProgramAccount>> program_accounts(const base::PublicKey&,
                                                              std::optional<std::size_t>,
                                                              const std::vector<ports::DataFilter>&,
                                                              Commitment) override {
    std::vector<ports::ProgramAccount> out;
    for (const auto& [address, account] : it_.accounts) out.push_back({address, account});
    return said(out);
  }
  Result<base::Lamports> minimum_balance(std::size_t) override { return said(base::Lamports{5}); }
  Result<base::Signature> send(base::ByteView, bool preflight) override {
    ++it_.sent;
    if (preflight) ++it_.preflights;
    if (it_.refusal) return Error{*it_.refusal, "refused", "", 0};
    return said(base::Signature{});
  }
  Result<ports::SignatureStatuses> statuses(const std::vector<base::Signature>& signatures,
                                            ports::Search) override {
    return said(ports::SignatureStatuses{it_.slot, {signatures.size(), it_.status}});
  }
  Result<ports::Simulation> simulate(base::ByteView) override {
    return said(ports::Simulation{it_.slot, 1, {}, {}});
  }
  Result<std::vector<std::uint64_t>> recent_fees(const std::vector<base::PublicKey>&) override {
    return said(std::vector<std::uint64_t>{7});
  }
  Result<std::vector<ports::HistoryEntry>> history(const base::PublicKey&,
                                                   const ports::HistoryPage&) override {
    std::vector<ports::HistoryEntry> out;
    for (const base::Signature& signature : it_.signatures) out.push_back({signature, 1, false});
    return said(out);
  }
  Result<std::vector<base::Signature>> block_signatures(std::uint64_t) override {
    return said(it_.signatures);
  }
  std::unique_ptr<ports::Subscription> watch_signature(const base::Signature&, Commitment,
                                                       std::function<void()> callback) override {
    it_.on_signature = std::move(callback);
    return std::make_unique<ports::Subscription>();
  }
  Result<std::optional<ports::TransactionRecord>> transaction(const base::Signature&) override {
    return said(it_.record);
  }
  Result<base::Signature> airdrop(const base::PublicKey&, base::Lamports) override {
    ++it_.airdrops;
    return said(base::Signature{});
  }
  std::unique_ptr<ports::Subscription> watch_program(const base::PublicKey&, Commitment,
                                                     ProgramCallback callback) override {
    it_.callback = std::move(callback);
    return std::make_unique<ports::Subscription>();
  }

 private:
  template <class T>
  Result<T> said(T value) {
    ++it_.calls;
    if (it_.fault) return Error{*it_.fault, "scripted", "", 0};
    return value;
  }
  Script& it_;
};

class Pool : public testing::Test {
 protected:
  void make(std::size_t count) {
    nodes_.resize(count);
    NodePool::Nodes nodes;
    for (Script& script : nodes_) nodes.push_back(std::make_unique<ScriptedNode>(script));
    health_ = std::make_shared<NodeHealth>(count, clock_);
    pool_ = std::make_unique<NodePool>(std::move(nodes), health_, [this](int ms) {
      ++pauses_;
      clock_.advance_ms(ms);
      if (on_pause_) on_pause_();
    });
  }
  template <class T>
  static Code code_of(const Result<T>& result) {
    EXPECT_FALSE(result.ok());
    return result.ok() ? Code::usage : result.error().code;
  }
  void show(Script& node, std::uint64_t lamports = 1) {
    node.accounts[kLease] = {base::Lamports{lamports}, {}, {}};
  }
  Result<ports::AccountAt> lease() { return pool_->account(kLease, kConfirmed); }

  const base::PublicKey kLease{{1}};
  const base::PublicKey kOther{{2}};
  TurnedClock clock_;
  std::vector<Script> nodes_;
  std::shared_ptr<NodeHealth> health_;
  std::unique_ptr<NodePool> pool_;
  std::function<void()> on_pause_;
  int pauses_ = 0;
};

TEST_F(Pool, ADeadNodeIsLeftForTheNextAndThenLeftAlone) {
  make(2);
  nodes_[0].fault = Code::unreachable;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(pool_->now(kConfirmed).ok());
  EXPECT_EQ(nodes_[0].calls, 1);
  EXPECT_EQ(nodes_[1].calls, 5);
}

TEST_F(Pool, ABusyNodeRestsAsLongAsItAskedFor) {
  make(2);
  nodes_[0].fault = Code::rate_limited;
  health_->told_to_wait(0, 7'000);
  for (int i = 0; i < 7; ++i, clock_.advance_ms(999)) EXPECT_TRUE(pool_->now(kConfirmed).ok());
  EXPECT_EQ(nodes_[0].calls, 0);
  nodes_[1].fault = Code::unreachable;
  EXPECT_EQ(code_of(pool_->now(kConfirmed)), Code::unreachable);
  EXPECT_EQ(nodes_[0].calls, 0) << "not even as a last resort";
}

TEST_F(Pool, AnAnswerOlderThanWhatWasKnownIsRefusedAndAnotherAsked) {
  make(2);
  show(nodes_[0], 1);
  show(nodes_[1], 1);
  nodes_[0].slot = 1'010;
  EXPECT_EQ(lease()->slot, 1'000u) << "the older of the two that show the same";
  clock_.advance_ms(2'000);  // the other's turn
  const auto again = lease();
  EXPECT_EQ(again->slot, 1'010u);
  EXPECT_EQ(nodes_[1].calls, 2);
  EXPECT_EQ(pauses_, 0);
}

TEST_F(Pool, ANodeALittleBehindIsGivenAMoment) {
  make(2);
  show(nodes_[0]);
  show(nodes_[1]);
  ASSERT_TRUE(lease().ok());
  nodes_[0].fault = Code::timeout;
  nodes_[1].slot = 998;
  on_pause_ = [this] { ++nodes_[1].slot; };
  const auto found = lease();
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->slot, 1'000u);
  EXPECT_EQ(pauses_, 2);
}

TEST_F(Pool, ANodeFarBehindIsNotWaitedForNorBelieved) {
  make(2);
  show(nodes_[0]);
  show(nodes_[1]);
  ASSERT_TRUE(lease().ok());
  nodes_[0].fault = Code::unreachable;
  nodes_[1].slot = 800;
  EXPECT_EQ(code_of(lease()), Code::unreachable);
  EXPECT_EQ(code_of(pool_->now(kConfirmed)), Code::unreachable);
  EXPECT_EQ(code_of(pool_->latest_blockhash(kConfirmed)), Code::unreachable);
  EXPECT_EQ(code_of(pool_->program_accounts({}, {}, {}, kConfirmed)), Code::unreachable);
  EXPECT_EQ(pauses_, 0);
}

TEST_F(Pool, TimeBlockhashAndListsAreNeverOlderThanWhatWasKnown) {
  make(2);
  show(nodes_[0]);
  show(nodes_[1]);
  nodes_[0].slot = nodes_[0].last_valid = 1'010;
  ASSERT_TRUE(pool_->now(kConfirmed).ok());
  for (int turn = 0; turn < 4; ++turn, clock_.advance_ms(1'000)) {
    EXPECT_EQ(pool_->now(kConfirmed)->slot, 1'010u);
    EXPECT_EQ(pool_->latest_blockhash(kConfirmed)->slot, 1'010u);
    EXPECT_EQ(pool_->program_accounts({}, {}, {}, kConfirmed)->size(), 1u);
  }
  EXPECT_GT(nodes_[1].calls, 0);
}

TEST_F(Pool, ALieAboutTheSlotDoesNotMakeHonestNodesLookOld) {
  make(3);
  for (Script& node : nodes_) show(node);
  ASSERT_TRUE(pool_->now(kConfirmed).ok());
  clock_.advance_ms(2'000);  // the liar's turn
  nodes_[1].slot = ~0ULL;
  const auto found = lease();
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->slot, 1'000u);
}

TEST_F(Pool, OneNodeAloneCannotSayThatALeaseIsGone) {
  make(2);
  nodes_[1].fault = Code::unreachable;
  EXPECT_EQ(code_of(lease()), Code::unreachable);
  nodes_[1].fault.reset();
  clock_.advance_ms(30'000);
  const auto gone = lease();
  ASSERT_TRUE(gone.ok()) << gone.error().message;
  EXPECT_FALSE(gone->account.has_value());
  EXPECT_EQ(gone->slot, 1'000u);
}

TEST_F(Pool, ALieThatALeaseIsGoneIsOutshownByThoseThatHaveIt) {
  make(3);
  show(nodes_[1], 9);
  show(nodes_[2], 9);
  const auto found = lease();
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->account->lamports.count, 9u);
}

TEST_F(Pool, WhatOneNodeShowsIsNotTakenWhereAnotherShowsSomethingElse) {
  make(3);
  for (Script& node : nodes_) show(node);
  nodes_[0].accounts[kLease].data = {9};  // another opening of it, say
  EXPECT_EQ(lease()->account->data, base::Bytes{});
  const auto listed = pool_->program_accounts({}, {}, {}, kConfirmed);
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().account.data, base::Bytes{}) << "what the others show";
  nodes_[2].fault = Code::unreachable;
  EXPECT_EQ(code_of(lease()), Code::unreachable);
  nodes_[1].fault = Code::unreachable;
  clock_.advance_ms(500);
  EXPECT_EQ(lease()->account->data, base::Bytes{9}) << "nobody else can be heard";
}

TEST_F(Pool, TheEarlierOfTwoTimesCounts) {
  make(3);
  nodes_[0].time_s = 99'999;
  EXPECT_EQ(pool_->now(kConfirmed)->unix_s, 42);
}

TEST_F(Pool, ANodeThatHasNotSeenTheOpeningCannotCallItAbsent) {
  make(3);
  show(nodes_[0]);
  nodes_[0].slot = 1'005;
  ASSERT_TRUE(pool_->now(kConfirmed).ok());
  nodes_[0].fault = Code::unreachable;
  EXPECT_EQ(code_of(lease()), Code::unreachable) << "both are of before the slot that is known";
}

TEST_F(Pool, ManyAccountsAreAgreedOnOneByOne) {
  make(2);
  show(nodes_[0], 3);
  show(nodes_[1], 3);
  nodes_[1].slot = 1'001;
  const auto found = pool_->accounts({kLease, kOther}, kConfirmed);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->at(0).account->lamports.count, 3u);
  EXPECT_FALSE(found->at(1).account.has_value());
  EXPECT_EQ(found->at(1).slot, 1'000u);
  EXPECT_TRUE(pool_->accounts({}, kConfirmed)->empty());
}

TEST_F(Pool, TwoNodesSayHowATransactionEnded) {
  make(2);
  nodes_[0].status = ports::SignatureStatus{900, Commitment::finalized, {}, {}};
  auto seen = pool_->statuses({{}}, ports::Search::recent);
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->found.at(0)->commitment, Commitment::processed);
  nodes_[1].status = ports::SignatureStatus{900, Commitment::confirmed, {}, {}};
  EXPECT_EQ(pool_->statuses({{}}, ports::Search::recent)->found.at(0)->commitment,
            Commitment::confirmed);
  nodes_[1].status->error = "{}";
  EXPECT_EQ(code_of(pool_->statuses({{}}, ports::Search::recent)), Code::unreachable);
  nodes_[1].fault = Code::timeout;
  EXPECT_EQ(code_of(pool_->statuses({{}}, ports::Search::recent)), Code::unreachable);
}

TEST_F(Pool, NodesThatAreBehindCannotSayThatATransactionIsInNoBlock) {
  make(4);
  const ports::SignatureStatus landed{990, Commitment::finalized, {}, {}};
  for (const std::size_t ahead : {2u, 3u}) {
    nodes_[ahead].slot = 1'300;
    nodes_[ahead].height = 800;
    nodes_[ahead].status = landed;
  }
  ASSERT_TRUE(pool_->block_height(Commitment::finalized).ok());
  clock_.advance_ms(1'000);  // the first to name so new a slot was alone with it
  const auto height = pool_->block_height(Commitment::finalized);
  ASSERT_TRUE(height.ok());
  EXPECT_EQ(*height, (ports::BlockHeight{800, 1'300}));
  auto seen = pool_->statuses({{}}, ports::Search::whole);
  ASSERT_TRUE(seen.ok()) << seen.error().message;
  EXPECT_EQ(seen->found.at(0)->commitment, Commitment::finalized);
  nodes_[2].fault = nodes_[3].fault = Code::timeout;
  seen = pool_->statuses({{}}, ports::Search::whole);
  ASSERT_TRUE(seen.ok()) << seen.error().message;
  EXPECT_FALSE(seen->found.at(0));
  EXPECT_LT(seen->slot, height->slot) << "an absence that proves nothing";
}

TEST_F(Pool, TwoNodesSayWhichHeightHasPassed) {
  make(2);
  nodes_[0].height = 9'999;
  EXPECT_EQ(pool_->block_height(kConfirmed)->height, 500u);
  nodes_[1].fault = Code::unreachable;
  EXPECT_EQ(code_of(pool_->block_height(kConfirmed)), Code::unreachable);
}

TEST_F(Pool, AnExpiryThatComesTooSoonIsNotBelieved) {
  make(2);
  nodes_[0].last_valid = 3;
  EXPECT_EQ(pool_->latest_blockhash(kConfirmed)->last_valid_block_height, 650u);
  nodes_[1].fault = Code::unreachable;
  EXPECT_TRUE(pool_->latest_blockhash(kConfirmed).ok());
}

TEST_F(Pool, WhereNoSecondNodeAnswersABlockhashLivesAsLongAsItCanAtMost) {
  make(2);
  EXPECT_EQ(pool_->block_height(kConfirmed)->height, 500u);
  nodes_[1].fault = Code::unreachable;
  nodes_[0].last_valid = 510;
  clock_.advance_ms(1'000);
  EXPECT_EQ(pool_->latest_blockhash(kConfirmed)->last_valid_block_height, 500u + 11 + 150);
}

TEST_F(Pool, ATransactionGoesToAllAndRunsFirstOnOne) {
  make(3);
  nodes_[1].fault = Code::unreachable;
  EXPECT_TRUE(pool_->send({}, true).ok());
  for (const Script& node : nodes_) EXPECT_EQ(node.sent, 1);
  EXPECT_EQ(nodes_[0].preflights + nodes_[1].preflights + nodes_[2].preflights, 1);
}

TEST_F(Pool, OneRefusalAloneIsNoVerdict) {
  make(2);
  nodes_[0].refusal = Code::insufficient_funds;
  EXPECT_TRUE(pool_->send({}, true).ok()) << "the other takes it";
  EXPECT_EQ(nodes_[1].preflights, 1);
  nodes_[1].fault = Code::unreachable;
  EXPECT_EQ(code_of(pool_->send({}, true)), Code::unreachable);
  nodes_[1].fault.reset();
  nodes_[1].refusal = Code::insufficient_funds;
  clock_.advance_ms(30'000);
  EXPECT_EQ(code_of(pool_->send({}, true)), Code::insufficient_funds);
}

TEST_F(Pool, TheHistoryThatOneNodeLacksIsTheOthers) {
  make(2);
  nodes_[1].record = ports::TransactionRecord{};
  nodes_[1].signatures = {{}, {}};
  EXPECT_TRUE(pool_->transaction({})->has_value());
  EXPECT_EQ(pool_->signatures_for(kLease, 10)->size(), 2u);
  nodes_[1].record.reset();
  nodes_[1].signatures.clear();
  EXPECT_FALSE(pool_->transaction({})->has_value());
  EXPECT_TRUE(pool_->signatures_for(kLease, 10)->empty());
  nodes_[1].fault = Code::unreachable;
  EXPECT_EQ(code_of(pool_->transaction({})), Code::unreachable);
  EXPECT_EQ(code_of(pool_->signatures_for(kLease, 10)), Code::unreachable);
}

TEST_F(Pool, AnAirdropInDoubtIsNotAskedForTwice) {
  make(2);
  nodes_[0].fault = Code::timeout;
  EXPECT_EQ(code_of(pool_->airdrop(kLease, {1})), Code::timeout);
  EXPECT_EQ(nodes_[1].airdrops, 0);
  nodes_[0].fault = Code::rate_limited;
  clock_.advance_ms(4'000);
  EXPECT_TRUE(pool_->airdrop(kLease, {1}).ok());
  EXPECT_EQ(nodes_[1].airdrops, 1);
}

TEST_F(Pool, EachChangeIsToldOnceAndReconnectsEachTime) {
  make(2);
  std::vector<std::uint64_t> told;
  int anew = 0;
  const auto watch = pool_->watch_program(
      {}, Commitment::processed,
      [&](const std::optional<ports::ProgramAccount>& change, std::uint64_t slot) {
        if (!change) ++anew;
        if (change) told.push_back(slot * 10 + change->account.lamports.count);
      });
  const auto change = [&](std::size_t node, std::uint64_t slot, std::uint64_t lamports) {
    const ports::ProgramAccount one{kLease, {base::Lamports{lamports}, {}, {}}};
    nodes_[node].callback(one, slot);
  };
  nodes_[0].callback(std::nullopt, 0);
  nodes_[1].callback(std::nullopt, 0);
  EXPECT_EQ(anew, 2);
  change(0, 5, 1);
  change(0, 5, 2);
  change(1, 5, 1);  // the second node tells both again
  change(1, 5, 2);
  change(1, 6, 1);
  change(0, 5, 3);  // older than what was told
  change(0, 6, 1);
  change(0, 90'000, 9);  // no chain is so fast
  change(1, 7, 1);
  EXPECT_EQ(told, (std::vector<std::uint64_t>{51, 52, 61, 71}));
}

TEST_F(Pool, AConfirmedChangeIsToldOnceTwoNodesTellIt) {
  make(3);
  std::vector<std::uint64_t> told;
  const auto watch = pool_->watch_program(
      {}, kConfirmed, [&](const std::optional<ports::ProgramAccount>& change, std::uint64_t slot) {
        if (change) told.push_back(slot * 10 + change->account.lamports.count);
      });
  const auto change = [&](std::size_t node, std::uint64_t slot, std::uint64_t lamports) {
    const ports::ProgramAccount one{kLease, {base::Lamports{lamports}, {}, {}}};
    nodes_[node].callback(one, slot);
  };
  change(0, 5, 9);  // a lie
  change(0, 5, 9);
  EXPECT_TRUE(told.empty());
  change(1, 5, 1);
  change(2, 6, 1);
  change(0, 7, 1);
  change(1, 7, 1);
  EXPECT_EQ(told, (std::vector<std::uint64_t>{51, 71}));
}

TEST_F(Pool, OfManyNodesTheFirstThatTellsOfASignatureIsHeardOnce) {
  make(2);
  int told = 0;
  const auto watch = pool_->watch_signature({{1}}, kConfirmed, [&] { ++told; });
  nodes_[1].on_signature();
  nodes_[0].on_signature();
  EXPECT_EQ(told, 1);
}

TEST_F(Pool, ASimulationOnAnOldStateIsNotTaken) {
  make(2);
  nodes_[0].slot = 900;
  nodes_[1].slot = 1'000;
  ASSERT_TRUE(pool_->now(Commitment::processed).ok());
  ASSERT_TRUE(pool_->now(Commitment::processed).ok());
  nodes_[1].fault = Code::unreachable;
  health_->judge(1, Commitment::processed, 1'000, 0);
  EXPECT_FALSE(pool_->simulate({}).ok());
  nodes_[1].fault.reset();
  clock_.advance_ms(60'000);
  EXPECT_TRUE(pool_->simulate({}).ok());
}

}  // namespace
}  // namespace obelisk::solana_rpc
