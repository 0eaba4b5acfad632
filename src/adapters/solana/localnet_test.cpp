// The whole adapter against a real localnet: the real runtime behind the real RPC.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "adapters/http/client.hpp"
#include "adapters/solana/localnet_process.hpp"
#include "adapters/solana/rpc_chain.hpp"
#include "adapters/solana/sender.hpp"
#include "adapters/solana/transaction_error.hpp"
#include "base/crypto.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Keypair;
using base::kLamportsPerSol;
using base::Lamports;
using ports::Commitment;

// localnet runs by real time, and so do these tests.
struct RealClock : ports::Clock {
  base::UnixMillis now_ms() override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  }
  std::int64_t steady_ms() override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
  }
};

// What a watch reported, for a test to wait on.
class Reports {
 public:
  ports::Chain::ProgramCallback callback() {
    return [this](const std::optional<ports::ProgramAccount>& account, std::uint64_t slot) {
      const std::lock_guard lock(mutex_);
      if (account) {
        accounts_.push_back(*account);
        slot_ = slot;
      } else {
        ++connects_;
      }
      changed_.notify_all();
    };
  }
  bool wait_for_connects(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return connects_ >= count; });
  }
  std::optional<ports::ProgramAccount> wait_for(const base::PublicKey& address) {
    std::unique_lock lock(mutex_);
    std::optional<ports::ProgramAccount> found;
    changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      for (const auto& account : accounts_) {
        if (account.address == address) found = account;
      }
      return found.has_value();
    });
    return found;
  }
  std::uint64_t slot() {
    const std::lock_guard lock(mutex_);
    return slot_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ports::ProgramAccount> accounts_;
  int connects_ = 0;
  std::uint64_t slot_ = 0;
};

