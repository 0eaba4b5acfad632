#include "core/tunnel/request_head.hpp"

#include <gtest/gtest.h>

namespace obelisk::tunnel {
namespace {

const std::string good = "GET /a?b=1 HTTP/1.1\r\nHost: 8888-x.gw.example:8443\r\nA: b \r\n\r\n";

bool is_malformed(const std::string& bytes) {
  const auto read = read_head(bytes);
  const auto* trouble = std::get_if<HeadTrouble>(&read);
  return trouble != nullptr && *trouble == HeadTrouble::malformed;
}

TEST(RequestHead, IsReadAndEndsWhereItEnds) {
  const auto read = read_head(good + "GET / HTTP/1.1\r\n\r\n");
  const auto* head = std::get_if<RequestHead>(&read);
  ASSERT_NE(head, nullptr);
  EXPECT_EQ(head->method, "GET");
  EXPECT_EQ(head->target, "/a?b=1");
  EXPECT_EQ(head->host, "8888-x.gw.example:8443");
  EXPECT_EQ(head->host_name(), "8888-x.gw.example");
  EXPECT_EQ(head->field("a"), "b");
  EXPECT_FALSE(head->field("c"));
  EXPECT_EQ(head->size, good.size());
}

TEST(RequestHead, EveryBeginningOfOneIsUnfinished) {
  for (std::size_t i = 0; i < good.size(); ++i) {
    EXPECT_TRUE(std::holds_alternative<HeadUnfinished>(read_head(good.substr(0, i)))) << i;
  }
}

TEST(RequestHead, NamesOfHostsAreTakenInAnyCase) {
  const auto read = read_head("GET / HTTP/1.1\r\nHOST: 8888-X.Gw.Example\r\n\r\n");
  const auto* head = std::get_if<RequestHead>(&read);
  ASSERT_NE(head, nullptr);
  EXPECT_EQ(head->host, "8888-x.gw.example");
}

TEST(RequestHead, WhatTwoReadersCouldReadDifferentlyIsNone) {
  const auto with = [](const std::string& line) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + line + "\r\n\r\n";
  };
  EXPECT_FALSE(is_malformed(with("X: y")));
  for (const std::string line : {"Host: a", "Host: b", "host: a", "X : y", " folded: y", "X", ": y",
                                 "X\x01: y", "X: a\rb", "X: a\nb", "X: \x7f"}) {
    EXPECT_TRUE(is_malformed(with(line))) << line;
  }
  EXPECT_TRUE(is_malformed(with(std::string("X: a\0b", 6)))) << "a zero";
  for (const std::string first :
       {"GET / HTTP/2.0", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "get / HTTP/1.1", "GET /",
        "GET http://a/ HTTP/1.1", "GET * HTTP/1.1", "CONNECT a:1 HTTP/1.1", "GET /\x80 HTTP/1.1",
        "GET /a b HTTP/1.1", "GET /#a HTTP/1.1", " GET / HTTP/1.1", ""}) {
    EXPECT_TRUE(is_malformed(first + "\r\nHost: a\r\n\r\n")) << first;
  }
  EXPECT_TRUE(is_malformed("GET / HTTP/1.1\r\n\r\n")) << "no Host";
  for (const std::string host :
       {"", "a:", "a:123456", "a:b", "a b", "[::1]", "a/b", "a@b", "a,b"}) {
    EXPECT_TRUE(is_malformed("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")) << host;
  }
}

TEST(RequestHead, WhatCanBecomeNoneIsNotWaitedFor) {
  EXPECT_TRUE(is_malformed("GET / HTTP/1.1\n"));
  EXPECT_TRUE(is_malformed("\x16\x03\x01")) << "TLS where there is none";
  EXPECT_TRUE(is_malformed("\r\n"));
}

TEST(RequestHead, HasABound) {
  const auto of_size = [](std::size_t size) {
    std::string out = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    out += std::string(size - out.size() - 4, 'x');
    return out + "\r\n\r\n";
  };
  EXPECT_TRUE(std::holds_alternative<RequestHead>(read_head(of_size(kMaxHeadBytes))));
  const auto over = read_head(of_size(kMaxHeadBytes + 1));
  ASSERT_TRUE(std::holds_alternative<HeadTrouble>(over));
  EXPECT_EQ(std::get<HeadTrouble>(over), HeadTrouble::too_large);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 0; i < kMaxHeadFields; ++i) many += "a: b\r\n";
  EXPECT_TRUE(is_malformed(many + "\r\n"));
}

std::optional<OneRequest> one(const std::string& bytes) {
  const auto read = read_head(bytes);
  const auto* head = std::get_if<RequestHead>(&read);
  return head == nullptr ? std::nullopt : one_request(bytes, *head);
}

TEST(RequestHead, CanBeMadeTheOnlyOneOfItsConnection) {
  const auto get = one("GET /a HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\nX: 1\r\n\r\n");
  ASSERT_TRUE(get);
  EXPECT_EQ(get->head, "GET /a HTTP/1.1\r\nHost: h\r\nX: 1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(get->body, 0u);
  const auto post = one("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n\r\nabc");
  ASSERT_TRUE(post);
  EXPECT_EQ(post->body, 12u);
  EXPECT_TRUE(post->head.ends_with("\r\n\r\n")) << "nothing of the body";
  for (const std::string field :
       {"Transfer-Encoding: chunked", "Content-Length: 1\r\nContent-Length: 1",
        "Content-Length: -1", "Content-Length: 1x",
        "Content-Length:", "Content-Length: 99999999999999999999", "Upgrade: h2c"}) {
    EXPECT_FALSE(one("POST / HTTP/1.1\r\nHost: h\r\n" + field + "\r\n\r\n")) << field;
  }
}

}  // namespace
}  // namespace obelisk::tunnel
