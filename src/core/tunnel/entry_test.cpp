#include "core/tunnel/entry.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"

namespace obelisk::tunnel {
namespace {

constexpr base::UnixSeconds kNow = 1'800'000'000;
constexpr std::uint16_t kPort = 8888;

base::Keypair wallet(std::uint8_t seed) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(seed);
  return base::Keypair::from_seed(bytes);
}

base::PublicKey lease() {
  base::PublicKey out;
  out.bytes.fill(1);
  return out;
}

Pass pass_of(Audience audience, std::uint8_t seed = 1, std::uint16_t port = kPort,
             base::UnixSeconds until_s = kNow + 600) {
  const auto text = pass_text(lease(), port, audience, kNow, until_s);
  return {audience, kNow, until_s, wallet(seed).sign(base::view_of(text))};
}
const Pass good = pass_of(Audience::holder);

std::string host() { return label_of({lease(), kPort}) + ".gw.example"; }

RequestHead head_of(const std::string& first, const std::vector<std::string>& lines = {}) {
  std::string bytes = first + " HTTP/1.1\r\nHost: " + host() + "\r\n";
  for (const std::string& line : lines) bytes += line + "\r\n";
  const auto read = read_head(bytes + "\r\n");
  EXPECT_TRUE(std::holds_alternative<RequestHead>(read)) << bytes;
  const auto* head = std::get_if<RequestHead>(&read);
  return head != nullptr ? *head : RequestHead{};
}

Entry decide(const std::string& first, const std::vector<std::string>& lines = {},
             const std::optional<Pass>& everybodys = {}, bool is_tls = true) {
  return decide_entry(head_of(first, lines),
                      {{lease(), kPort}, wallet(1).public_key(), everybodys, is_tls, kNow});
}
bool enters(const Entry& entry) { return std::holds_alternative<Enter>(entry); }
std::optional<Denied> why(const Entry& entry) {
  const auto* refusal = std::get_if<Refusal>(&entry);
  return refusal ? std::optional(refusal->why) : std::nullopt;
}

std::string cookie(const Pass& pass = good) {
  return "Cookie: a=b; __Host-obelisk-pass=" + to_text(pass) + "; c=d";
}

TEST(Entry, NobodyWithoutAPass) {
  EXPECT_EQ(why(decide("GET /")), Denied::nothing_shown);
  EXPECT_EQ(why(decide("GET /?obelisk-passport=1", {"Cookie: a=b"})), Denied::nothing_shown);
}

TEST(Entry, ByTheFieldWithAnyMethod) {
  for (const std::string method : {"GET", "POST", "DELETE", "OPTIONS"}) {
    EXPECT_TRUE(enters(decide(method + " /", {"X-Obelisk-Pass: " + to_text(good)})));
  }
  const std::string field = "X-Obelisk-Pass: " + to_text(good);
  EXPECT_EQ(why(decide("GET /", {field, field})), Denied::bad_pass) << "two of them";
  EXPECT_EQ(why(decide("GET /", {"X-Obelisk-Pass: x", cookie()})), Denied::bad_pass);
}

TEST(Entry, WhatDoesNotFitIsRefused) {
  const auto with = [](const Pass& pass) {
    return why(decide("GET /", {"X-Obelisk-Pass: " + to_text(pass)}));
  };
  EXPECT_EQ(with(pass_of(Audience::holder, 2)), Denied::bad_pass) << "another wallet's";
  EXPECT_EQ(with(pass_of(Audience::holder, 1, kPort + 1)), Denied::bad_pass) << "another port's";
  EXPECT_EQ(with(pass_of(Audience::holder, 1, kPort, kNow)), Denied::bad_pass) << "over";
  EXPECT_EQ(with(pass_of(Audience::everybody)), Denied::bad_pass) << "may be taken back by now";
  EXPECT_EQ(with(pass_of(Audience::nobody)), Denied::bad_pass);
}

TEST(Entry, ALinkBecomesACookie) {
  const auto entry = decide("GET /lab?a=1&obelisk-pass=" + to_text(good) + "&b=2");
  const auto* redirect = std::get_if<Redirect>(&entry);
  ASSERT_NE(redirect, nullptr);
  EXPECT_EQ(redirect->target, "/lab?a=1&b=2");
  EXPECT_EQ(redirect->cookie, "__Host-obelisk-pass=" + to_text(good) +
                                  "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
  const auto plain = decide("GET /?obelisk-pass=" + to_text(good), {}, {}, false);
  ASSERT_TRUE(std::holds_alternative<Redirect>(plain));
  EXPECT_EQ(std::get<Redirect>(plain).cookie,
            "obelisk-pass=" + to_text(good) + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=600");
  EXPECT_EQ(why(decide("POST /?obelisk-pass=" + to_text(good))), Denied::nothing_shown);
  EXPECT_EQ(why(decide("GET /?obelisk-pass=x")), Denied::bad_pass);
}

TEST(Entry, ALinkLeadsToNoOtherHost) {
  for (const std::string path : {"//evil.example/", "//", "/\\evil.example/"}) {
    EXPECT_EQ(why(decide("GET " + path + "?obelisk-pass=" + to_text(good))), Denied::bad_target);
  }
  EXPECT_EQ(target_without_pass("/"), "/");
  EXPECT_EQ(target_without_pass("/a//b?obelisk-pass=x"), "/a//b");
  EXPECT_EQ(target_without_pass("/a?obelisk-pass=x&obelisk-pass=y&c=//d"), "/a?c=//d");
  EXPECT_FALSE(target_without_pass(""));
}

TEST(Entry, ACookieIsNoWordOfAnotherSite) {
  EXPECT_TRUE(enters(decide("GET /", {cookie()})));
  EXPECT_TRUE(enters(decide("POST /", {cookie(), "Origin: https://" + host()})));
  for (const std::string& origin :
       {std::string("https://evil.example"), "http://" + host(), std::string("null"),
        "https://8889-" + host().substr(5), "https://" + host() + ":1"}) {
    EXPECT_EQ(why(decide("GET /", {cookie(), "Origin: " + origin})), Denied::other_site) << origin;
  }
  EXPECT_EQ(
      why(decide("GET /", {cookie(), "Origin: https://" + host(), "Origin: https://" + host()})),
      Denied::other_site);
  EXPECT_TRUE(enters(decide("GET /", {"X-Obelisk-Pass: " + to_text(good), "Origin: null"})))
      << "whoever shows it means it";
}

TEST(Entry, WhatABrowserSaysOfTheAskerCounts) {
  const std::string same_site = "Sec-Fetch-Site: same-site";
  EXPECT_EQ(why(decide("GET /",
                       {cookie(), same_site, "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"})),
            Denied::other_site);
  EXPECT_EQ(why(decide("GET /", {cookie(), same_site, "Sec-Fetch-Mode: navigate",
                                 "Sec-Fetch-Dest: iframe"})),
            Denied::other_site);
  EXPECT_TRUE(enters(decide(
      "GET /", {cookie(), same_site, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"})));
  EXPECT_EQ(why(decide("POST /", {cookie(), same_site, "Sec-Fetch-Mode: navigate",
                                  "Sec-Fetch-Dest: document"})),
            Denied::other_site);
  for (const std::string site : {"same-origin", "none"}) {
    EXPECT_TRUE(enters(decide("GET /", {cookie(), "Sec-Fetch-Site: " + site})));
  }
}

TEST(Entry, TheCookieOfPlainHttpIsNoneOverTls) {
  const std::string plain = "Cookie: obelisk-pass=" + to_text(good);
  EXPECT_EQ(why(decide("GET /", {plain})), Denied::nothing_shown);
  EXPECT_TRUE(enters(decide("GET /", {plain}, {}, false)));
}

TEST(Entry, AWebSocketMayShowItAmongItsProtocols) {
  const std::string shown = "Sec-WebSocket-Protocol: chat, obelisk-pass." + to_text(good);
  EXPECT_TRUE(enters(decide("GET /ws", {shown, "Origin: https://elsewhere.example"})));
  EXPECT_TRUE(enters(decide("GET /ws", {"Sec-WebSocket-Protocol: chat", shown})));
  EXPECT_TRUE(enters(decide("GET /ws", {shown, cookie(pass_of(Audience::holder, 2))})))
      << "before a cookie that is over";
}

TEST(Entry, EverybodyWhereTheRenterSaysSo) {
  const auto open = pass_of(Audience::everybody);
  const auto entry = decide("GET /", {}, open);
  ASSERT_TRUE(enters(entry));
  EXPECT_EQ(std::get<Enter>(entry).pass, open) << "that is what the host is shown";
  EXPECT_TRUE(enters(decide("POST /", {"Origin: https://evil.example"}, open)));
  EXPECT_TRUE(enters(decide("GET /?obelisk-pass=old", {}, open)));
  for (const auto& kept :
       {pass_of(Audience::nobody), pass_of(Audience::holder), pass_of(Audience::everybody, 2),
        pass_of(Audience::everybody, 1, kPort + 1), pass_of(Audience::everybody, 1, kPort, kNow)}) {
    EXPECT_EQ(why(decide("GET /", {}, kept)), Denied::nothing_shown);
  }
}

TEST(Entry, ADoorIsFoundByTheHost) {
  const auto head = head_of("GET /");
  EXPECT_EQ(door_of(head, "gw.example"), (DoorName{lease(), kPort}));
  for (const std::string domain : {"example", "w.example", "gw.example.", "x.gw.example", ""}) {
    EXPECT_FALSE(door_of(head, domain)) << domain;
  }
}

}  // namespace
}  // namespace obelisk::tunnel
