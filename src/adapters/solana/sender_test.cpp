#include "adapters/solana/sender.hpp"

#include <gtest/gtest.h>

#include "adapters/solana/transaction_error.hpp"
#include "base/crypto.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;
using base::Result;
using ports::Commitment;

struct FakeClock : ports::Clock {
  base::UnixMillis now_ms() override { return time_ms; }
  std::int64_t steady_ms() override { return time_ms; }
  std::int64_t time_ms = 1'000;
};

// A chain that answers what the test says and counts what it was asked; the rest is not asked here.
class ScriptedChain : public ports::Chain {
 public:
  std::function<Result<base::Signature>(bool preflight)> on_send;
  std::function<Result<std::optional<ports::SignatureStatus>>()> on_status;
  std::uint64_t height = 100;
  std::uint64_t height_slot = 1'000;
  std::uint64_t status_slot = 1'000;
  int preflights = 0;
  int blind_sends = 0;
  int blockhashes = 0;
  int simulations = 0;
  std::optional<ports::Simulation> simulation = ports::Simulation{1, 1'000, {}, {}};
  std::vector<std::uint64_t> fees;
  std::size_t fees_asked_for = 0;
  bool may_change = false;  // another transaction may be sent than the first
  base::Bytes sent;

  Result<base::Signature> send(base::ByteView wire, bool preflight) override {
    ++(preflight ? preflights : blind_sends);
    if (sent.empty() || may_change) sent.assign(wire.begin(), wire.end());
    EXPECT_TRUE(std::equal(sent.begin(), sent.end(), wire.begin(), wire.end()));
    return on_send ? on_send(preflight) : base::Signature{};
  }
  Result<ports::SignatureStatuses> statuses(const std::vector<base::Signature>&,
                                            ports::Search) override {
    auto answer = on_status();
    if (!answer) return std::move(answer).error();
    return ports::SignatureStatuses{status_slot, {*std::move(answer)}};
  }
  Result<ports::BlockHeight> block_height(Commitment) override {
    return ports::BlockHeight{height, height_slot};
  }

  Result<ports::LatestBlockhash> latest_blockhash(Commitment) override {
    ++blockhashes;
    base::Hash hash;
    hash.bytes[0] = static_cast<std::uint8_t>(blockhashes);
    return ports::LatestBlockhash{hash, height + 50, 1};
  }
  Result<ports::ChainTime> now(Commitment) override { return unasked(); }
  Result<ports::AccountAt> account(const base::PublicKey&, Commitment) override {
    return unasked();
  }
  Result<std::vector<ports::AccountAt>> accounts(const std::vector<base::PublicKey>&,
                                                 Commitment) override {
    return unasked();
  }
  Result<std::vector<ports::ProgramAccount>> program_accounts(const base::PublicKey&,
                                                              std::optional<std::size_t>,
                                                              const std::vector<ports::DataFilter>&,
                                                              Commitment) override {
    return unasked();
  }
  Result<base::Lamports> minimum_balance(std::size_t) override { return unasked(); }
  Result<ports::Simulation> simulate(base::ByteView) override {
    ++simulations;
    if (!simulation) return Error{Code::unreachable, "m", "a"};
    return *simulation;
  }
  Result<std::vector<std::uint64_t>> recent_fees(
      const std::vector<base::PublicKey>& writable) override {
    fees_asked_for = writable.size();
    return fees;
  }
  Result<std::vector<ports::HistoryEntry>> history(const base::PublicKey&,
                                                   const ports::HistoryPage&) override {
    return unasked();
  }
  Result<std::vector<base::Signature>> block_signatures(std::uint64_t) override {
    return unasked();
  }
  std::unique_ptr<ports::Subscription> watch_signature(const base::Signature&, Commitment,
                                                       std::function<void()>) override {
    return std::make_unique<ports::Subscription>();
  }
  Result<std::optional<ports::TransactionRecord>> transaction(const base::Signature&) override {
    return unasked();
  }
  Result<base::Signature> airdrop(const base::PublicKey&, base::Lamports) override {
    return unasked();
  }
  std::unique_ptr<ports::Subscription> watch_program(const base::PublicKey&, Commitment,
                                                     ProgramCallback) override {
    return nullptr;
  }

 private:
  static Error unasked() {
    ADD_FAILURE() << "asked for something else";
    return {Code::internal, "", ""};
  }
};

class Sender : public testing::Test {
 protected:
  Sender() {
    const auto key = base::Keypair::from_seed({7});
    auto message = solana::compile_message(
        key.public_key(), {solana::transfer(key.public_key(), solana::kClockSysvar, {1})}, {},
        solana::MessageVersion::legacy);
    transaction_.emplace(std::move(message).value());
    EXPECT_TRUE(solana::sign(*transaction_, key).ok());
    hooks_.pause = [this](int ms) { clock_.time_ms += ms; };
    chain_.on_status = [] { return std::optional<ports::SignatureStatus>{}; };
  }