class Localnet : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto started = LocalnetProcess::start();
    ASSERT_TRUE(started.ok()) << started.error().message;
    network = std::make_unique<LocalnetProcess>(*std::move(started));
  }
  static void TearDownTestSuite() { network.reset(); }

  void SetUp() override {
    ASSERT_NE(network, nullptr);
    chain_ = connect(*network);
    ASSERT_NE(chain_, nullptr);
  }

  std::unique_ptr<RpcChain> connect(const LocalnetProcess& to) {
    auto chain = RpcChain::create(
        {.rpc_url = to.rpc_url(), .websocket_url = to.websocket_url(), .pause = {}}, clock_);
    EXPECT_TRUE(chain.ok()) << (chain.ok() ? "" : chain.error().message);
    return chain.ok() ? *std::move(chain) : nullptr;
  }
  base::Result<ports::SignatureStatus> confirm(const solana::Transaction& transaction,
                                               std::uint64_t last_valid) {
    return send_and_confirm(*chain_, clock_, transaction, last_valid, Commitment::confirmed,
                            std::chrono::seconds(60));
  }
  bool wait_landed(const base::Signature& signature) {
    for (int tries = 0; tries < 200; ++tries) {
      const auto status = chain_->statuses({signature}, ports::Search::recent);
      const auto seen = status.ok() ? status->found.front() : std::nullopt;
      if (seen && seen->commitment >= Commitment::confirmed) {
        return !seen->error;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
  Keypair funded(std::uint64_t lamports = kLamportsPerSol) {
    Keypair key = Keypair::random();
    const auto signature = chain_->airdrop(key.public_key(), {lamports});
    EXPECT_TRUE(signature.ok()) << (signature.ok() ? "" : signature.error().message);
    EXPECT_TRUE(signature.ok() && wait_landed(*signature));
    return key;
  }
  solana::Transaction signed_by(const Keypair& payer,
                                const std::vector<solana::Instruction>& instructions,
                                const base::Hash& blockhash) {
    solana::Transaction out(solana::compile_message(payer.public_key(), instructions, blockhash,
                                                    solana::MessageVersion::v0)
                                .value());
    EXPECT_TRUE(solana::sign(out, payer).ok());
    return out;
  }
  ports::LatestBlockhash latest() {
    return chain_->latest_blockhash(Commitment::confirmed).value();
  }
  std::uint64_t balance(const base::PublicKey& key) {
    const auto at = chain_->account(key, Commitment::confirmed);
    return at.ok() && at->account ? at->account->lamports.count : 0;
  }

  static inline std::unique_ptr<LocalnetProcess> network;
  RealClock clock_;
  std::unique_ptr<RpcChain> chain_;
};

TEST_F(Localnet, ATransferIsSentConfirmedAndRecorded) {
  const Keypair payer = funded();
  const Keypair other = Keypair::random();
  const auto blockhash = latest();
  const auto transaction =
      signed_by(payer, {solana::transfer(payer.public_key(), other.public_key(), {2'000'000})},
                blockhash.blockhash);
  const std::int64_t sent_ms = clock_.steady_ms();
  const auto status = confirm(transaction, blockhash.last_valid_block_height);
  ASSERT_TRUE(status.ok()) << status.error().message;
  RecordProperty("sent_to_confirmed_ms", static_cast<int>(clock_.steady_ms() - sent_ms));
  EXPECT_FALSE(status->error.has_value());
  EXPECT_EQ(balance(other.public_key()), 2'000'000u);

  const auto record = chain_->transaction(transaction.id());
  ASSERT_TRUE(record.ok()) << record.error().message;
  ASSERT_TRUE(record->has_value());
  EXPECT_EQ((*record)->wire, transaction.wire());
  EXPECT_EQ((*record)->fee.count, 5000u);
  EXPECT_EQ((*record)->fee, solana::network_fee(transaction.message()).value());
  EXPECT_FALSE((*record)->error.has_value());
  EXPECT_EQ((*record)->pre_balances.at(0).count, kLamportsPerSol);
  EXPECT_EQ((*record)->post_balances.at(0).count, kLamportsPerSol - 2'000'000 - 5000);
  EXPECT_EQ((*record)->post_balances.at(1).count, 2'000'000u);
  EXPECT_EQ((*record)->slot, status->slot);
  EXPECT_TRUE((*record)->block_time.has_value());
  EXPECT_FALSE((*record)->logs.empty());

  const auto signatures = chain_->signatures_for(other.public_key(), 10);
  ASSERT_TRUE(signatures.ok()) << signatures.error().message;
  EXPECT_EQ(*signatures, std::vector{transaction.id()});
}

TEST_F(Localnet, AV1TransactionIsReadWithTheLimitsInIt) {
  const Keypair payer = funded();
  const Keypair other = Keypair::random();
  const auto blockhash = latest();
  // We write none ourselves, but others may pay with one. Its instruction for a price is idle.
  auto message = solana::compile_message(
      payer.public_key(),
      {solana::transfer(payer.public_key(), other.public_key(), {2'000'000}),
       solana::set_unit_price(1'000'000)},
      blockhash.blockhash, solana::MessageVersion::legacy);
  message->version = solana::MessageVersion::v1;
  message->config = {.mask = 0x0f,
                     .priority_fee_lamports = 77,
                     .unit_limit = 2000,
                     .loaded_accounts_bytes = 100'000};
  solana::Transaction transaction(*message);
  ASSERT_TRUE(solana::sign(transaction, payer).ok());
  const auto status = confirm(transaction, blockhash.last_valid_block_height);
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(status->error, std::nullopt);

  const auto record = chain_->transaction(transaction.id());
  ASSERT_TRUE(record.ok()) << record.error().message;
  ASSERT_TRUE(record->has_value());
  EXPECT_EQ((*record)->fee.count, 5077u);
  EXPECT_EQ((*record)->post_balances.at(1).count, 2'000'000u);
  const auto read = solana::decode_transaction((*record)->wire);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->message(), *message);
  EXPECT_TRUE(read->is_signed());
  EXPECT_EQ((*record)->fee, solana::network_fee(read->message()).value());
}

TEST_F(Localnet, TheSameTransactionTwiceIsPaidOnce) {
  const Keypair payer = funded();
  const Keypair other = Keypair::random();
  const auto blockhash = latest();
  const auto transaction =
      signed_by(payer, {solana::transfer(payer.public_key(), other.public_key(), {1'000'000})},
                blockhash.blockhash);
  ASSERT_TRUE(confirm(transaction, blockhash.last_valid_block_height).ok());
  for (const bool preflight : {true, false}) {
    const auto again = chain_->send(transaction.wire(), preflight);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(*again, transaction.id());
  }
  EXPECT_TRUE(confirm(transaction, blockhash.last_valid_block_height).ok());
  EXPECT_EQ(balance(other.public_key()), 1'000'000u);
}

TEST_F(Localnet, AnUnknownBlockhashIsExpired) {
  const Keypair payer = funded();
  const auto transaction = signed_by(
      payer, {solana::transfer(payer.public_key(), payer.public_key(), {1})}, base::Hash{{9}});
  const auto status = confirm(transaction, 1);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::expired);
  EXPECT_NE(status.error().message.find("Nothing was charged"), std::string::npos);
  EXPECT_EQ(balance(payer.public_key()), kLamportsPerSol);
}

TEST_F(Localnet, TooFewLamportsIsSaidBeforeAnythingIsCharged) {
  const Keypair payer = funded(5'000'000);
  const auto blockhash = latest();
  const auto transaction = signed_by(
      payer, {solana::transfer(payer.public_key(), Keypair::random().public_key(), {9'000'000})},
      blockhash.blockhash);
  const auto status = confirm(transaction, blockhash.last_valid_block_height);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::insufficient_funds) << status.error().message;
  EXPECT_NE(status.error().message.find("9000000"), std::string::npos) << status.error().message;

  const Keypair poor = Keypair::random();
  const auto unpaid = signed_by(
      poor, {solana::transfer(poor.public_key(), payer.public_key(), {1})}, blockhash.blockhash);
  EXPECT_EQ(confirm(unpaid, blockhash.last_valid_block_height).error().code,
            Code::insufficient_funds);
  EXPECT_EQ(balance(payer.public_key()), 5'000'000u);
}

