#include "apps/market/api.hpp"

#include <gtest/gtest.h>

#include "adapters/http/problem.hpp"
#include "apps/market/api_testing.hpp"
#include "core/settlement/settlement.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

class Front : public testing::ApiParts {
 protected:
  Front() {
    hub.serve(leases);
    leases.terms = testing::terms_of(attestor.public_key());
    const auto listing = testing::listing_of(host.public_key(), 4);
    EXPECT_TRUE(offers.take_listing(host.public_key(), testing::sign_listing(listing, host)));
    offers.host_connected(host.public_key());
  }
  testing::TestExchange ask(const std::string& method, const std::string& path,
                            const std::string& query = "", const std::string& body = "") {
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    request.remote_address = "10.0.0.1";
    testing::TestExchange exchange;
    api.handle(request, exchange);
    return exchange;
  }
  http::Response answer(const std::string& method, const std::string& path,
                        const std::string& query = "", const std::string& body = "") {
    const auto exchange = ask(method, path, query, body);
    EXPECT_TRUE(exchange.response) << path;
    return exchange.response.value_or(http::Response{});
  }
  api::Quote quote_for(const base::PublicKey& wallet) {
    api::QuoteRequest wanted;
    wanted.renter = wallet;
    wanted.card = "rtx-4090";
    wanted.seconds = 3600;
    wanted.ssh_key = testing::kSshKey;
    const auto response = answer("POST", "/v1/quotes", "", api::to_json(wanted));
    EXPECT_EQ(response.status, 201) << response.body;
    return *api::quote_from_json(response.body);
  }
  http::Response send(const solana::Transaction& transaction) {
    return answer("POST", "/v1/transactions", "",
                  api::to_json(api::TransactionRequest{transaction.base64()}));
  }
  solana::Transaction signed_by(const base::Keypair& wallet,
                                const std::vector<solana::Instruction>& calls) {
    base::Hash blockhash;
    solana::Transaction out(*solana::compile_message(wallet.public_key(), calls, blockhash,
                                                     solana::MessageVersion::v0));
    EXPECT_TRUE(solana::sign(out, wallet));
    return out;
  }
  solana::Transaction paid(const api::Quote& quote) {
    auto out = *solana::decode_transaction_base64(quote.transaction);
    EXPECT_TRUE(solana::sign(out, renter));
    return out;
  }

  Api api{desk(), log};
  base::Keypair host = base::Keypair::random();
  base::Keypair renter = base::Keypair::random();
};

TEST_F(Front, EveryOperationHasAnAnswer) {
  for (const api::Route& route : api::kRoutes) {
    std::string path(route.path);
    if (const auto open = path.find('{'); open != std::string::npos) {
      path.replace(open, path.find('}') - open + 1, key(77).to_string());
    }
    const auto exchange = ask(std::string(route.method), path, "renter=" + key(3).to_string());
    ASSERT_TRUE(exchange.response || exchange.socket || exchange.stream) << path;
    if (!exchange.response) continue;
    EXPECT_LT(exchange.response->status, 500) << path << exchange.response->body;
    if (exchange.response->status >= 400) {
      EXPECT_EQ(exchange.response->content_type, "application/problem+json") << path;
      EXPECT_NE(exchange.response->body.find("\"charged_lamports\":\"0\""), std::string::npos);
      EXPECT_NE(exchange.response->body.find("\"action\":\""), std::string::npos);
    }
  }
}

TEST_F(Front, UnknownPathsAndMethodsAreProblems) {
  EXPECT_EQ(answer("GET", "/").status, 404);
  EXPECT_EQ(answer("GET", "/v1/cards/").status, 404);
  const auto wrong = answer("PUT", "/v1/quotes");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "POST");
  EXPECT_NE(wrong.body.find("\"status\":405"), std::string::npos);
}