  Result<ports::SignatureStatus> send(std::uint64_t last_valid = 150) {
    return send_and_confirm(chain_, clock_, *transaction_, last_valid, Commitment::confirmed,
                            std::chrono::seconds(60), hooks_);
  }
  static std::optional<ports::SignatureStatus> seen(Commitment commitment) {
    ports::SignatureStatus status;
    status.commitment = commitment;
    return status;
  }

  FakeClock clock_;
  ScriptedChain chain_;
  std::optional<solana::Transaction> transaction_;
  SendHooks hooks_;
};

TEST_F(Sender, ReturnsTheStatusAtTheWantedCommitment) {
  int asked = 0;
  chain_.on_status = [&] {
    return seen(++asked < 3 ? Commitment::processed : Commitment::confirmed);
  };
  int forwarded = 0;
  hooks_.on_forwarded = [&] { ++forwarded; };
  const auto status = send();
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(status->commitment, Commitment::confirmed);
  EXPECT_EQ(clock_.time_ms, 1'150);
  EXPECT_EQ(chain_.preflights, 1);
  EXPECT_EQ(chain_.blind_sends, 0);
  EXPECT_EQ(forwarded, 1);
}

TEST_F(Sender, FinalizedIsMoreThanConfirmed) {
  chain_.on_status = [] { return seen(Commitment::finalized); };
  EXPECT_TRUE(send().ok());
}

TEST_F(Sender, ALandedErrorIsAStatusNotAFailure) {
  chain_.on_status = [] {
    auto status = seen(Commitment::confirmed);
    status->error = "x";
    status->custom = 118;
    return status;
  };
  const auto status = send();
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->custom, 118u);
}

TEST_F(Sender, PreflightsVerdictEndsItBeforeAnythingIsCharged) {
  chain_.on_send = [](bool) { return Error{Code::insufficient_funds, "m", "a"}; };
  const auto status = send();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::insufficient_funds);
  EXPECT_EQ(chain_.blind_sends, 0);
}

TEST_F(Sender, ALostAnswerIsSentAgainBlindly) {
  chain_.on_send = [](bool preflight) -> Result<base::Signature> {
    if (preflight) return Error{Code::timeout, "m", "a"};
    return base::Signature{};
  };
  chain_.on_status = [&] {
    return chain_.blind_sends > 0 ? seen(Commitment::confirmed) : std::nullopt;
  };
  EXPECT_TRUE(send().ok());
  EXPECT_EQ(chain_.blind_sends, 1);
}

TEST_F(Sender, BroadcastsTheSameBytesEveryHalfSecond) {
  chain_.on_status = [&] {
    return clock_.time_ms > 4'000 ? seen(Commitment::confirmed) : std::nullopt;
  };
  EXPECT_TRUE(send().ok());
  EXPECT_GE(chain_.blind_sends, 4);
  EXPECT_LE(chain_.blind_sends, 6);
}

