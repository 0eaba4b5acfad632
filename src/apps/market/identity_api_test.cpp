// Who asks, what they may see, and that a write which names a key is done once.
#include <gtest/gtest.h>

#include "apps/market/api.hpp"
#include "apps/market/api_testing.hpp"
#include "apps/market/etag.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

class Asking : public testing::ApiParts {
 protected:
  Asking() {
    hub.serve(leases);
    leases.terms = testing::terms_of(attestor.public_key());
    const auto listing = testing::listing_of(host.public_key(), 16);
    EXPECT_TRUE(offers.take_listing(host.public_key(), testing::sign_listing(listing, host)));
    offers.host_connected(host.public_key());
    ++clock.steady;  // what was signed when the process began is as old as a copy
    ++clock.steady;
  }
  static http::Request request_of(const std::string& method, const std::string& path,
                                  const std::string& body = "") {
    http::Request out;
    out.method = method;
    const auto mark = path.find('?');
    out.path = path.substr(0, mark);
    if (mark != std::string::npos) out.query = path.substr(mark + 1);
    out.body = body;
    out.remote_address = "10.0.0.1";
    out.headers.push_back({"Host", "127.0.0.1:8480"});
    return out;
  }
  http::Response send(const http::Request& request) {
    testing::TestExchange exchange;
    api.handle(request, exchange);
    return exchange.response.value_or(http::Response{});
  }
  http::Response ask(const std::string& path) { return send(request_of("GET", path)); }
  http::Response ask_as(const base::Keypair& wallet, const std::string& path) {
    auto request = request_of("GET", path);
    request.headers.clear();
    testing::sign_request(request, wallet);
    return send(request);
  }
  http::Response ask_with(const std::string& token, const std::string& path,
                          const std::string& method = "GET") {
    auto request = request_of(method, path);
    request.headers.push_back({"Authorization", "Bearer " + token});
    return send(request);
  }
  std::string quote_body(std::uint32_t seconds = 3600) const {
    api::QuoteRequest wanted;
    wanted.renter = renter.public_key();
    wanted.card = "rtx-4090";
    wanted.seconds = seconds;
    wanted.ssh_key = testing::kSshKey;
    return api::to_json(wanted);
  }
  http::Response write(const std::string& path, const std::string& body, const std::string& name,
                       const std::string& address = "10.0.0.1") {
    auto request = request_of("POST", path, body);
    request.remote_address = address;
    request.headers.push_back({"Idempotency-Key", name});
    return send(request);
  }
  // A lease of renter and host, known to store and engine.
  std::string add_lease(std::uint8_t n) {
    lease::Record record;
    record.quote.lease = key(n);
    record.quote.renter = renter.public_key();
    record.quote.host = host.public_key();
    store.records.push_back(record);
    api::Lease shown;
    shown.lease = key(n);
    shown.renter = renter.public_key();
    shown.host = host.public_key();
    shown.state = api::LeaseState::active;
    shown.message = "The host at 192.0.2.7 said: secret";
    shown.ssh = api::SshAccess{"192.0.2.7", 22, "root", "ssh-ed25519 AAAA", {}};
    shown.count = 1;
    shown.version = 100 - n;
    leases.shown.push_back(shown);
    return "/v1/leases/" + key(n).to_string();
  }
  api::SessionToken sign_in(const base::Keypair& wallet) {
    const auto challenge = api::challenge_from_json(
        send(request_of("POST", "/v1/sessions/challenge",
                        api::to_json(api::ChallengeRequest{wallet.public_key()})))
            .body);
    EXPECT_TRUE(challenge);
    last_request = api::to_json(api::SessionRequest{wallet.public_key(), challenge->message,
                                                    wallet.sign(base::view_of(challenge->message)),
                                                    "laptop\x1b", 3600});
    const auto response = send(request_of("POST", "/v1/sessions", last_request));
    EXPECT_EQ(response.status, 201) << response.body;
    return *api::session_token_from_json(response.body);
  }

  Api api{desk(), log};
  base::Keypair host = base::Keypair::random();
  base::Keypair renter = base::Keypair::random();
  base::Keypair stranger = base::Keypair::random();
  std::string last_request;
};