TEST_F(Front, CardsAndOffersShowWhatIsFree) {
  const auto cards = api::card_list_from_json(answer("GET", "/v1/cards").body);
  ASSERT_TRUE(cards);
  const auto card = std::ranges::find(cards->cards, "rtx-4090", &api::Card::id);
  EXPECT_EQ(card->available, 4u);
  EXPECT_EQ(card->from_micro_usd_per_hour, 1'380'000u);
  EXPECT_EQ(card->from_lamports_per_hour->count, 9'857'143u);
  EXPECT_EQ(std::ranges::find(cards->cards, "a40", &api::Card::id)->available, 0u);

  const auto found = api::offer_list_from_json(answer("GET", "/v1/offers", "count=4").body);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->offers.size(), 1u);
  EXPECT_EQ(found->offers[0].count, 4u);
  EXPECT_TRUE(
      api::offer_list_from_json(answer("GET", "/v1/offers", "count=5").body)->offers.empty());
  EXPECT_EQ(answer("GET", "/v1/offers", "count=0").status, 422);
  EXPECT_EQ(answer("GET", "/v1/offers", "count=1e1").status, 422);
  const auto unknown = answer("GET", "/v1/offers", "card=%ff%00");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_NE(unknown.body.find("rtx-4090"), std::string::npos);
}