TEST_F(Sender, ExpiredOncePastTheHeightAndUnknown) {
  chain_.height = 151;
  const auto status = send();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::expired);
  EXPECT_EQ(status.error().charged_lamports, 0u);
  EXPECT_LT(clock_.time_ms, 5'000);
}

TEST_F(Sender, AYoungBlockhashThatANodeDoesNotKnowIsSentOn) {
  chain_.on_send = [](bool preflight) -> Result<base::Signature> {
    if (preflight) return Error{Code::expired, "m", "a"};
    return base::Signature{};
  };
  chain_.on_status = [&] {
    return chain_.blind_sends > 0 ? seen(Commitment::confirmed) : std::nullopt;
  };
  EXPECT_TRUE(send().ok());
}

TEST_F(Sender, AnOldBlockhashIsExpiredOnceThatIsProven) {
  chain_.on_send = [](bool) { return Error{Code::expired, "m", "a"}; };
  chain_.height = 151;
  const auto status = send();
  EXPECT_EQ(status.error().code, Code::expired);
  EXPECT_GE(clock_.time_ms, 1'800) << "not without two looks";
  EXPECT_LT(clock_.time_ms, 2'500);
}

TEST_F(Sender, ANodeThatDoesNotKnowTheBlockhashProvesNothing) {
  chain_.on_send = [](bool) { return Error{Code::expired, "m", "a"}; };
  chain_.height = 151;
  // Another node took it before, and it landed.
  chain_.on_status = [&] { return seen(Commitment::confirmed); };
  EXPECT_TRUE(send().ok());
  chain_.on_status = [] { return std::optional<ports::SignatureStatus>{}; };
  chain_.status_slot = chain_.height_slot - 1;
  EXPECT_EQ(send().error().code, Code::timeout) << "of before the height had passed";
}

TEST_F(Sender, TimesOutSayingThatItMayStillLand) {
  chain_.on_status = [] { return Error{Code::unreachable, "m", "a"}; };
  chain_.height = 151;
  const auto status = send();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::timeout);
  EXPECT_NE(status.error().message.find(transaction_->id().to_string()), std::string::npos);
}

TEST_F(Sender, StopsWhenAskedTo) {
  std::stop_source source;
  hooks_.stop = source.get_token();
  source.request_stop();
  EXPECT_EQ(send().error().code, Code::timeout);
  EXPECT_EQ(clock_.time_ms, 1'000);
}

class Delivery : public Sender {
 protected:
  Delivery() {
    payment_.payer = key_.public_key();
    payment_.instructions = {solana::transfer(key_.public_key(), solana::kClockSysvar, {1})};
    payment_.sign = [this](solana::Transaction& transaction) {
      ++signings_;
      return solana::sign(transaction, key_);
    };
    payment_.units = 450;
    options_.hooks = hooks_;
    options_.keep = [this](const solana::Attempt& attempt) -> Result<void> {
      EXPECT_EQ(chain_.blind_sends, static_cast<int>(sends_before_keep_));
      kept_.push_back(attempt);
      if (keep_fails_) return Error{Code::internal, "disk", "a"};
      return {};
    };
    chain_.on_status = [] { return seen(Commitment::confirmed); };
  }
  Result<Delivered> pay() { return deliver(chain_, clock_, payment_, options_); }
  solana::ComputeBudget budget() {
    const auto transaction = solana::decode_transaction(chain_.sent);
    return *solana::compute_budget_of(solana::instructions_of(transaction->message()));
  }

  const base::Keypair key_ = base::Keypair::from_seed({7});
  Payment payment_;
  DeliverOptions options_;
  std::vector<solana::Attempt> kept_;
  bool keep_fails_ = false;
  int signings_ = 0;
  int sends_before_keep_ = 0;
};

TEST_F(Delivery, TriesItPaysWhatOthersPayAndIsWrittenDownFirst) {
  chain_.fees = {0, 2'000, 0, 1'000, 3'000, 4'000};
  const auto paid = pay();
  ASSERT_TRUE(paid.ok()) << paid.error().message;
  EXPECT_EQ(budget().unit_limit, 1'100u);
  EXPECT_EQ(budget().unit_price, 3'000u);
  EXPECT_EQ(chain_.fees_asked_for, 2u) << "who pays and who is paid";
  // 1,100 units at 3,000 micro-lamports are 3.3 lamports.
  EXPECT_EQ(paid->fee, base::Lamports{5'004});
  ASSERT_EQ(kept_.size(), 1u);
  EXPECT_EQ(kept_[0].wire, chain_.sent);
  EXPECT_EQ(kept_[0].last_valid_block_height, 150u);
}

TEST_F(Delivery, WhereNobodyPaysMoreNothingMoreIsOffered) {
  const auto paid = pay();
  ASSERT_TRUE(paid.ok());
  EXPECT_FALSE(budget().unit_price);
  EXPECT_EQ(paid->fee, base::Lamports{5'000});
}

TEST_F(Delivery, WhereNoNodeCanTryItWhatIsKnownHasToDo) {
  chain_.simulation.reset();
  ASSERT_TRUE(pay().ok());
  EXPECT_EQ(budget().unit_limit, 450u);
}

TEST_F(Delivery, WhatWouldFailIsNotSent) {
  chain_.simulation->error = R"({"InstructionError":[1,{"Custom":112}]})";
  const auto paid = pay();
  ASSERT_FALSE(paid.ok());
  EXPECT_EQ(paid.error().code, Code::rejected_on_chain);
  EXPECT_EQ(program_error_in(paid.error()), 112u);
  EXPECT_EQ(chain_.blind_sends, 0);
  EXPECT_EQ(signings_, 0);
}

TEST_F(Delivery, WhatCannotBeWrittenDownIsNotSent) {
  keep_fails_ = true;
  EXPECT_EQ(pay().error().code, Code::internal);
  EXPECT_EQ(chain_.blind_sends, 0);
}

TEST_F(Delivery, SignedAgainOnlyOnceItIsProvenDead) {
  chain_.may_change = true;
  chain_.on_status = [&]() -> Result<std::optional<ports::SignatureStatus>> {
    if (signings_ == 2) return std::optional(*seen(Commitment::confirmed));
    if (clock_.time_ms > 10'000) chain_.height = 151;
    if (chain_.height > 150) sends_before_keep_ = chain_.blind_sends;
    return std::optional<ports::SignatureStatus>();
  };
  const auto paid = pay();
  ASSERT_TRUE(paid.ok()) << paid.error().message;
  EXPECT_EQ(signings_, 2);
  EXPECT_EQ(kept_.size(), 2u);
  EXPECT_EQ(kept_[1].last_valid_block_height, 201u);
  EXPECT_GT(clock_.time_ms, 11'000);
}

TEST_F(Delivery, WhatWasSentBeforeComesToItsEndFirst) {
  ASSERT_TRUE(pay().ok());
  const solana::Attempt first = kept_.at(0);
  options_.before = first;
  signings_ = 0;
  const auto again = pay();
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->signature, solana::decode_transaction(first.wire)->id());
  EXPECT_EQ(signings_, 0);

  // Not landed and still alive: the same bytes.
  chain_.on_status = [&] {
    return clock_.time_ms > 5'000 ? seen(Commitment::confirmed) : std::nullopt;
  };
  ASSERT_TRUE(pay().ok());
  EXPECT_EQ(chain_.sent, first.wire);
  EXPECT_EQ(signings_, 0);
}

TEST_F(Delivery, OneInDoubtIsNotSignedAgain) {
  ASSERT_TRUE(pay().ok());
  options_.before = kept_.at(0);
  options_.limits.timeout_ms = 5'000;
  signings_ = 0;
  chain_.height = 500;
  chain_.on_status = [] { return Error{Code::unreachable, "m", "a"}; };
  const auto again = pay();
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, Code::timeout);
  EXPECT_EQ(signings_, 0);
}

}  // namespace
}  // namespace obelisk::solana_rpc