TEST_F(Asking, ALeasesPrivateFieldsAreForItsRenterAndItsHost) {
  const std::string path = add_lease(50);
  for (const auto& whole : {ask_as(renter, path), ask_as(host, path)}) {
    EXPECT_EQ(whole.status, 200);
    EXPECT_NE(whole.body.find("192.0.2.7"), std::string::npos) << whole.body;
    EXPECT_NE(whole.body.find("secret"), std::string::npos);
  }
  for (const auto& part : {ask(path), ask_as(stranger, path)}) {
    EXPECT_EQ(part.status, 200);
    const auto lease = api::lease_from_json(part.body);
    ASSERT_TRUE(lease) << part.body;
    EXPECT_FALSE(lease->ssh);
    EXPECT_EQ(lease->message, "It runs.");
    EXPECT_EQ(part.body.find("192.0.2.7"), std::string::npos);
  }
  for (const char* rest : {"/trail", "/events"}) {
    EXPECT_EQ(ask(path + rest).status, 401) << rest;
    EXPECT_EQ(ask_as(stranger, path + rest).status, 403) << rest;
  }
  EXPECT_EQ(ask_as(host, path + "/trail").status, 200);
}

TEST_F(Asking, AWalletListsItsOwnLeasesPageByPage) {
  for (std::uint8_t n = 50; n < 55; ++n) add_lease(n);
  EXPECT_EQ(ask("/v1/leases").status, 401);
  const std::string mine = renter.public_key().to_string();
  EXPECT_EQ(ask("/v1/leases?renter=" + mine).status, 401);
  EXPECT_EQ(ask_as(stranger, "/v1/leases?renter=" + mine).status, 403);
  EXPECT_EQ(ask_as(renter, "/v1/leases?renter=0OIl").status, 422);
  EXPECT_EQ(ask_as(renter, "/v1/leases?limit=0").status, 422);
  EXPECT_EQ(ask_as(renter, "/v1/leases?cursor=00").status, 422);
  std::vector<base::PublicKey> seen;
  std::string query = "?limit=2&renter=" + mine;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = api::lease_list_from_json(ask_as(renter, "/v1/leases" + query).body);
    ASSERT_TRUE(page);
    for (const auto& lease : page->leases) seen.push_back(lease.lease);
    if (!page->next) break;
    query = "?limit=2&cursor=" + *page->next;
  }
  EXPECT_EQ(seen, (std::vector{key(50), key(51), key(52), key(53), key(54)}));
}