TEST_F(Front, WhatEverybodySeesIsKnownForAMoment) {
  const auto quick = [&](const std::string& target, const std::string& address = "10.0.0.9") {
    const auto known = api.quick({false, target, "", address});
    return known.answer == nullptr ? std::string() : std::string(known.answer->whole());
  };
  EXPECT_EQ(quick("/v1/offers?count=4"), "");
  const auto asked = answer("GET", "/v1/offers", "count=4");
  EXPECT_TRUE(quick("/v1/offers?count=4").ends_with(asked.body));
  EXPECT_EQ(quick("/v1/offers"), "");
  answer("GET", "/v1/leases", "renter=" + renter.public_key().to_string());
  EXPECT_EQ(quick("/v1/leases?renter=" + renter.public_key().to_string()), "");
  // A change of the offers is seen at once.
  offers.host_gone(host.public_key());
  offers.host_connected(host.public_key());
  EXPECT_EQ(quick("/v1/offers?count=4"), "");
  answer("GET", "/openapi.json");
  for (std::uint64_t i = 0; i < Limits{}.reads_burst; ++i) {
    ASSERT_TRUE(quick("/openapi.json", "10.0.0.11").starts_with("HTTP/1.1 200 "));
  }
  const std::string refused = quick("/openapi.json", "10.0.0.11");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 429 "));
  EXPECT_NE(refused.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_TRUE(quick("/openapi.json", "10.0.0.10").starts_with("HTTP/1.1 200 "));
}

TEST_F(Front, WhoAsksTooOftenIsToldWhenToComeAgain) {
  http::Response last;
  for (std::uint64_t i = 0; i <= Limits{}.writes_burst; ++i) {
    last = answer("POST", "/v1/transactions", "", "{}");
    if (i < Limits{}.writes_burst) ASSERT_EQ(last.status, 422) << i;
  }
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(last.header("Retry-After"), "1");
  EXPECT_EQ(answer("GET", "/v1/cards").status, 200);
  clock.steady += 1000;
  EXPECT_EQ(answer("POST", "/v1/transactions", "", "{}").status, 422);
}

TEST_F(Front, OneWalletIsNotQuotedWithoutEnd) {
  api::QuoteRequest wanted;
  wanted.renter = renter.public_key();
  wanted.card = "nothing-of-that-name";
  wanted.seconds = 3600;
  wanted.ssh_key = testing::kSshKey;
  for (std::uint64_t i = 0; i < Limits{}.wallet_writes_burst; ++i) {
    EXPECT_EQ(answer("POST", "/v1/quotes", "", api::to_json(wanted)).status, 404);
  }
  EXPECT_EQ(answer("POST", "/v1/quotes", "", api::to_json(wanted)).status, 429);
  wanted.renter = key(50);
  EXPECT_EQ(answer("POST", "/v1/quotes", "", api::to_json(wanted)).status, 404);
}

TEST_F(Front, AQuoteIsPaidByItsOwnTransaction) {
  const auto quote = quote_for(renter.public_key());
  const auto transaction = paid(quote);
  const auto response = send(transaction);
  EXPECT_EQ(response.status, 202) << response.body;
  EXPECT_EQ(api::transaction_accepted_from_json(response.body)->signature, transaction.id());
  // The same again: the chain knows what it did with it.
  EXPECT_EQ(send(transaction).status, 202);
  EXPECT_EQ(chain.sent.size(), 2u);
  EXPECT_EQ(chain.sent[0], transaction.wire());
}

TEST_F(Front, AnExpiredQuoteIsNotPaid) {
  const auto transaction = paid(quote_for(renter.public_key()));
  leases.now_s += kQuoteLifeS + 1;
  const auto response = send(transaction);
  EXPECT_EQ(response.status, 410);
  EXPECT_NE(response.body.find("Nothing was charged"), std::string::npos);
  store.records[0].life.outcome = lease::Outcome::never_paid;
  store.records[0].life.state = lease::State::ended;
  leases.now_s -= kQuoteLifeS + 1;
  EXPECT_EQ(send(transaction).status, 410);
  EXPECT_TRUE(chain.sent.empty());
}

TEST_F(Front, AnotherWalletsQuoteIsNotPaid) {
  quote_for(renter.public_key());
  auto open = open_of(store.records[0].quote, key(1));
  const auto thief = base::Keypair::random();
  open.renter = thief.public_key();
  open.lease = settlement::lease_address(key(1), open.renter, open.nonce).address;
  const auto response =
      send(signed_by(thief, {settlement::to_instruction(escrow::encode_open(key(1), open))}));
  EXPECT_EQ(response.status, 403);
  EXPECT_NE(response.body.find(renter.public_key().to_string()), std::string::npos);
  EXPECT_TRUE(chain.sent.empty());
}

TEST_F(Front, AnOpenThatIsNoQuotesIsNotSent) {
  quote_for(renter.public_key());
  const auto good = open_of(store.records[0].quote, key(1));
  const auto status_of = [&](auto change) {
    auto open = good;
    change(open);
    return send(signed_by(renter, {settlement::to_instruction(escrow::encode_open(key(1), open))}))
        .status;
  };
  EXPECT_EQ(status_of([](escrow::Open&) {}), 202);
  EXPECT_EQ(status_of([](escrow::Open& open) { open.host = key(40); }), 422);
  EXPECT_EQ(status_of([](escrow::Open& open) { open.rate_lamports_per_hour += 1; }), 422);
  EXPECT_EQ(status_of([](escrow::Open& open) { open.expires_at += 3600; }), 422);
  EXPECT_EQ(status_of([](escrow::Open& open) { open.terms_hash.bytes[0] ^= 1; }), 404);
  EXPECT_EQ(chain.sent.size(), 1u);
}

TEST_F(Front, OnlyOurOwnBusinessIsSent) {
  const auto transfer = solana::transfer(renter.public_key(), key(9), base::Lamports{5});
  EXPECT_EQ(send(signed_by(renter, {transfer})).status, 422);
  EXPECT_EQ(send(signed_by(renter, {solana::set_unit_limit(1000)})).status, 422);
  quote_for(renter.public_key());
  const auto open = settlement::to_instruction(
      escrow::encode_open(key(1), open_of(store.records[0].quote, key(1))));
  EXPECT_EQ(send(signed_by(renter, {open, transfer})).status, 422);
  EXPECT_EQ(send(signed_by(renter, {open, open})).status, 422);
  auto odd = open;
  odd.data.push_back(0);
  EXPECT_EQ(send(signed_by(renter, {odd})).status, 422);
  odd.data = {200};
  EXPECT_EQ(send(signed_by(renter, {odd})).status, 422);
  odd.data.clear();
  EXPECT_EQ(send(signed_by(renter, {odd})).status, 422);
  base::Hash blockhash;
  const solana::Transaction unsigned_one(
      *solana::compile_message(renter.public_key(), {open}, blockhash, solana::MessageVersion::v0));
  EXPECT_EQ(send(unsigned_one).status, 422);
  EXPECT_TRUE(chain.sent.empty());
  for (const char* body : {"", "{}", "null", R"({"transaction":""})", R"({"transaction":"!!"})",
                           R"({"transaction":"AAAA"})"}) {
    EXPECT_GE(answer("POST", "/v1/transactions", "", body).status, 400) << body;
  }
}

// A client that names its tries alike must not get a dead transaction for a day.
TEST_F(Front, AStopIsBuiltAnewUnderTheSameKey) {
  quote_for(renter.public_key());
  lease::Record& record = store.records[0];
  record.life.state = lease::State::active;
  record.life.started_at_s = testing::kChainNowS;
  record.life.seconds = 3600;
  const auto stop = [&] {
    http::Request request;
    request.method = "POST";
    request.path = "/v1/leases/" + record.quote.lease.to_string() + "/stop";
    request.headers = {{"Host", "127.0.0.1"}, {"Idempotency-Key", "stop"}};
    request.remote_address = "127.0.0.1";
    testing::TestExchange exchange;
    api.handle(request, exchange);
    return exchange.response.value_or(http::Response{}).body;
  };
  const std::string first = stop();
  EXPECT_NE(first.find("transaction"), std::string::npos) << first;
  EXPECT_EQ(stop(), first);
  chain.blockhash = 10;
  EXPECT_NE(stop(), first);
}

TEST_F(Front, AStopOfTheRentersOwnTellsTheEngine) {
  quote_for(renter.public_key());
  lease::Record& record = store.records[0];
  record.life.state = lease::State::active;
  record.life.started_at_s = testing::kChainNowS;
  record.life.seconds = 3600;
  const std::string path = "/v1/leases/" + record.quote.lease.to_string();
  const auto planned = api::unsigned_transaction_from_json(answer("POST", path + "/stop").body);
  ASSERT_TRUE(planned);
  EXPECT_EQ(planned->how, 0u);
  auto transaction = *solana::decode_transaction_base64(planned->transaction);
  ASSERT_TRUE(solana::sign(transaction, renter));
  EXPECT_EQ(send(transaction).status, 202);
  ASSERT_EQ(leases.stops.size(), 1u);
  EXPECT_EQ(leases.stops[0], record.quote.lease);

  // A stranger's stop of the same lease would fail on the chain; it must not silence the watch.
  const auto stranger = base::Keypair::random();
  auto accounts =
      escrow::LeaseAccounts{record.quote.lease, stranger.public_key(), key(3), key(4), key(5)};
  EXPECT_EQ(send(signed_by(stranger, {settlement::to_instruction(escrow::encode_stop(
                                         key(1), accounts, escrow::StopHow::served))}))
                .status,
            202);
  EXPECT_EQ(leases.stops.size(), 1u);
  chain.refuse_send = base::Error{base::Code::rejected_on_chain, "no", ""};
  EXPECT_EQ(send(transaction).status, 422);
  EXPECT_EQ(leases.stops.size(), 1u);
}

TEST_F(Front, WhatTheProgramRefusesIsSaidInItsWords) {
  const auto transaction = paid(quote_for(renter.public_key()));
  chain.refuse_send = base::Error{base::Code::rejected_on_chain,
                                  "Instruction 1 failed with the program's error 116.", "x"};
  const auto response = send(transaction);
  EXPECT_EQ(response.status, 422);
  EXPECT_NE(response.body.find("EMPTY_WALLET"), std::string::npos) << response.body;
}

TEST_F(Front, LeasesAreFoundByAddressOnly) {
  EXPECT_EQ(answer("GET", "/v1/leases/nonsense").status, 422);
  EXPECT_EQ(answer("GET", "/v1/leases/" + key(3).to_string()).status, 404);
  EXPECT_EQ(answer("GET", "/v1/leases/" + key(3).to_string() + "/events").status, 401);
  EXPECT_EQ(answer("POST", "/v1/leases/" + key(3).to_string() + "/stop").status, 404);
  EXPECT_EQ(answer("POST", "/v1/leases/" + key(3).to_string() + "/extend", "", R"({"seconds":120})")
                .status,
            404);
}

TEST_F(Front, ThePagesSayHowTheMarketIs) {
  const auto info = api::market_info_from_json(answer("GET", "/v1/market").body);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->attestor, attestor.public_key());
  EXPECT_EQ(info->market_rev, 7u);
  EXPECT_TRUE(info->local);
  EXPECT_EQ(answer("GET", "/openapi.json").body, api::openapi_text());
  EXPECT_EQ(answer("GET", "/healthz").status, 200);
  EXPECT_EQ(answer("GET", "/readyz").status, 200);
  leases.answers = false;
  EXPECT_EQ(answer("GET", "/readyz").status, 502);
  leases.terms.reset();
  EXPECT_EQ(answer("GET", "/v1/market").status, 502);
  answer("GET", "/v1/cards");
  answer("GET", "/no\"such");
  const auto metrics_page = answer("GET", "/metrics");
  for (const char* line : {"obelisk_http_requests_total{route=\"/v1/cards\",status=\"200\"} 1\n",
                           "obelisk_http_requests_total{route=\"other\",status=\"404\"} 1\n",
                           "obelisk_http_requests_total{route=\"/readyz\",status=\"502\"} 1\n",
                           "obelisk_hosts_connected 1\n", "obelisk_chain_answers 0\n",
                           "obelisk_sol_price_micro_usd 140000000\n"}) {
    EXPECT_NE(metrics_page.body.find(line), std::string::npos) << line << metrics_page.body;
  }
}