TEST_F(Localnet, AFailureThatLandsKeepsItsErrorAndItsFee) {
  const Keypair payer = funded(5'000'000);
  const auto blockhash = latest();
  const auto transaction = signed_by(
      payer, {solana::transfer(payer.public_key(), Keypair::random().public_key(), {9'000'000})},
      blockhash.blockhash);
  SendHooks blindly;
  blindly.preflight = false;
  const auto status =
      send_and_confirm(*chain_, clock_, transaction, blockhash.last_valid_block_height,
                       Commitment::confirmed, std::chrono::seconds(60), blindly);
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(status->custom, 1u);
  EXPECT_EQ(balance(payer.public_key()), 5'000'000u - 5000);
  const auto record = chain_->transaction(transaction.id());
  ASSERT_TRUE(record.ok() && record->has_value());
  EXPECT_EQ((*record)->error, status->error);
}

TEST_F(Localnet, AccountsAreReadAsTheyAre) {
  const Keypair key = funded(3'000'000);
  const auto none = Keypair::random().public_key();
  const auto both = chain_->accounts({key.public_key(), none}, Commitment::confirmed);
  ASSERT_TRUE(both.ok()) << both.error().message;
  ASSERT_TRUE(both->at(0).account.has_value());
  EXPECT_EQ(both->at(0).account->lamports.count, 3'000'000u);
  EXPECT_EQ(both->at(0).account->owner, solana::kSystemProgram);
  EXPECT_FALSE(both->at(1).account.has_value());
  EXPECT_GT(both->at(1).slot, 0u);
  const auto missing = chain_->account(none, Commitment::confirmed);
  ASSERT_TRUE(missing.ok());
  EXPECT_FALSE(missing->account.has_value());
  const auto unknown = chain_->statuses({base::Signature{{1}}}, ports::Search::whole);
  ASSERT_TRUE(unknown.ok()) << unknown.error().message;
  EXPECT_FALSE(unknown->found.at(0).has_value());
  const auto record = chain_->transaction(base::Signature{{1}});
  ASSERT_TRUE(record.ok()) << record.error().message;
  EXPECT_FALSE(record->has_value());
}