TEST_F(Asking, ASignedRequestCountsOnceAndForAMinute) {
  const std::string path = add_lease(50) + "/trail";
  const base::UnixMillis now_ms = clock.now_ms();
  const auto status_of = [&](base::UnixMillis at_ms, const std::string& nonce, auto change) {
    auto request = request_of("GET", path + "?limit=5");
    request.headers.clear();
    testing::sign_request(request, renter, at_ms, nonce);
    change(request);
    return send(request).status;
  };
  const auto as_it_is = [](http::Request&) {};
  EXPECT_EQ(status_of(now_ms, "0123456789abcdef", as_it_is), 200);
  EXPECT_EQ(status_of(now_ms, "0123456789abcdef", as_it_is), 401) << "a copy";
  EXPECT_EQ(status_of(now_ms, "0123456789abcdeg", as_it_is), 200);
  EXPECT_EQ(status_of(now_ms + 60'001, "0123456789abcde1", as_it_is), 401);
  EXPECT_EQ(status_of(now_ms - 60'001, "0123456789abcde2", as_it_is), 401);
  EXPECT_EQ(status_of(now_ms - 2, "0123456789abcde3", as_it_is), 401)
      << "from before this process began: it may be a copy";
  EXPECT_EQ(status_of(now_ms, "0123456789abcde4", [](auto& request) { request.query = "limit=6"; }),
            401);
  EXPECT_EQ(status_of(now_ms, "0123456789abcde5",
                      [](auto& request) { request.headers[0].value = "evil.example"; }),
            403)
      << "signed for another site";
  EXPECT_EQ(status_of(now_ms, "0123456789abcde6", [](auto& request) { request.body = "x"; }), 401);
  EXPECT_EQ(status_of(now_ms, "0123456789abcde7",
                      [](auto& request) { request.headers[1].value = "Basic eDp5"; }),
            401);
}

TEST_F(Asking, WhoIsNotBelievedIsToldHowToBe) {
  const auto response = ask("/v1/leases");
  EXPECT_EQ(response.header("WWW-Authenticate"), "Obelisk-Signature, Bearer");
  EXPECT_EQ(response.header("Obelisk-Time"), std::to_string(clock.now_ms()));
  EXPECT_NE(response.body.find("\"code\":\"unauthorized\""), std::string::npos);
  auto request = request_of("GET", add_lease(50));
  request.headers.push_back({"Authorization", "Bearer obelisk_nonsense"});
  EXPECT_EQ(send(request).status, 401) << "a bad token is never taken for nobody's";
}

TEST_F(Asking, ASignedChallengeIsATokenUntilItIsEnded) {
  add_lease(50);
  const auto mine = sign_in(renter);
  EXPECT_EQ(mine.token.substr(0, 8), "obelisk_");
  EXPECT_EQ(mine.session.label, "laptop?");
  EXPECT_EQ(send(request_of("POST", "/v1/sessions", last_request)).status, 409) << "once";
  EXPECT_EQ(ask_with(mine.token, "/v1/leases").status, 200);
  const auto other = sign_in(renter);
  const auto list = api::session_list_from_json(ask_with(mine.token, "/v1/sessions").body);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->sessions.size(), 2u);
  EXPECT_EQ(list->sessions[0].current + list->sessions[1].current, 1);
  EXPECT_EQ(ask_with(mine.token, "/v1/sessions").body.find(mine.token), std::string::npos);
  const std::string path = "/v1/sessions/" + other.session.session;
  EXPECT_EQ(ask_with(sign_in(stranger).token, path, "DELETE").status, 404);
  EXPECT_EQ(send(request_of("DELETE", path)).status, 401);
  EXPECT_EQ(ask_with(mine.token, path, "DELETE").status, 204);
  EXPECT_EQ(ask_with(mine.token, path, "DELETE").status, 404);
  EXPECT_EQ(ask_with(other.token, "/v1/leases").status, 401);
  clock.steady += 3'600'001;
  EXPECT_EQ(ask_with(mine.token, "/v1/leases").status, 401) << "its time is over";
  EXPECT_EQ(api::session_list_from_json(ask_as(renter, "/v1/sessions").body).ok(), false);
}

TEST_F(Asking, OnlyTheWalletsOwnSignatureOfOurChallengeSignsIn) {
  sign_in(renter);
  const auto request = *api::session_request_from_json(last_request);
  const auto status_of = [&](auto change) {
    auto other = request;
    change(other);
    return send(request_of("POST", "/v1/sessions", api::to_json(other))).status;
  };
  EXPECT_EQ(status_of([](auto&) {}), 409);
  EXPECT_EQ(status_of([&](auto& r) { r.wallet = stranger.public_key(); }), 401);
  EXPECT_EQ(status_of([&](auto& r) { r.signature.bytes[0] ^= 1; }), 401);
  EXPECT_EQ(status_of([&](auto& r) { r.message += "x"; }), 401);
  EXPECT_EQ(status_of([&](auto& r) {
              r.message = "x";
              r.signature = renter.sign(base::view_of(r.message));
            }),
            401);
  auto elsewhere = request_of("POST", "/v1/sessions/challenge",
                              api::to_json(api::ChallengeRequest{renter.public_key()}));
  elsewhere.headers[0].value = "evil.example";
  EXPECT_EQ(send(elsewhere).status, 403);
  clock.steady += 300'001;
  EXPECT_EQ(status_of([](auto&) {}), 410) << "five minutes";
}

TEST_F(Asking, AWriteWithAKeyIsDoneOnce) {
  const auto first = write("/v1/quotes", quote_body(), "a-key");
  EXPECT_EQ(first.status, 201) << first.body;
  clock.steady += 50'000;  // too little is left to pay the first: another would be made
  leases.now_s += 50;
  const auto again = write("/v1/quotes", quote_body(), "a-key");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Location"), first.header("Location"));
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(store.records.size(), 1u);
  const auto other_body = write("/v1/quotes", quote_body(7200), "a-key");
  EXPECT_EQ(other_body.status, 422);
  EXPECT_EQ(write("/v1/quotes", quote_body(), "a-key", "10.0.0.2").status, 201);
  EXPECT_EQ(store.records.size(), 2u) << "another caller's key is another key";
  clock.steady += kAnswerLifeMs;
  const auto next_day = write("/v1/quotes", quote_body(), "a-key");
  EXPECT_EQ(next_day.status, 201);
  EXPECT_FALSE(next_day.header("Idempotency-Replayed"));
  EXPECT_EQ(write("/v1/quotes", quote_body(), "a-key").body, next_day.body);
}

TEST_F(Asking, WhatWasNotDoneMayBeTriedAgain) {
  leases.answers = false;
  EXPECT_EQ(write("/v1/quotes", quote_body(), "k").status, 502);
  leases.answers = true;
  EXPECT_EQ(write("/v1/quotes", quote_body(), "k").status, 201);
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string(65, 'k'), std::string("k\x7f")}) {
    EXPECT_EQ(write("/v1/quotes", quote_body(), name).status, 422) << name;
  }
}

// What was done is no error because it could not be written down.
TEST_F(Asking, AnAnswerThatCannotBeKeptIsGivenAllTheSame) {
  class FullStore final : public ports::AnswerStore {
   public:
    base::Result<std::optional<ports::AnswerRow>> find(const std::string&,
                                                       const std::string&) override {
      return std::optional<ports::AnswerRow>();
    }
    base::Result<ports::AnswerRow> keep(const ports::AnswerRow&, base::UnixMillis,
                                        std::size_t) override {
      return base::Error{base::Code::missing_dependency, "The disk is full.", "", 0};
    }
    base::Result<std::uint64_t> forget(base::UnixMillis, std::size_t) override { return 0u; }
  };
  FullStore full;
  AnswerDesk desk(full, clock);
  auto request = request_of("POST", "/v1/quotes", "{}");
  request.headers.push_back({"Idempotency-Key", "k"});
  const auto work = []() -> base::Result<http::Response> { return http::Response{}; };
  EXPECT_TRUE(desk.once({{}, "", "10.0.0.1"}, request, work, AnswerDesk::Kept::stored));
}

TEST_F(Asking, TheSecondOfTwoAtOnceIsTold) {
  const auto request = [] {
    auto out = request_of("POST", "/v1/quotes", "{}");
    out.headers.push_back({"Idempotency-Key", "k"});
    return out;
  }();
  const Caller caller{{}, "", "10.0.0.1"};
  int done = 0;
  const auto work = [&]() -> base::Result<http::Response> {
    ++done;
    const auto second = answers.once(
        caller, request,
        [&]() -> base::Result<http::Response> {
          ++done;
          return http::Response{};
        },
        AnswerDesk::Kept::stored);
    EXPECT_EQ(second.error().code, base::Code::conflict);
    return http::Response{};
  };
  EXPECT_TRUE(answers.once(caller, request, work, AnswerDesk::Kept::stored));
  EXPECT_TRUE(answers.once(caller, request, work, AnswerDesk::Kept::stored));
  EXPECT_EQ(done, 1);
}

TEST_F(Asking, ATokenIsNeverWrittenIntoTheStoreOfAnswers) {
  sign_in(renter);
  const auto challenge = api::challenge_from_json(
      send(request_of("POST", "/v1/sessions/challenge",
                      api::to_json(api::ChallengeRequest{renter.public_key()})))
          .body);
  const std::string body =
      api::to_json(api::SessionRequest{renter.public_key(),
                                       challenge->message,
                                       renter.sign(base::view_of(challenge->message)),
                                       {},
                                       {}});
  const auto first = write("/v1/sessions", body, "k");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(write("/v1/sessions", body, "k").body, first.body) << "the same, in this process";
  EXPECT_FALSE(*answer_store.find("address 10.0.0.1", "k"));
}

TEST_F(Asking, AnAnswerThatIsThereAlreadyIsNotSentAgain) {
  const std::string path = add_lease(50);
  const auto shared = ask("/v1/cards");
  EXPECT_EQ(shared.header("ETag"), etag_of(shared.body));
  EXPECT_EQ(shared.header("Cache-Control"), "public, no-cache");
  EXPECT_FALSE(shared.header("Vary"));
  const auto own = ask_as(renter, path);
  EXPECT_EQ(own.header("Cache-Control"), "private, no-cache");
  EXPECT_EQ(own.header("Vary"), "Authorization");
  EXPECT_NE(own.header("ETag"), ask(path).header("ETag")) << "what others see is another answer";
  const auto status_with = [&](const std::string& tags) {
    auto request = request_of("GET", "/v1/cards");
    request.headers.push_back({"If-None-Match", tags});
    const auto response = send(request);
    EXPECT_EQ(response.body.empty(), response.status == 304);
    EXPECT_EQ(response.header("ETag"), shared.header("ETag"));
    return response.status;
  };
  const std::string tag = etag_of(shared.body);
  EXPECT_EQ(status_with(tag), 304);
  EXPECT_EQ(status_with("\"x\" , W/" + tag), 304);
  EXPECT_EQ(status_with("*"), 304);
  EXPECT_EQ(status_with("\"x\""), 200);
  EXPECT_EQ(status_with(""), 200);
  EXPECT_EQ(write("/v1/quotes", quote_body(), "k").header("Cache-Control"), "no-store");
  EXPECT_EQ(ask("/healthz").header("Cache-Control"), "no-store");
  EXPECT_FALSE(ask(path + "x").header("ETag"));
}

TEST(RequestNonces, AreForgottenOnlyWithTheirTime) {
  RequestNonces nonces(0, {.most = 10, .of_a_key = 5, .crowded = 10, .fair = 10});
  const base::UnixMillis now_ms = 1'000'000;
  const auto take = [&](std::uint8_t who, base::UnixMillis at_ms, const std::string& nonce,
                        base::UnixMillis at) {
    const auto taken = nonces.take(key(who), "10.0.0.1", at_ms, nonce, at);
    return taken ? std::optional<base::Code>() : taken.error().code;
  };
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(take(1, now_ms + i, "n" + std::to_string(i), now_ms));
  EXPECT_EQ(take(1, now_ms, "n9", now_ms), base::Code::rate_limited);
  EXPECT_EQ(take(1, now_ms, "n0", now_ms), base::Code::unauthorized) << "seen";
  EXPECT_EQ(take(2, now_ms + kRequestAheadMs + 1, "n", now_ms), base::Code::unauthorized);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(take(2, now_ms + i, "n" + std::to_string(i), now_ms));
  EXPECT_EQ(take(3, now_ms, "n", now_ms), base::Code::rate_limited) << "full: none is forgotten";
  EXPECT_EQ(nonces.size(), 10u);
  EXPECT_EQ(take(1, now_ms, "n0", now_ms + kRequestWindowMs), base::Code::unauthorized);
  EXPECT_FALSE(take(3, now_ms + 60'100, "n", now_ms + 60'100));
  EXPECT_EQ(nonces.size(), 1u);
}

TEST(RequestNonces, WhoSendsMostIsRefusedFirst) {
  RequestNonces nonces(0, {.most = 100, .of_a_key = 100, .crowded = 20, .fair = 3});
  const base::UnixMillis now_ms = 1'000'000;
  const auto take = [&](std::uint8_t who, const std::string& address) {
    static int count = 0;
    return bool(nonces.take(key(who), address, now_ms, std::to_string(++count), now_ms));
  };
  for (std::uint8_t i = 0; i < 20; ++i) EXPECT_TRUE(take(i, "10.0.0.1"));
  EXPECT_FALSE(take(99, "10.0.0.1")) << "another key of the same address";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take(98, "10.0.0.2")) << "somebody else";
  EXPECT_FALSE(take(98, "10.0.0.2"));
}

}  // namespace
}  // namespace obelisk::market_app
