// What an operator sees of a request and of a lease: ids, lines of the log, the trail.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "apps/market/api.hpp"
#include "apps/market/api_testing.hpp"
#include "core/identity/token.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

class Seeing : public testing::ApiParts {
 protected:
  Seeing() {
    hub.serve(leases);
    leases.terms = testing::terms_of(attestor.public_key());
    // Of the wallet that rents all of these.
    EXPECT_TRUE(session_store.insert(
        {"s", obelisk::identity::token_hash(token), {}, "n", "", 0, testing::kNowMs * 2}));
  }
  http::Response ask(const std::string& path, const std::string& query = "",
                     const std::string& request_id = "", const std::string& method = "GET") {
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = "{\"secret\":\"s3cret\"}";
    request.headers = {{"Authorization", "Bearer " + token}};
    request.remote_address = "10.0.0.1";
    if (!request_id.empty()) request.headers.push_back({"x-request-id", request_id});
    testing::TestExchange exchange;
    api.handle(request, exchange);
    return exchange.response.value_or(http::Response{});
  }
  static std::string id_of(const http::Response& response) {
    return std::string(response.header("X-Request-Id").value_or(""));
  }
  static std::string field(const testing::QuietLog::Line& line, const std::string& name) {
    for (const auto& [known, value] : line.fields) {
      if (known != name) continue;
      const auto* text = std::get_if<std::string>(&value);
      return text != nullptr ? *text : std::to_string(std::get<std::int64_t>(value));
    }
    return "";
  }
  void add_lease(const base::PublicKey& address, int events) {
    lease::Record record;
    record.quote.lease = address;
    record.life.ready_signature.emplace().bytes.fill(7);
    store.records.push_back(record);
    for (int i = 1; i <= events; ++i) {
      store.events.push_back({static_cast<std::uint64_t>(i), address, testing::kNowMs + i,
                              i == 2 ? "ready_confirmed" : "attested", "words"});
    }
  }

  const std::string token = obelisk::identity::new_token();
  Api api{desk(), log};
};

TEST_F(Seeing, EveryAnswerHasAnIdOfItsOwn) {
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i) ids.insert(id_of(ask("/v1/market")));
  EXPECT_EQ(ids.size(), 50u);
  for (const std::string& id : ids) EXPECT_GE(id.size(), 8u) << id;
}

TEST_F(Seeing, AnIdThatCameIsKeptWhereItIsSane) {
  EXPECT_EQ(id_of(ask("/v1/market", "", "abc-DEF_12.3")), "abc-DEF_12.3");
  for (const std::string& bad :
       {std::string("short"), std::string(65, 'a'), std::string("a b c d e"),
        std::string("\"quoted\"12"), std::string("new\nline99")}) {
    const std::string id = id_of(ask("/v1/market", "", bad));
    EXPECT_NE(id, bad);
    EXPECT_FALSE(id.empty());
  }
}

TEST_F(Seeing, AProblemNamesItsRequest) {
  const auto response = ask("/v1/leases/" + key(9).to_string(), "", "request-77");
  ASSERT_EQ(response.status, 404);
  const auto body = boost::json::parse(response.body);
  EXPECT_EQ(body.at("request_id").as_string(), "request-77");
  EXPECT_EQ(body.at("code").as_string(), "not_found");
}

TEST_F(Seeing, ARequestIsOneLineWithoutWhatCouldBeASecret) {
  const std::string lease = key(9).to_string();
  (void)ask("/v1/leases/" + lease + "/stop", "token=s3cret", "request-78", "POST");
  const auto& line = log.lines.back();
  EXPECT_EQ(line.level, Level::info);
  EXPECT_EQ(field(line, "request_id"), "request-78");
  EXPECT_EQ(field(line, "route"), "/v1/leases/{lease}/stop");
  EXPECT_EQ(field(line, "lease"), lease);
  EXPECT_EQ(field(line, "method"), "POST");
  EXPECT_EQ(field(line, "status"), "404");
  EXPECT_EQ(field(line, "from"), "10.0.0.1");
  EXPECT_NE(field(line, "us"), "");
  (void)ask("/s3cret", "s3cret");
  EXPECT_EQ(field(log.lines.back(), "route"), "other");
  for (const auto& each : log.lines) {
    EXPECT_EQ(log_line("", each.level, each.message, each.fields).find("s3cret"),
              std::string::npos);
  }
}

TEST_F(Seeing, WhatMachinesAskAllTheTimeIsForDebugging) {
  (void)ask("/healthz");
  EXPECT_EQ(log.lines.back().level, Level::debug);
  (void)ask("/nowhere");
  EXPECT_EQ(log.lines.back().level, Level::info);
}

TEST_F(Seeing, TheTrailComesPageByPage) {
  add_lease(key(9), 7);
  add_lease(key(10), 0);
  const std::string path = "/v1/leases/" + key(9).to_string() + "/trail";
  std::vector<std::uint64_t> seen;
  std::string query = "limit=3";
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = api::trail_from_json(ask(path, query).body);
    ASSERT_TRUE(page.ok());
    EXPECT_LE(page->entries.size(), 3u);
    for (const auto& entry : page->entries) {
      seen.push_back(entry.seq);
      EXPECT_EQ(entry.signature.has_value(), entry.kind == "ready_confirmed");
    }
    if (!page->next) break;
    query = "limit=3&cursor=" + *page->next;
  }
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7}));
  const auto none = api::trail_from_json(ask("/v1/leases/" + key(10).to_string() + "/trail").body);
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->entries.empty());
}

TEST_F(Seeing, ATrailThatIsAskedForWronglyIsAProblem) {
  add_lease(key(9), 1);
  const std::string path = "/v1/leases/" + key(9).to_string() + "/trail";
  EXPECT_EQ(ask("/v1/leases/" + key(11).to_string() + "/trail").status, 404);
  for (const char* query : {"limit=0", "limit=501", "limit=x", "cursor=-1", "cursor=1x",
                            "cursor=99999999999999999999"}) {
    EXPECT_EQ(ask(path, query).status, 422) << query;
  }
}

}  // namespace
}  // namespace obelisk::market_app
