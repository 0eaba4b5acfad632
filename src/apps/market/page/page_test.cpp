#include "apps/market/page/page.hpp"

#include <gtest/gtest.h>

#include <array>

namespace obelisk::market_app {
namespace {

constexpr std::array<PageFile, 4> kFiles{
    {{"/assets/a-12345678.js", "text/javascript", "\"a\"", "run()", "zip", true},
     {"/icon.svg", "image/svg+xml", "\"i\"", "<svg/>", "", false},
     {"/index.html", "text/html; charset=utf-8", "\"p\"", "<!doctype html>", "zipped", false},
     {"/terminal.html", "text/html; charset=utf-8", "\"t\"", "<!doctype html>", "", false}}};
constexpr std::array<std::string_view, 4> kPlaces{"/", "/market", "/rent/*", "/leases/*/receipt"};

http::Request ask(std::string path, std::vector<http::Header> headers = {}) {
  http::Request out;
  out.path = std::move(path);
  out.headers = std::move(headers);
  return out;
}

std::string said(const http::Response& response, std::string_view name) {
  return std::string(response.header(name).value_or(""));
}

class PageTest : public testing::Test {
 protected:
  Page page_{kFiles, kPlaces, {"gw.example"}, false};
};

TEST_F(PageTest, EveryPlaceIsTheOneDocument) {
  for (const char* path : {"/", "/market", "/rent/o-1", "/leases/7Xw4/receipt"}) {
    const auto answer = page_.answer(ask(path));
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "<!doctype html>");
    EXPECT_EQ(said(*answer, "Cache-Control"), "no-cache");
  }
}

TEST_F(PageTest, WhatIsNoPlaceIsForTheApiToAnswer) {
  for (const char* path : {"/rent", "/rent/", "/rent/a/b", "/leases//receipt", "/v1/none", "/.env",
                           "/assets/gone.js", "/index.html/x"}) {
    EXPECT_FALSE(page_.answer(ask(path))) << path;
  }
  const auto lost = page_.answer(ask("/nowhere", {{"Accept", "text/html,*/*"}}));
  ASSERT_TRUE(lost) << "a person is told so by the page";
  EXPECT_EQ(lost->status, 404);
  EXPECT_FALSE(page_.answer(ask("/v1/none", {{"Accept", "text/html"}})));
}

TEST_F(PageTest, AHashedNameIsKeptForGood) {
  const auto file = page_.answer(ask("/assets/a-12345678.js"));
  ASSERT_TRUE(file);
  EXPECT_EQ(said(*file, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(said(*file, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(said(*file, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(file->content_type, "text/javascript");
}

TEST_F(PageTest, CompressedForWhoTakesIt) {
  const auto gzip = [&](const char* accepted) {
    const auto answer = page_.answer(ask("/assets/a-12345678.js", {{"Accept-Encoding", accepted}}));
    return said(*answer, "Content-Encoding") == "gzip" && answer->body == "zip";
  };
  EXPECT_TRUE(gzip("gzip, deflate, br"));
  EXPECT_TRUE(gzip("br, gzip;q=0.5"));
  EXPECT_FALSE(gzip("gzip;q=0"));
  EXPECT_FALSE(gzip("gzip; q=0.0, br"));
  EXPECT_FALSE(gzip("br"));
  EXPECT_EQ(said(*page_.answer(ask("/icon.svg", {{"Accept-Encoding", "gzip"}})), "Vary"), "");
}

TEST_F(PageTest, NothingIsLoadedFromElsewhere) {
  const auto policy = said(*page_.answer(ask("/")), "Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(policy.find("connect-src 'self';"), std::string::npos);
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(policy.find("http"), std::string::npos);
}

TEST_F(PageTest, TheTerminalAloneSpeaksToGateways) {
  const auto policy = said(*page_.answer(ask("/terminal.html")), "Content-Security-Policy");
  EXPECT_NE(policy.find("connect-src wss://*.gw.example;"), std::string::npos) << policy;
  EXPECT_NE(policy.find("frame-ancestors 'self'"), std::string::npos);
  EXPECT_NE(policy.find("sandbox allow-scripts;"), std::string::npos);
  EXPECT_EQ(policy.find("allow-same-origin"), std::string::npos);
  EXPECT_EQ(policy.find(" ws://"), std::string::npos);
  const Page local(kFiles, kPlaces, {"localhost:8443"}, true);
  const auto both = said(*local.answer(ask("/terminal.html")), "Content-Security-Policy");
  EXPECT_NE(both.find("wss://*.localhost:8443 ws://*.localhost:8443;"), std::string::npos) << both;
  const Page alone(kFiles, kPlaces, {}, false);
  const auto none = said(*alone.answer(ask("/terminal.html")), "Content-Security-Policy");
  EXPECT_NE(none.find("connect-src 'none';"), std::string::npos) << none;
}

}  // namespace
}  // namespace obelisk::market_app