TEST_F(Localnet, OneSocketTellsOfEverySignatureOnce) {
  const Keypair payer = funded();
  std::mutex mutex;
  std::condition_variable changed;
  int told = 0;
  std::vector<std::unique_ptr<ports::Subscription>> watches;
  for (int round = 0; round < 2; ++round) {  // the second finds the socket open
    for (std::uint64_t i = 1; i <= 3; ++i) {
      const auto blockhash = latest();
      const auto transaction = signed_by(
          payer,
          {solana::transfer(payer.public_key(), Keypair::random().public_key(), {1'000'000 * i})},
          blockhash.blockhash);
      watches.push_back(chain_->watch_signature(transaction.id(), Commitment::confirmed, [&] {
        const std::lock_guard lock(mutex);
        ++told;
        changed.notify_all();
      }));
      ASSERT_TRUE(confirm(transaction, blockhash.last_valid_block_height).ok());
    }
    std::unique_lock lock(mutex);
    EXPECT_TRUE(
        changed.wait_for(lock, std::chrono::seconds(10), [&] { return told == 3 * (round + 1); }));
  }
  // One that never lands is left without a word.
  const auto never = chain_->watch_signature({{5}}, Commitment::confirmed, [] { FAIL(); });
}

TEST_F(Localnet, TheChainTellsItsTimeHeightAndRent) {
  const auto time = chain_->now(Commitment::confirmed);
  ASSERT_TRUE(time.ok()) << time.error().message;
  EXPECT_LT(std::abs(time->unix_s - clock_.now_ms() / 1000), 30);
  const auto height = chain_->block_height(Commitment::confirmed);
  ASSERT_TRUE(height.ok());
  const auto blockhash = latest();
  EXPECT_GE(height->slot, height->height);
  EXPECT_GT(blockhash.last_valid_block_height, height->height);
  EXPECT_LE(blockhash.last_valid_block_height, height->height + 160);
  const auto rent = chain_->minimum_balance(296);
  ASSERT_TRUE(rent.ok());
  EXPECT_EQ(rent->count % (128 + 296), 0u);
}

// Bad days, on networks of their own: localnet's own words make it lose its mail.
class BadDay : public Localnet {
 protected:
  // A blockhash lives for 150 slots.
  void begin(int slot_ms) {
    auto started = LocalnetProcess::start(slot_ms);
    ASSERT_TRUE(started.ok()) << started.error().message;
    own_ = std::make_unique<LocalnetProcess>(*std::move(started));
    chain_ = connect(*own_);
    ASSERT_NE(chain_, nullptr);
  }
  void tell(const std::string& method, const std::string& param) {
    http::Client client(http::Url::parse(own_->rpc_url()).value());
    http::Request request;
    request.method = "POST";
    request.headers = {{"Content-Type", "application/json"}};
    request.body =
        R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":[)" + param + "]}";
    const auto response = client.call(request, std::chrono::seconds(10));
    ASSERT_TRUE(response.ok()) << response.error().message;
    ASSERT_NE(response->body.find("\"result\""), std::string::npos) << response->body;
  }
  std::unique_ptr<LocalnetProcess> own_;
};

TEST_F(BadDay, WhatTheNodeLosesIsSentAgain) {
  ASSERT_NO_FATAL_FAILURE(begin(100));
  const Keypair payer = funded();
  const auto blockhash = latest();
  tell("obelisk_fault", R"({"kind":"drop","rate":1,"count":2})");
  const auto transaction = signed_by(
      payer, {solana::transfer(payer.public_key(), Keypair::random().public_key(), {1'000'000})},
      blockhash.blockhash);
  const auto status = confirm(transaction, blockhash.last_valid_block_height);
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(balance(payer.public_key()), kLamportsPerSol - 1'000'000 - 5000);
}

TEST_F(BadDay, ANodeThatIsBusyIsWaitedFor) {
  ASSERT_NO_FATAL_FAILURE(begin(100));
  const Keypair payer = funded();
  const auto blockhash = latest();
  tell("obelisk_fault", R"({"kind":"http_429","rate":1,"count":2})");
  const auto transaction = signed_by(
      payer, {solana::transfer(payer.public_key(), Keypair::random().public_key(), {1'000'000})},
      blockhash.blockhash);
  const auto status = confirm(transaction, blockhash.last_valid_block_height);
  ASSERT_TRUE(status.ok()) << status.error().message;
}