TEST(Log, ALineIsOneObjectWhateverIsInIt) {
  EXPECT_EQ(
      log_line("2026-01-01T00:00:00.000Z", Level::warning, "a\"b\n\xff",
               {{"level", "forged"}, {"who", "x\x1b[2J"}}),
      R"({"at":"2026-01-01T00:00:00.000Z","level":"warning","message":"a\"b??","who":"x?[2J"})");
  EXPECT_LT(log_line("", Level::info, std::string(100'000, 'x'), {}).size(), 1100u);
}

TEST_F(Front, AQuoteIsGivenUp) {
  const std::string path = "/v1/quotes/" + quote_for(key(50)).id;
  const auto first = answer("DELETE", path);
  EXPECT_EQ(first.status, 204);
  EXPECT_TRUE(first.body.empty());
  EXPECT_EQ(answer("DELETE", path).status, 204);
  EXPECT_EQ(answer("GET", path).status, 410);
  EXPECT_EQ(answer("DELETE", "/v1/quotes/00").status, 404);
}

TEST_F(Front, WordsOfTheDatabaseAreForTheLogAlone) {
  store.refuse = base::Error{base::Code::unreachable,
                             "PostgreSQL does not let us in: no route to 10.1.2.3.", "Start it."};
  const auto response = answer("GET", "/v1/quotes/00");
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(response.body.find("10.1.2.3"), std::string::npos) << response.body;
  EXPECT_NE(response.body.find("Something inside this market"), std::string::npos);
  const auto line =
      std::ranges::find(log.lines, "A request failed.", &testing::QuietLog::Line::message);
  ASSERT_NE(line, log.lines.end());
  EXPECT_TRUE(std::ranges::any_of(line->fields, [](const auto& field) {
    const auto* text = std::get_if<std::string>(&field.second);
    return text != nullptr && text->find("10.1.2.3") != std::string::npos;
  }));
}

}  // namespace
}  // namespace obelisk::market_app
