#include "chain_suite.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "adapters/fake/cluster.hpp"
#include "adapters/solana/localnet_process.hpp"
#include "adapters/solana/rpc_chain.hpp"

namespace obelisk::conformance {
namespace {

using base::Code;
using base::Keypair;
using ports::Commitment;

constexpr std::uint64_t kWallet = 1'000'000'000;
constexpr std::uint64_t kAmount = 2'000'000;
constexpr std::uint64_t kFee = 5'000;

TEST_P(ChainSuite, APaymentGoesThroughEveryCommitment) {
  const Keypair payer = funded(kWallet);
  const auto to = Keypair::random().public_key();
  const auto transaction = payment(payer, to, kAmount, blockhash());
  const auto sent = chain().send(transaction.wire(), true);
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_EQ(*sent, transaction.id());
  ASSERT_TRUE(wait_for(*sent, Commitment::confirmed));
  EXPECT_EQ(status(*sent)->error, std::nullopt);
  EXPECT_EQ(balance(to), kAmount);
  EXPECT_EQ(balance(payer.public_key()), kWallet - kAmount - kFee);
  ASSERT_TRUE(wait_for(*sent, Commitment::finalized));
  EXPECT_EQ(chain().account(to, Commitment::finalized)->account->lamports.count, kAmount);
}

TEST_P(ChainSuite, WhatLandedIsOnRecord) {
  const Keypair payer = funded(kWallet);
  const auto to = Keypair::random().public_key();
  const auto transaction = payment(payer, to, kAmount, blockhash());
  ASSERT_TRUE(chain().send(transaction.wire(), true).ok());
  ASSERT_TRUE(wait_for(transaction.id(), Commitment::confirmed));
  const auto record = chain().transaction(transaction.id());
  ASSERT_TRUE(record.ok() && record->has_value());
  EXPECT_EQ((*record)->signature, transaction.id());
  EXPECT_EQ((*record)->wire, transaction.wire());
  EXPECT_EQ((*record)->fee.count, kFee);
  EXPECT_EQ((*record)->error, std::nullopt);
  EXPECT_EQ((*record)->slot, status(transaction.id())->slot);
  EXPECT_TRUE((*record)->block_time.has_value());
  EXPECT_EQ((*record)->pre_balances.at(0).count, kWallet);
  EXPECT_EQ((*record)->post_balances.at(0).count, kWallet - kAmount - kFee);
  EXPECT_EQ((*record)->post_balances.at(1).count, kAmount);
  const auto block = chain().block_signatures((*record)->slot);
  ASSERT_TRUE(block.ok()) << block.error().message;
  EXPECT_EQ(std::count(block->begin(), block->end(), transaction.id()), 1);
}

TEST_P(ChainSuite, TheSameBytesTwiceArePaidOnce) {
  const Keypair payer = funded(kWallet);
  const auto to = Keypair::random().public_key();
  const auto transaction = payment(payer, to, kAmount, blockhash());
  ASSERT_TRUE(chain().send(transaction.wire(), false).ok());
  EXPECT_TRUE(chain().send(transaction.wire(), false).ok());
  ASSERT_TRUE(wait_for(transaction.id(), Commitment::confirmed));
  EXPECT_TRUE(chain().send(transaction.wire(), false).ok());
  ASSERT_TRUE(wait_for(transaction.id(), Commitment::finalized));
  EXPECT_EQ(balance(to), kAmount);
  EXPECT_EQ(chain().signatures_for(to, 10).value(), std::vector{transaction.id()});
}

TEST_P(ChainSuite, AFailureKeepsItsErrorAndItsFee) {
  const Keypair payer = funded(kWallet);
  const auto to = Keypair::random().public_key();
  const auto transaction = payment(payer, to, 2 * kWallet, blockhash());
  EXPECT_EQ(chain().send(transaction.wire(), true).error().code, Code::insufficient_funds);
  const auto tried = chain().simulate(transaction.wire());
  ASSERT_TRUE(tried.ok());
  EXPECT_EQ(tried->custom, 1u);
  ASSERT_TRUE(chain().send(transaction.wire(), false).ok());
  ASSERT_TRUE(wait_for(transaction.id(), Commitment::confirmed));
  EXPECT_EQ(status(transaction.id())->custom, 1u);
  EXPECT_EQ(status(transaction.id())->error, tried->error);
  EXPECT_EQ(balance(payer.public_key()), kWallet - kFee);
  EXPECT_EQ(balance(to), 0u);
  const auto entries = chain().history(payer.public_key(), {.limit = 1});
  ASSERT_TRUE(entries.ok());
  EXPECT_EQ(entries->at(0).signature, transaction.id());
  EXPECT_TRUE(entries->at(0).failed);
}

TEST_P(ChainSuite, WhoCannotPayTheFeeDoesNotGetIn) {
  const Keypair poor = Keypair::random();
  const auto transaction = payment(poor, Keypair::random().public_key(), 1, blockhash());
  EXPECT_EQ(chain().send(transaction.wire(), true).error().code, Code::insufficient_funds);
  EXPECT_EQ(status(transaction.id()), std::nullopt);
}

TEST_P(ChainSuite, NoWalletEndsBelowTheRentFloor) {
  const Keypair payer = funded(kWallet);
  const auto to = Keypair::random().public_key();
  const auto transaction = payment(payer, to, 1'000, blockhash());
  EXPECT_FALSE(chain().send(transaction.wire(), true).ok());
  ASSERT_TRUE(chain().send(transaction.wire(), false).ok());
  ASSERT_TRUE(wait_for(transaction.id(), Commitment::confirmed));
  EXPECT_TRUE(status(transaction.id())->error.has_value());
  EXPECT_EQ(status(transaction.id())->custom, std::nullopt);
  EXPECT_EQ(balance(to), 0u);
}

TEST_P(ChainSuite, AnUnsignedTransactionIsRefused) {
  const Keypair payer = funded(kWallet);
  const solana::Transaction unsigned_one(
      solana::compile_message(payer.public_key(),
                              {solana::transfer(payer.public_key(), payer.public_key(), {1})},
                              blockhash(), solana::MessageVersion::v0)
          .value());
  EXPECT_FALSE(chain().send(unsigned_one.wire(), true).ok());
  // To try it no signature is needed.
  const auto tried = chain().simulate(unsigned_one.wire());
  ASSERT_TRUE(tried.ok()) << tried.error().message;
  EXPECT_EQ(tried->error, std::nullopt);
  EXPECT_GT(tried->slot, 0u);
  EXPECT_EQ(balance(payer.public_key()), kWallet);
}

TEST_P(ChainSuite, AnUnknownBlockhashNeverLands) {
  const Keypair payer = funded(kWallet);
  const auto transaction = payment(payer, Keypair::random().public_key(), kAmount, base::Hash{{9}});
  EXPECT_EQ(chain().send(transaction.wire(), true).error().code, Code::expired);
  (void)chain().send(transaction.wire(), false);
  for (int i = 0; i < 20; ++i) ground_->pass();
  EXPECT_EQ(status(transaction.id()), std::nullopt);
  EXPECT_EQ(balance(payer.public_key()), kWallet);
}

TEST_P(ChainSuite, ABlockhashLivesForSoManyBlocks) {
  const Keypair payer = funded(kWallet);
  const auto latest = chain().latest_blockhash(Commitment::confirmed).value();
  EXPECT_GT(latest.last_valid_block_height, 0u);
  EXPECT_GE(latest.last_valid_block_height,
            chain().block_height(Commitment::confirmed).value().height);
  ASSERT_TRUE(wait_until([&] {
    return chain().block_height(Commitment::finalized).value().height >
           latest.last_valid_block_height;
  }));
  const auto late = payment(payer, Keypair::random().public_key(), kAmount, latest.blockhash);
  EXPECT_EQ(chain().send(late.wire(), true).error().code, Code::expired);
  (void)chain().send(late.wire(), false);
  for (int i = 0; i < 20; ++i) ground_->pass();
  EXPECT_EQ(status(late.id()), std::nullopt);
}

TEST_P(ChainSuite, HistoryComesInPages) {
  const Keypair payer = funded(kWallet);
  const auto to = Keypair::random().public_key();
  std::vector<base::Signature> newest_first;
  for (std::uint64_t i = 0; i < 4; ++i) {
    const auto transaction = payment(payer, to, kAmount + i, blockhash());
    ASSERT_TRUE(chain().send(transaction.wire(), true).ok());
    ASSERT_TRUE(wait_for(transaction.id(), Commitment::confirmed));
    newest_first.insert(newest_first.begin(), transaction.id());
  }
  EXPECT_EQ(chain().signatures_for(to, 10).value(), newest_first);
  EXPECT_EQ(chain().signatures_for(to, 2).value(), (std::vector{newest_first[0], newest_first[1]}));
  const auto older = chain().history(to, {.limit = 2, .before = newest_first[1]}).value();
  ASSERT_EQ(older.size(), 2u);
  EXPECT_EQ(older[0].signature, newest_first[2]);
  EXPECT_LE(older[1].slot, older[0].slot);
  const auto newer = chain().history(to, {.limit = 10, .until = newest_first[2]}).value();
  ASSERT_EQ(newer.size(), 2u);
  EXPECT_EQ(newer[1].signature, newest_first[1]);
  const auto slot = chain().now(Commitment::confirmed)->slot;
  EXPECT_EQ(chain().history(to, {.at_least_slot = slot}).value().size(), 4u);
  const auto behind = chain().history(to, {.at_least_slot = slot + 100'000});
  EXPECT_EQ(behind.error().code, Code::unreachable) << "it knows less than was asked for";
}

TEST_P(ChainSuite, WhatIsNotThereIsAnAnswer) {
  const auto nobody = Keypair::random().public_key();
  const base::Signature never{{1}};
  const auto account = chain().account(nobody, Commitment::confirmed);
  ASSERT_TRUE(account.ok());
  EXPECT_EQ(account->account, std::nullopt);
  EXPECT_GT(account->slot, 0u);
  EXPECT_EQ(chain().transaction(never).value(), std::nullopt);
  const auto unseen = chain().statuses({never}, ports::Search::whole).value();
  EXPECT_EQ(unseen.found.at(0), std::nullopt);
  EXPECT_GE(unseen.slot, chain().block_height(Commitment::finalized).value().slot - 1);
  EXPECT_TRUE(chain().history(nobody, {.limit = 5}).value().empty());
  EXPECT_TRUE(chain().program_accounts(nobody, {}, {}, Commitment::confirmed).value().empty());
}

TEST_P(ChainSuite, AccountsAnswerInTheOrderAsked) {
  const Keypair one = funded(kWallet);
  const Keypair two = funded(2 * kWallet);
  const auto nobody = Keypair::random().public_key();
  const auto all =
      chain().accounts({two.public_key(), nobody, one.public_key()}, Commitment::confirmed);
  ASSERT_TRUE(all.ok() && all->size() == 3);
  EXPECT_EQ(all->at(0).account->lamports.count, 2 * kWallet);
  EXPECT_EQ(all->at(0).account->owner, solana::kSystemProgram);
  EXPECT_FALSE(all->at(1).account.has_value());
  EXPECT_EQ(all->at(2).account->lamports.count, kWallet);
}

TEST_P(ChainSuite, TimeAndCommitmentsAreInOrder) {
  const auto before = chain().now(Commitment::confirmed).value();
  EXPECT_GT(before.unix_s, 1'600'000'000);
  ASSERT_TRUE(wait_until(
      [&] { return chain().now(Commitment::confirmed).value().slot >= before.slot + 5; }));
  EXPECT_GE(chain().now(Commitment::confirmed).value().unix_s, before.unix_s);
  // Asked deepest first: nothing between the questions can turn the order round.
  const auto final = chain().block_height(Commitment::finalized).value();
  const auto confirmed = chain().block_height(Commitment::confirmed).value();
  const auto processed = chain().block_height(Commitment::processed).value();
  EXPECT_LT(final.height, confirmed.height);
  EXPECT_LE(confirmed.height, processed.height);
  EXPECT_LT(final.slot, confirmed.slot);
  EXPECT_GE(final.slot, final.height);
  EXPECT_GT(chain().minimum_balance(296).value().count, chain().minimum_balance(0).value().count);
}

TEST_P(ChainSuite, ASignatureIsToldOnce) {
  const Keypair payer = funded(kWallet);
  const auto transaction = payment(payer, Keypair::random().public_key(), kAmount, blockhash());
  std::atomic<int> told = 0;
  const auto watch =
      chain().watch_signature(transaction.id(), Commitment::confirmed, [&] { ++told; });
  for (int i = 0; i < 5; ++i) ground_->pass();
  EXPECT_EQ(told, 0);
  ASSERT_TRUE(chain().send(transaction.wire(), true).ok());
  ASSERT_TRUE(wait_until([&] { return told > 0; }));
  for (int i = 0; i < 20; ++i) ground_->pass();
  EXPECT_EQ(told, 1);
}

TEST_P(ChainSuite, AProgramsWatcherHearsThatItBegan) {
  std::atomic<int> began = 0;
  const auto watch = chain().watch_program(
      program_of_nobody(), Commitment::confirmed,
      [&](const std::optional<ports::ProgramAccount>& account, std::uint64_t) {
        if (!account) ++began;
      });
  EXPECT_TRUE(wait_until([&] { return began > 0; }));
}

// --- the drivers ---

class InMemory final : public ChainGround {
 public:
  ports::Chain& chain() override { return cluster_; }
  void pass() override { cluster_.advance_ms(200); }

 private:
  fake::Cluster cluster_{program_of_nobody(), 1'700'000'000};
};

struct RealClock final : ports::Clock {
  base::UnixMillis now_ms() override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  }
  std::int64_t steady_ms() override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
  }
};

// A process with the real runtime has a time of its own, so here it is waited for.
class OnLocalnet final : public ChainGround {
 public:
  static std::unique_ptr<ChainGround> make() {
    if (network_ == nullptr) {
      auto started = solana_rpc::LocalnetProcess::start(40);
      EXPECT_TRUE(started.ok()) << started.error().message;
      if (!started.ok()) return nullptr;
      network_ = std::make_unique<solana_rpc::LocalnetProcess>(*std::move(started));
    }
    auto out = std::make_unique<OnLocalnet>();
    auto chain = solana_rpc::RpcChain::create(
        {.rpc_url = network_->rpc_url(), .websocket_url = network_->websocket_url(), .pause = {}},
        out->clock_);
    if (!chain.ok()) return nullptr;
    out->chain_ = *std::move(chain);
    return out;
  }
  static void end() { network_.reset(); }

  ports::Chain& chain() override { return *chain_; }
  void pass() override { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

 private:
  static inline std::unique_ptr<solana_rpc::LocalnetProcess> network_;
  RealClock clock_;
  std::unique_ptr<solana_rpc::RpcChain> chain_;
};

// One network serves all tests and ends with them.
class EndsLocalnet final : public ::testing::Environment {
 public:
  void TearDown() override { OnLocalnet::end(); }
};
const auto* const kEnds = ::testing::AddGlobalTestEnvironment(new EndsLocalnet);

INSTANTIATE_TEST_SUITE_P(Chains, ChainSuite,
                         ::testing::Values(ChainDriver{"memory",
                                                       [] { return std::make_unique<InMemory>(); }},
                                           ChainDriver{"localnet", OnLocalnet::make}),
                         [](const auto& driver) { return std::string(driver.param.name); });

}  // namespace
}  // namespace obelisk::conformance
