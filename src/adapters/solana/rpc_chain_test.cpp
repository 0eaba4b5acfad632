// The adapter against a node that answers whatever a test says: bad days and bad manners.
#include "adapters/solana/rpc_chain.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <deque>
#include <mutex>

#include "adapters/http/server.hpp"
#include "adapters/solana/answers.hpp"
#include "base/crypto.hpp"
#include "core/solana/programs.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using ports::Commitment;

constexpr const char* kHeight = R"({"blockHeight":7,"absoluteSlot":9,"epoch":0})";

struct FakeClock : ports::Clock {
  base::UnixMillis now_ms() override { return time_ms; }
  std::int64_t steady_ms() override { return time_ms; }
  std::int64_t time_ms = 0;
};

// Answers each call with the next reply: a whole HTTP response, or the text of a "result".
class Node {
 public:
  Node()
      : server_({.threads = 1}, [this](const http::Request& r, http::Exchange& e) { on(r, e); }) {
    port_ = server_.start().value();
  }
  std::string url(const std::string& rest = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + rest;
  }
  void reply(http::Response response) {
    const std::lock_guard lock(mutex_);
    replies_.push_back(std::move(response));
  }
  void result(const std::string& text) {
    reply({.status = 200, .headers = {}, .body = "=" + text});
  }
  void error(const std::string& text) { reply({.status = 200, .headers = {}, .body = "!" + text}); }
  std::vector<http::Request> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void on(const http::Request& request, http::Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    http::Response response{.status = 500, .headers = {}, .body = "no reply left"};
    if (!replies_.empty()) {
      response = replies_.front();
      replies_.pop_front();
    }
    const char kind = response.body.empty() ? ' ' : response.body.front();
    if (kind == '=' || kind == '!') {
      const auto body = parse_json(request.body);
      const std::string id = std::to_string(unsigned_in(member(&*body, "id")).value());
      response.body = R"({"jsonrpc":"2.0","id":)" + id +
                      (kind == '=' ? R"(,"result":)" : R"(,"error":)") + response.body.substr(1) +
                      "}";
    }
    exchange.reply(response);
  }

  std::mutex mutex_;
  std::deque<http::Response> replies_;
  std::vector<http::Request> requests_;
  std::uint16_t port_ = 0;
  http::Server server_;  // last: it stops before what its handler uses is gone
};

class Rpc : public testing::Test {
 protected:
  Rpc() { connect(node_.url()); }

  void connect(const std::string& url) {
    RpcOptions options;
    options.rpc_url = url;
    options.pause = [this](int ms) {
      pauses_.push_back(ms);
      clock_.time_ms += ms;
    };
    auto chain = RpcChain::create(options, clock_);
    ASSERT_TRUE(chain.ok()) << chain.error().message;
    chain_ = *std::move(chain);
  }
  base::Result<ports::BlockHeight> height() { return chain_->block_height(Commitment::confirmed); }
  Code height_code() {
    const auto answer = height();
    EXPECT_FALSE(answer.ok());
    return answer.ok() ? Code::internal : answer.error().code;
  }
  static http::Response status(int number, std::vector<http::Header> headers = {}) {
    return {.status = number, .headers = std::move(headers), .body = "no"};
  }
  json::value asked(std::size_t index) {
    return parse_json(node_.requests().at(index).body).value();
  }

  Node node_;
  FakeClock clock_;
  std::vector<int> pauses_;
  std::unique_ptr<RpcChain> chain_;
};

