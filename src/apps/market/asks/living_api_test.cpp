// What a lease's host is asked through the API: who may, what goes along, what comes of the answer.
#include <gtest/gtest.h>

#include "apps/market/api.hpp"
#include "apps/market/api_testing.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;
using ExchangePtr = std::shared_ptr<testing::TestExchange>;

class LivingApi : public testing::ApiParts {
 protected:
  LivingApi() {
    hub.serve(leases);
    hub.ask_by(asks);
    clock.steady += 2;  // what was signed when the process began is as old as a copy
    lease::Record record;
    record.quote.lease = key(9);
    record.quote.renter = renter.public_key();
    record.quote.host = host.public_key();
    record.life.state = lease::State::active;
    store.records.push_back(record);
  }
  static http::Request request_of(const std::string& method, const std::string& what,
                                  const std::string& body = "") {
    http::Request out;
    out.method = method;
    out.path = "/v1/leases/" + key(9).to_string() + "/" + what;
    const auto mark = out.path.find('?');
    if (mark != std::string::npos) {
      out.query = out.path.substr(mark + 1);
      out.path.resize(mark);
    }
    out.body = body;
    out.remote_address = "10.0.0.1";
    return out;
  }
  ExchangePtr send(const http::Request& request) {
    auto exchange = std::make_shared<testing::TestExchange>();
    api.handle(request, *exchange);
    return exchange;
  }
  ExchangePtr ask_as(const base::Keypair& wallet, http::Request request) {
    testing::sign_request(request, wallet);
    return send(request);
  }
  ExchangePtr exec_as(const base::Keypair& wallet, const std::string& name = "") {
    auto request = request_of("POST", "exec", R"({"command":["id"],"timeout_s":5})");
    if (!name.empty()) request.headers.push_back({"Idempotency-Key", name});
    return ask_as(wallet, request);
  }
  api::MarketAsk asked() {
    const auto out = api::market_ask_from_json(sent.back());
    EXPECT_TRUE(out) << sent.back();
    return out ? *out : api::MarketAsk{};
  }
  void answer(api::HostAnswer said) {
    said.type = "answer";
    said.id = asked().id;
    asks.answered(host.public_key(), std::move(said));
  }
  static api::ExecResult result() { return {0, "b2s=", "", false, false}; }

  std::vector<std::string> sent;
  bool connected = true;
  AskDesk asks{clock, [this](const base::PublicKey& to, const std::string& message) {
                 if (!connected || to != host.public_key()) return false;
                 sent.push_back(message);
                 return true;
               }};
  Desk desk_with_asks() {
    Desk out = desk();
    out.asks = &asks;
    return out;
  }
  Api api{desk_with_asks(), log};
  base::Keypair host = base::Keypair::random();
  base::Keypair renter = base::Keypair::random();
};

TEST_F(LivingApi, ReadingsAreForRenterAndHost) {
  EXPECT_EQ(send(request_of("GET", "readings"))->response->status, 401);
  EXPECT_EQ(ask_as(base::Keypair::random(), request_of("GET", "readings"))->response->status, 403);
  EXPECT_TRUE(sent.empty());
  const auto exchange = ask_as(renter, request_of("GET", "readings?since_ms=5"));
  EXPECT_FALSE(exchange->response) << "no thread waits, and no answer is there yet";
  EXPECT_EQ(asked().what, "readings");
  EXPECT_EQ(asked().since_ms, 5u);
  EXPECT_FALSE(asked().call);
  api::HostAnswer said;
  said.readings = api::Readings{};
  said.readings->lease = key(9);
  said.readings->rows.push_back({});
  answer(said);
  ASSERT_TRUE(exchange->response);
  EXPECT_EQ(exchange->response->status, 200);
  EXPECT_EQ(api::readings_from_json(exchange->response->body)->rows.size(), 1u);
  EXPECT_TRUE(exchange->response->header(kRequestIdHeader));
  EXPECT_FALSE(ask_as(host, request_of("GET", "readings?since_ms=0"))->response);
  EXPECT_EQ(ask_as(renter, request_of("GET", "readings?since_ms=x"))->response->status, 422);
}

TEST_F(LivingApi, TheRentersOwnRequestGoesAlong) {
  const auto exchange = exec_as(renter);
  EXPECT_FALSE(exchange->response);
  ASSERT_TRUE(asked().call);
  const api::SignedCall call = *asked().call;
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.target, "/v1/leases/" + key(9).to_string() + "/exec");
  EXPECT_EQ(call.host, "127.0.0.1:8480");
  EXPECT_EQ(call.body_base64,
            base::to_base64(base::view_of(R"({"command":["id"],"timeout_s":5})")));
  EXPECT_TRUE(call.authorization.starts_with("Obelisk-Signature key="));
  api::HostAnswer said;
  said.exec = result();
  answer(said);
  EXPECT_EQ(exchange->response->status, 200);
  (void)ask_as(renter, request_of("GET", "logs?tail=7"));
  EXPECT_EQ(asked().what, "logs");
  EXPECT_EQ(asked().call->target, "/v1/leases/" + key(9).to_string() + "/logs?tail=7");
}