TEST_F(BadDay, LostUntilItsBlockhashIsOverItIsExpiredAndCostsNothing) {
  ASSERT_NO_FATAL_FAILURE(begin(20));
  const Keypair payer = funded();
  const auto blockhash = latest();
  tell("obelisk_fault", R"({"kind":"drop"})");
  const auto transaction = signed_by(
      payer, {solana::transfer(payer.public_key(), Keypair::random().public_key(), {1'000'000})},
      blockhash.blockhash);
  const auto status = confirm(transaction, blockhash.last_valid_block_height);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::expired) << status.error().message;
  tell("obelisk_fault", R"({"kind":"none"})");
  const auto late = chain_->send(transaction.wire(), true);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Code::expired) << late.error().message;
  EXPECT_EQ(balance(payer.public_key()), kLamportsPerSol);
}

// An account of its own, owned by a "program" that is just a key.
class OwnedAccount : public Localnet {
 protected:
  solana::Transaction creation(const Keypair& payer, const Keypair& created) {
    solana::Transaction out =
        signed_by(payer,
                  {solana::create_account(payer.public_key(), created.public_key(),
                                          chain_->minimum_balance(16).value(), 16, program_)},
                  latest().blockhash);
    EXPECT_FALSE(out.is_signed());
    EXPECT_TRUE(solana::sign(out, created).ok());
    EXPECT_TRUE(out.is_signed());
    return out;
  }
  const base::PublicKey program_ = Keypair::random().public_key();
};

TEST_F(OwnedAccount, AWatchReportsWhatChangesAndTheFiltersFindIt) {
  const Keypair payer = funded();
  const Keypair created = Keypair::random();
  Reports reports;
  const auto watch = chain_->watch_program(program_, Commitment::processed, reports.callback());
  ASSERT_TRUE(reports.wait_for_connects(1));
  const auto transaction = creation(payer, created);
  ASSERT_TRUE(confirm(transaction, latest().last_valid_block_height).ok());
  const auto seen = reports.wait_for(created.public_key());
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->account.owner, program_);
  EXPECT_EQ(seen->account.data, base::Bytes(16));
  EXPECT_GT(reports.slot(), 0u);

  const ports::DataFilter zeros{.offset = 8, .bytes = base::Bytes(8)};
  const auto found = chain_->program_accounts(program_, 16, {zeros}, Commitment::confirmed);
  ASSERT_TRUE(found.ok()) << found.error().message;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().address, created.public_key());
  const ports::DataFilter ones{.offset = 8, .bytes = base::Bytes(8, 1)};
  EXPECT_TRUE(chain_->program_accounts(program_, 16, {ones}, Commitment::confirmed)->empty());
  EXPECT_TRUE(chain_->program_accounts(program_, 17, {}, Commitment::confirmed)->empty());
}

// A network of its own, since it is killed.
TEST_F(OwnedAccount, AWatchComesBackAfterTheNodeDoes) {
  auto own = LocalnetProcess::start();
  ASSERT_TRUE(own.ok()) << own.error().message;
  chain_ = connect(*own);
  const Keypair payer = funded();
  Reports reports;
  const auto watch = chain_->watch_program(program_, Commitment::processed, reports.callback());
  ASSERT_TRUE(reports.wait_for_connects(1));
  own->kill();
  const auto gone = chain_->block_height(Commitment::confirmed);
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().code, Code::unreachable) << gone.error().message;

  const auto back = own->restart();
  ASSERT_TRUE(back.ok()) << back.error().message;
  ASSERT_TRUE(reports.wait_for_connects(2));
  const Keypair created = Keypair::random();
  ASSERT_TRUE(confirm(creation(payer, created), latest().last_valid_block_height).ok());
  EXPECT_TRUE(reports.wait_for(created.public_key()).has_value());
}

}  // namespace
}  // namespace obelisk::solana_rpc