TEST_F(Rpc, WhereAnotherNodeCanBeAskedTooManyRequestsAreNotWaitedOut) {
  std::vector<int> told;
  RpcOptions options;
  options.rpc_url = node_.url();
  options.on_limited = [&](int ms) { told.push_back(ms); };
  const auto chain = RpcChain::create(options, clock_);
  clock_.time_ms = 784'111'777'000;
  node_.reply(status(429, {{"Retry-After", "3"}}));
  node_.reply(status(429, {{"Retry-After", "Sun, 06 Nov 1994 08:49:41 GMT"}}));
  node_.reply(status(429));
  for (int i = 0; i < 3; ++i) {
    const auto answer = (*chain)->block_height(Commitment::confirmed);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code, Code::rate_limited);
  }
  EXPECT_EQ(told, (std::vector{3'000, 4'000, 1'000}));
}

TEST_F(Rpc, TooManyRequestsAreWaitedOutAsTheNodeAsks) {
  node_.reply(status(429, {{"Retry-After", "3"}}));
  node_.reply(status(429));
  node_.result(kHeight);
  const auto answer = height();
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(*answer, (ports::BlockHeight{7, 9}));
  EXPECT_EQ(pauses_, (std::vector{3'000, 1'000}));
}

TEST_F(Rpc, ButNoLongerThanTheDeadline) {
  for (int i = 0; i < 4; ++i) node_.reply(status(429, {{"Retry-After", "4"}}));
  EXPECT_EQ(height_code(), Code::rate_limited);
  EXPECT_EQ(pauses_, (std::vector{4'000, 4'000}));
  EXPECT_EQ(node_.requests().size(), 3u);
}

TEST_F(Rpc, NoCallAsksBeforeTheTimeThatTheNodeAskedFor) {
  for (const int number : {429, 503}) {
    const std::size_t before = node_.requests().size();
    node_.reply(status(number, {{"Retry-After", "30"}}));
    EXPECT_EQ(height_code(), Code::rate_limited);
    EXPECT_EQ(height_code(), Code::rate_limited) << "another call";
    EXPECT_EQ(node_.requests().size(), before + 1) << "which does not ask at all";
    clock_.time_ms += 25'000;
    node_.result(kHeight);
    EXPECT_TRUE(height().ok()) << "the rest of the wait fits into a call";
    EXPECT_EQ(node_.requests().size(), before + 2);
  }
  node_.reply(status(503));
  node_.reply(status(503));
  EXPECT_EQ(height_code(), Code::unreachable) << "it names no time";
}

TEST_F(Rpc, OneBadAnswerIsAskedAgainTwoAreAnError) {
  node_.reply(status(500));
  node_.result(kHeight);
  EXPECT_TRUE(height().ok());
  node_.reply(status(502));
  node_.reply(status(502));
  EXPECT_EQ(height_code(), Code::unreachable);
  EXPECT_EQ(node_.requests().size(), 4u);
}

TEST_F(Rpc, AnAirdropIsNeverAskedForTwice) {
  node_.reply(status(500));
  EXPECT_EQ(chain_->airdrop(solana::kSystemProgram, {1}).error().code, Code::unreachable);
  EXPECT_EQ(node_.requests().size(), 1u);
}

TEST_F(Rpc, WhatIsNotJsonRpcIsSaidSo) {
  for (const char* body :
       {"", "hello", "[]", "{}", R"({"jsonrpc":"2.0","result":7})",
        R"({"jsonrpc":"2.0","id":999,"result":7})", R"({"jsonrpc":"2.0","id":"1","result":7})"}) {
    node_.reply({.status = 200, .headers = {}, .body = body});
    node_.reply({.status = 200, .headers = {}, .body = body});
    EXPECT_EQ(height_code(), Code::unreachable) << body;
  }
  node_.reply(status(403));
  EXPECT_EQ(height_code(), Code::forbidden);
}

TEST_F(Rpc, TheKeyInAnUrlIsSentAndNeverShown) {
  connect(node_.url("/v2/SECRET?token=HIDDEN"));
  node_.reply(status(403));
  const auto answer = height();
  EXPECT_EQ(node_.requests().at(0).path, "/v2/SECRET");
  EXPECT_EQ(node_.requests().at(0).query, "token=HIDDEN");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().message.find("SECRET"), std::string::npos);
  EXPECT_EQ(answer.error().message.find("HIDDEN"), std::string::npos);
}

TEST_F(Rpc, AnswersOfAnotherShapeAreNotTakenForAnything) {
  const base::PublicKey key;
  for (const char* result : {"null", "{}", "-1", "\"x\"", R"({"context":{"slot":1},"value":[]})",
                             R"({"context":{},"value":null})", "[{}]", "[null]",
                             R"({"blockHeight":9,"absoluteSlot":8})", R"({"value":[null]})"}) {
    node_.result(result);
    EXPECT_FALSE(height().ok()) << result;
    node_.result(result);
    EXPECT_FALSE(chain_->latest_blockhash(Commitment::confirmed).ok()) << result;
    node_.result(result);
    EXPECT_FALSE(chain_->account(key, Commitment::confirmed).ok()) << result;
    node_.result(result);
    EXPECT_FALSE(chain_->accounts({key}, Commitment::confirmed).ok()) << result;
    node_.result(result);
    EXPECT_FALSE(chain_->program_accounts(key, {}, {}, Commitment::confirmed).ok()) << result;
    node_.result(result);
    EXPECT_FALSE(chain_->statuses({base::Signature{}}, ports::Search::recent).ok()) << result;
    node_.result(result);
    EXPECT_FALSE(chain_->signatures_for(key, 5).ok()) << result;
    node_.result(result);
    EXPECT_FALSE(chain_->minimum_balance(5).ok()) << result;
  }
}

TEST_F(Rpc, HistorySimulationFeesAndBlocksAreReadOrRefused) {
  const base::Signature signature{{9}};
  const std::string text = signature.to_string();
  const base::PublicKey key{{1}};
  node_.result(R"([{"signature":")" + text + R"(","slot":7,"err":null},{"signature":")" + text +
               R"(","slot":6,"err":{"InstructionError":[0,{"Custom":5}]}}])");
  const auto history = chain_->history(
      key, {.limit = 9, .before = signature, .until = signature, .at_least_slot = 5});
  ASSERT_TRUE(history.ok()) << history.error().message;
  EXPECT_EQ(*history,
            (std::vector<ports::HistoryEntry>{{signature, 7, false}, {signature, 6, true}}));
  const std::string question = json::serialize(asked(0));
  EXPECT_NE(question.find(R"("limit":9)"), std::string::npos) << question;
  EXPECT_NE(question.find(R"("before":")" + text), std::string::npos) << question;
  EXPECT_NE(question.find(R"("until":")" + text), std::string::npos) << question;
  EXPECT_NE(question.find(R"("minContextSlot":5)"), std::string::npos) << question;

  node_.result(R"({"context":{"slot":5},"value":{"err":{"InstructionError":[1,{"Custom":112}]},)"
               R"("unitsConsumed":777}})");
  const auto simulated = chain_->simulate({});
  ASSERT_TRUE(simulated.ok()) << simulated.error().message;
  EXPECT_EQ(simulated->compute_units, 777u);
  EXPECT_EQ(simulated->custom, 112u);

  node_.result(R"([{"slot":1,"prioritizationFee":0},{"slot":2,"prioritizationFee":1500}])");
  EXPECT_EQ(chain_->recent_fees({key}).value(), (std::vector<std::uint64_t>{0, 1500}));
  node_.result(R"({"blockHeight":1,"signatures":[")" + text + R"("]})");
  EXPECT_EQ(chain_->block_signatures(4).value(), std::vector{signature});
  node_.error(R"({"code":-32007,"message":"Slot 4 was skipped"})");
  EXPECT_EQ(chain_->block_signatures(4).error().code, Code::not_found);

  const std::string other = R"({"value":[1]})";
  for (int i = 0; i < 8; ++i) node_.result(other);
  EXPECT_EQ(chain_->history(key, {}).error().code, Code::unreachable);
  EXPECT_EQ(chain_->simulate({}).error().code, Code::unreachable);
  EXPECT_EQ(chain_->recent_fees({key}).error().code, Code::unreachable);
  EXPECT_EQ(chain_->block_signatures(4).error().code, Code::unreachable);
}

TEST_F(Rpc, AnAccountThatWasNotAskedForIsNotBelieved) {
  const std::string answer =
      R"([{"pubkey":"SysvarC1ock11111111111111111111111111111111","account":{"lamports":1,)"
      R"("owner":"ComputeBudget111111111111111111111111111111","data":["AQI=","base64"]}}])";
  node_.result(answer);
  EXPECT_TRUE(
      chain_->program_accounts(solana::kComputeBudgetProgram, 2, {{1, {2}}}, Commitment::confirmed)
          .ok());
  node_.result(answer);
  EXPECT_FALSE(
      chain_->program_accounts(solana::kEd25519Program, 2, {}, Commitment::confirmed).ok());
  for (const ports::DataFilter& filter :
       {ports::DataFilter{1, {3}}, ports::DataFilter{2, {2}}, ports::DataFilter{~0ull, {2}}}) {
    node_.result(answer);
    EXPECT_FALSE(
        chain_->program_accounts(solana::kComputeBudgetProgram, {}, {filter}, Commitment::confirmed)
            .ok());
  }
}

class RpcSend : public Rpc {
 protected:
  RpcSend() {
    const auto key = base::Keypair::from_seed({7});
    transaction_.emplace(
        solana::compile_message(key.public_key(),
                                {solana::transfer(key.public_key(), solana::kClockSysvar, {1})}, {},
                                solana::MessageVersion::legacy)
            .value());
    EXPECT_TRUE(solana::sign(*transaction_, key).ok());
  }
  std::optional<solana::Transaction> transaction_;
};

TEST_F(RpcSend, SendsBase64WithoutTheNodesOwnRetries) {
  node_.result("\"" + transaction_->id().to_string() + "\"");
  const auto sent = chain_->send(transaction_->wire(), true);
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_EQ(*sent, transaction_->id());
  const json::value request = asked(0);
  const json::array& params = member(&request, "params")->as_array();
  EXPECT_EQ(text_in(&params.at(0)), transaction_->base64());
  EXPECT_EQ(text_in(member(&params.at(1), "encoding")), "base64");
  EXPECT_EQ(*member(&params.at(1), "skipPreflight"), json::value(false));
  EXPECT_EQ(unsigned_in(member(&params.at(1), "maxRetries")), 0u);
}

TEST_F(RpcSend, AnotherSignatureThanOursIsNotBelieved) {
  node_.result("\"" + base::Signature{{1}}.to_string() + "\"");
  EXPECT_EQ(chain_->send(transaction_->wire(), true).error().code, Code::unreachable);
}

TEST_F(RpcSend, WhatIsNoTransactionIsNotSent) {
  EXPECT_EQ(chain_->send(base::Bytes{1, 2, 3}, true).error().code, Code::invalid_input);
  EXPECT_TRUE(node_.requests().empty());
}

TEST_F(RpcSend, LandedBeforeIsSuccess) {
  node_.error(R"({"code":-32002,"message":"x","data":{"err":"AlreadyProcessed","logs":[]}})");
  const auto sent = chain_->send(transaction_->wire(), true);
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_EQ(*sent, transaction_->id());
}

TEST_F(RpcSend, TheWholeHistoryIsSearchedOnlyWhereAsked) {
  for (const ports::Search search : {ports::Search::recent, ports::Search::whole}) {
    node_.result(R"({"context":{"slot":1},"value":[null]})");
    const auto told = chain_->statuses({transaction_->id()}, search);
    ASSERT_TRUE(told.ok());
    EXPECT_EQ(told->slot, 1u);
  }
  const auto searched = [this](std::size_t index) {
    const json::value request = asked(index);
    return *member(&member(&request, "params")->as_array().at(1), "searchTransactionHistory");
  };
  EXPECT_EQ(searched(0), json::value(false));
  EXPECT_EQ(searched(1), json::value(true));
}

TEST(RpcOptions, UrlsAreCheckedBeforeAnythingIsAsked) {
  FakeClock clock;
  const auto code = [&](const std::string& rpc, const std::string& websocket) {
    const auto chain =
        RpcChain::create({.rpc_url = rpc, .websocket_url = websocket, .pause = {}}, clock);
    return chain.ok() ? Code::internal : chain.error().code;
  };
  EXPECT_EQ(code("http://127.0.0.1:8899", ""), Code::internal);
  EXPECT_EQ(code("devnet", ""), Code::internal);
  EXPECT_EQ(code("", ""), Code::invalid_input);
  EXPECT_EQ(code("ws://127.0.0.1:8899", ""), Code::invalid_input);
  EXPECT_EQ(code("http://127.0.0.1:8899", "http://127.0.0.1:8900"), Code::invalid_input);
  EXPECT_EQ(code("http://127.0.0.1:65535", ""), Code::invalid_input);
}

}  // namespace
}  // namespace obelisk::solana_rpc