TEST_F(LivingApi, LogsAndCommandsAreTheRentersAloneAndNeedHisSignature) {
  EXPECT_EQ(exec_as(host)->response->status, 403);
  EXPECT_EQ(ask_as(host, request_of("GET", "logs"))->response->status, 403);
  const auto challenge = api::challenge_from_json([&] {
    auto request = request_of("POST", "", api::to_json(api::ChallengeRequest{renter.public_key()}));
    request.path = "/v1/sessions/challenge";
    request.headers.push_back({"Host", "127.0.0.1:8480"});
    return send(request)->response->body;
  }());
  ASSERT_TRUE(challenge);
  auto login = request_of("POST", "",
                          api::to_json(api::SessionRequest{
                              renter.public_key(), challenge->message,
                              renter.sign(base::view_of(challenge->message)), "laptop", 3600}));
  login.path = "/v1/sessions";
  login.headers.push_back({"Host", "127.0.0.1:8480"});
  const auto token = api::session_token_from_json(send(login)->response->body);
  ASSERT_TRUE(token);
  auto request = request_of("GET", "logs");
  request.headers.push_back({"Authorization", "Bearer " + token->token});
  const auto refused = send(request);
  EXPECT_EQ(refused->response->status, 403);
  EXPECT_NE(refused->response->body.find("the wallet's own signature"), std::string::npos)
      << refused->response->body;
  EXPECT_TRUE(sent.empty());
}

TEST_F(LivingApi, WhatGoesWrongIsAProblem) {
  EXPECT_EQ(ask_as(renter, request_of("POST", "exec", "{}"))->response->status, 422);
  EXPECT_EQ(ask_as(renter, request_of("POST", "exec", R"({"command":["a"],"timeout_s":61})"))
                ->response->status,
            422);
  EXPECT_EQ(
      ask_as(renter, request_of("POST", "exec", R"({"command":["a"]})" + std::string(40'000, ' ')))
          ->response->status,
      422);
  EXPECT_EQ(ask_as(renter, request_of("GET", "logs?tail=0"))->response->status, 422);
  connected = false;
  EXPECT_EQ(exec_as(renter)->response->status, 502);
  connected = true;
  auto exchange = exec_as(renter);
  clock.steady += 15'001;
  asks.sweep();
  EXPECT_EQ(exchange->response->status, 504);
  exchange = exec_as(renter);
  api::HostAnswer said;
  said.problem = api::HostProblem{"unauthorized", "no\x1b[2J", "sign"};
  answer(said);
  EXPECT_EQ(exchange->response->status, 401);
  EXPECT_NE(exchange->response->body.find("The host says: no?[2J"), std::string::npos);
  exchange = exec_as(renter);
  said.problem->code = "internal";
  answer(said);
  EXPECT_EQ(exchange->response->status, 502) << "a host's bug is not this market's";
  exchange = ask_as(renter, request_of("GET", "logs"));
  answer({});
  EXPECT_EQ(exchange->response->status, 502) << "an answer without what was asked for";
  store.records[0].life.state = lease::State::checking;
  EXPECT_EQ(exec_as(renter)->response->status, 409);
  store.records[0].life.state = lease::State::ended;
  EXPECT_EQ(ask_as(renter, request_of("GET", "readings"))->response->status, 410);
}

TEST_F(LivingApi, MaintenanceIsForTheOwnerAndTheHostSaysWhatItNoted) {
  const auto plan = [&](const std::string& method, const std::string& body = "") {
    auto request = request_of(method, "", body);
    request.path = "/v1/hosts/" + host.public_key().to_string() + "/maintenance";
    return request;
  };
  const std::string body = R"({"from_s":1900000000})";
  EXPECT_EQ(ask_as(host, plan("POST", body))->response->status, 404) << "it never listed anything";
  offers.host_connected(host.public_key());
  ASSERT_TRUE(offers.take_listing(
      host.public_key(), testing::sign_listing(testing::listing_of(host.public_key(), 2), host)));
  EXPECT_EQ(send(plan("POST", body))->response->status, 401);
  EXPECT_EQ(ask_as(renter, plan("POST", body))->response->status, 403);
  EXPECT_EQ(ask_as(host, plan("POST", "{}"))->response->status, 422);
  EXPECT_TRUE(sent.empty());
  auto exchange = ask_as(host, plan("POST", body));
  ASSERT_FALSE(exchange->response);
  EXPECT_EQ(asked().what, "maintenance");
  EXPECT_FALSE(asked().lease);
  EXPECT_EQ(asked().call->body_base64, base::to_base64(base::view_of(body)));
  api::HostAnswer said;
  said.maintenance = api::Maintenance{host.public_key(), 1'900'000'000};
  answer(said);
  ASSERT_EQ(exchange->response->status, 200);
  EXPECT_EQ(api::maintenance_from_json(exchange->response->body)->from_s, 1'900'000'000u);
  exchange = ask_as(host, plan("DELETE"));
  EXPECT_EQ(asked().call->method, "DELETE");
  said.maintenance = api::Maintenance{key(8), {}};
  answer(said);
  EXPECT_EQ(exchange->response->status, 502) << "it speaks for another host";
}

TEST_F(LivingApi, ACommandThatNamesAKeyIsDoneOnce) {
  const auto first = exec_as(renter, "one");
  EXPECT_EQ(exec_as(renter, "one")->response->status, 409) << "it is under way";
  api::HostAnswer said;
  said.exec = result();
  answer(said);
  EXPECT_EQ(first->response->status, 200);
  EXPECT_EQ(sent.size(), 1u);
  const auto again = exec_as(renter, "one");
  ASSERT_TRUE(again->response);
  EXPECT_EQ(again->response->body, first->response->body);
  EXPECT_EQ(sent.size(), 1u);
  // What was not done may be tried again.
  connected = false;
  EXPECT_EQ(exec_as(renter, "two")->response->status, 502);
  connected = true;
  EXPECT_FALSE(exec_as(renter, "two")->response);
}

}  // namespace
}  // namespace obelisk::market_app
