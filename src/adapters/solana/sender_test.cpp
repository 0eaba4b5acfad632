#include "adapters/solana/sender.hpp"

#include <gtest/gtest.h>

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
  int preflights = 0;
  int blind_sends = 0;
  base::Bytes sent;

  Result<base::Signature> send(base::ByteView wire, bool preflight) override {
    ++(preflight ? preflights : blind_sends);
    if (sent.empty()) sent.assign(wire.begin(), wire.end());
    EXPECT_TRUE(std::equal(sent.begin(), sent.end(), wire.begin(), wire.end()));
    return on_send ? on_send(preflight) : base::Signature{};
  }
  Result<std::vector<std::optional<ports::SignatureStatus>>> statuses(
      const std::vector<base::Signature>&) override {
    auto answer = on_status();
    if (!answer) return std::move(answer).error();
    return std::vector{*std::move(answer)};
  }
  Result<std::uint64_t> block_height(Commitment) override { return height; }

  Result<ports::LatestBlockhash> latest_blockhash(Commitment) override { return unasked(); }
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
  Result<ports::Simulation> simulate(base::ByteView) override { return unasked(); }
  Result<std::vector<std::uint64_t>> recent_fees(const std::vector<base::PublicKey>&) override {
    return unasked();
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
  EXPECT_GE(clock_.time_ms, 1'500);
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

TEST_F(Sender, AnOldBlockhashIsExpiredAtOnce) {
  chain_.on_send = [](bool) { return Error{Code::expired, "m", "a"}; };
  chain_.height = 151;
  const auto status = send();
  EXPECT_EQ(status.error().code, Code::expired);
  EXPECT_EQ(clock_.time_ms, 1'000);
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

}  // namespace
}  // namespace obelisk::solana_rpc
