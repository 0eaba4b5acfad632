// What strangers may send to a server: slow, huge, malformed, pipelined, half-closed. Each has an
// answer or an end within its time, costs bounded memory, and nobody else notices.
#include <gtest/gtest.h>

#include <mutex>

#include "adapters/http/detail/quick_scan.hpp"
#include "adapters/http/server.hpp"
#include "adapters/http/testing.hpp"

namespace obelisk::http {
namespace {

using testing::eventually;
using testing::RawSocket;
using testing::Stopwatch;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

int count(const std::string& text, std::string_view part) {
  int n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++n;
  return n;
}

std::string get(const std::string& path, const std::string& more = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
}

class AbuseTest : public ::testing::Test {
 protected:
  void serve(ServerOptions options) {
    options.log = [this](std::string_view line) {
      const std::scoped_lock lock(mutex_);
      log_ += std::string(line) + "\n";
    };
    const Handler echo = [this](const Request& request, Exchange& exchange) {
      if (request.path == "/hold") {
        ++holding_;
        held_.wait(false);
      }
      Response response;
      response.content_type = "text/plain";
      response.body = request.path + " " + request.body + " " + request.remote_address;
      if (request.path == "/large") response.body = std::string(32 << 20, 'x');
      exchange.reply(response);
    };
    const QuickAnswer quick = [this](const QuickRequest& asked) {
      ++quick_asked_;
      quick_from_.set(asked.remote_address);
      return Known{asked.target == "/known?a=1" ? known_ : nullptr, {{"X-Id", "7"}}};
    };
    server_ = std::make_unique<Server>(options, echo, quick);
    const auto port = server_->start();
    ASSERT_TRUE(port.ok()) << port.error().message;
    port_ = *port;
  }
  ~AbuseTest() override {
    let_go();
    server_.reset();
    EXPECT_EQ(log_, "");
  }
  void let_go() {
    held_ = true;
    held_.notify_all();
  }
  RawSocket connect() const { return RawSocket::connect(port_); }
  std::string ask(std::string_view bytes) const {
    const auto socket = connect();
    EXPECT_TRUE(socket.send(bytes));
    socket.shut_down_sending();
    return socket.read_all();
  }
  // Sends byte by byte until the server has enough; what it said.
  std::string drip(const std::string& start, char endless) const {
    const auto socket = connect();
    socket.send(start);
    std::thread dripping([&] {
      const std::string one(1, endless);
      for (int i = 0; i < 300 && socket.send(one); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    });
    const std::string said = socket.read_until("}");
    ::shutdown(socket.fd(), SHUT_RDWR);
    dripping.join();
    return said;
  }

  static std::shared_ptr<const Prepared> prepared() {
    Response response;
    response.headers = {{"ETag", "\"e1\""}};
    response.body = "{\"known\":true}";
    return std::make_shared<const Prepared>(response);
  }

  std::mutex mutex_;
  std::string log_;
  std::atomic<bool> held_ = false;
  std::atomic<int> holding_ = 0;
  std::atomic<int> quick_asked_ = 0;
  testing::Shared quick_from_;
  std::shared_ptr<const Prepared> known_ = prepared();
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

TEST_F(AbuseTest, OneByteAtATimeHasTheWholeTimeOfARequestAndNoMore) {
  ServerOptions options;
  options.request_timeout_ms = 150;
  serve(options);
  const Stopwatch watch;
  EXPECT_TRUE(has(drip("", 'G'), "408 Request Timeout"));
  EXPECT_TRUE(has(drip("GET /", 'a'), "408 Request Timeout"));
  EXPECT_TRUE(has(drip("GET / HTTP/1.1\r\nHost: x\r\nX-A: ", 'a'), "408 Request Timeout"));
  EXPECT_TRUE(has(drip("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", 'a'),
                  "408 Request Timeout"));
  EXPECT_TRUE(
      has(drip("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1", '0'), "40"));
  EXPECT_LT(watch.ms(), 5000);
}

TEST_F(AbuseTest, WhoDoesNotReadTheAnswerIsCutOff) {
  ServerOptions options;
  options.write_timeout_ms = 200;
  serve(options);
  const auto slow = connect();
  slow.send(get("/large"));
  const Stopwatch watch;
  // Nothing is read: the server's buffers fill, and its time for the write ends.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(has(ask(get("/others")), "/others"));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  std::size_t got = 0;
  for (std::string part = slow.read_some(); !part.empty(); part = slow.read_some()) {
    got += part.size();
  }
  EXPECT_LT(got, std::size_t{32} << 20);
  EXPECT_LT(watch.ms(), 5000);
}

TEST_F(AbuseTest, HugeRequestsAreRefusedBeforeTheyAreRead) {
  ServerOptions options;
  options.max_url_bytes = 1000;
  options.max_headers = 20;
  options.max_header_bytes = 8 << 10;
  options.max_body_bytes = 1000;
  serve(options);
  EXPECT_TRUE(has(ask(get("/" + std::string(999, 'a'))), "200 OK"));
  const std::string long_url = ask(get("/" + std::string(1000, 'a')));
  EXPECT_TRUE(has(long_url, "414 URI Too Long"));
  EXPECT_TRUE(has(long_url, "\"status\":414"));
  EXPECT_TRUE(has(long_url, "\"charged_lamports\":\"0\""));
  std::string headers;
  for (int i = 0; i < 19; ++i) headers += "X-" + std::to_string(i) + ": 1\r\n";
  EXPECT_TRUE(has(ask(get("/", headers)), "200 OK"));
  EXPECT_TRUE(has(ask(get("/", headers + "X-Y: 1\r\n")), "431 "));
  EXPECT_TRUE(has(ask(get("/", "X: " + std::string(9000, 'a') + "\r\n")), "431 "));
  for (const char* length : {"1001", "99999999999", "18446744073709551615"}) {
    EXPECT_TRUE(has(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::string(length) +
                        "\r\nExpect: 100-continue\r\n\r\n"),
                    "413 Content Too Large"))
        << length;
  }
  EXPECT_TRUE(has(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"),
                  "400 Bad Request"));
  EXPECT_TRUE(has(ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "ffffffffffffffff\r\n"),
                  "HTTP/1.1 4"));
}

TEST_F(AbuseTest, MalformedRequestsAreRefusedAndEndTheConnection) {
  serve({});
  const std::string zero(1, '\0');
  const std::vector<std::string> wrong = {
      "GET /\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
      "GET / http/1.1\r\nHost: x\r\n\r\n",
      "GET /a" + zero + "b HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\nHost: x\n\n",
      "GET / HTTP/1.1\r\nHost: x\nX-Y: z\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nX: a" + zero + "b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\n\r X: y\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\na",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\nab",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -9223372036854775808\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: "
      "3\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;\x01\r\na\r\n0\r\n\r\n",
  };
  for (const std::string& bytes : wrong) {
    const std::string answer = ask(bytes + get("/smuggled"));
    const bool refused = answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.1 505 ");
    EXPECT_TRUE(refused) << bytes << "\n" << answer;
    EXPECT_EQ(count(answer, "Connection: close\r\n"), 1) << bytes;
    EXPECT_FALSE(has(answer, "/smuggled")) << bytes << "\n" << answer;
  }
}

TEST_F(AbuseTest, ManyRequestsInOneWriteAreAnsweredInOrder) {
  serve({});
  std::string all;
  for (int i = 0; i < 300; ++i) {
    all += i % 3 == 0 ? get("/known?a=1") : get("/" + std::to_string(i) + ".");
  }
  const std::string answers = ask(all);
  EXPECT_EQ(count(answers, "HTTP/1.1 200"), 300);
  std::size_t at = 0;
  for (int i = 0; i < 300 && at != std::string::npos; ++i) {
    at = answers.find(i % 3 == 0 ? "known" : "\r\n\r\n/" + std::to_string(i) + ". ", at);
    EXPECT_NE(at, std::string::npos) << i;
    ++at;
  }
}

TEST_F(AbuseTest, WhoSaidAllItWantedGetsItsAnswer) {
  serve({});
  const auto socket = connect();
  socket.send(get("/hold"));
  socket.shut_down_sending();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  let_go();
  EXPECT_TRUE(has(socket.read_all(), "/hold"));
  EXPECT_TRUE(has(ask(get("/known?a=1")), "{\"known\":true}"));
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nHos"), "");
}

TEST_F(AbuseTest, BodiesOfAllTogetherAreBounded) {
  ServerOptions options;
  options.max_body_bytes = 1000;
  options.max_bodies_bytes = 2500;
  serve(options);
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n";
  const auto first = connect();
  const auto second = connect();
  first.send(post);
  second.send(post);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const std::string third = ask(post);
  EXPECT_TRUE(has(third, "503 Service Unavailable"));
  EXPECT_TRUE(has(third, "Retry-After: 1\r\n"));
  first.send(std::string(1000, 'a'));
  EXPECT_TRUE(has(first.read_until("127.0.0.1"), "200 OK"));
  EXPECT_TRUE(has(ask(post + std::string(1000, 'b')), "200 OK"));
}

TEST_F(AbuseTest, WorkThatNobodyTakesIsBounded) {
  ServerOptions options;
  options.threads = 1;
  options.max_waiting = 2;
  serve(options);
  std::vector<RawSocket> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(connect());
    held.back().send(get("/hold"));
    EXPECT_TRUE(eventually([&] { return holding_ == 1; })) << "the others wait behind the first";
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  const auto late = connect();
  late.send(get("/late"));
  const std::string refused = late.read_until("}");
  EXPECT_TRUE(has(refused, "503 Service Unavailable"));
  EXPECT_TRUE(has(refused, "Retry-After: 1"));
  // What is known already needs no handler.
  EXPECT_TRUE(has(ask(get("/known?a=1")), "{\"known\":true}"));
  let_go();
  for (const RawSocket& socket : held) EXPECT_TRUE(has(socket.read_until("/hold"), "200 OK"));
  late.send(get("/late"));
  EXPECT_TRUE(has(late.read_until("/late"), "200 OK"));
}

TEST_F(AbuseTest, OneAddressCannotTakeAllConnections) {
  ServerOptions options;
  options.max_connections_per_address = 2;
  serve(options);
  auto first = connect();
  const auto second = connect();
  second.send(get("/a"));
  EXPECT_TRUE(has(second.read_until("/a"), "200 OK"));
  EXPECT_TRUE(has(connect().read_all(), "503 Service Unavailable"));
  first.close();
  EXPECT_TRUE(eventually([&] { return has(ask(get("/again")), "/again"); }));
}

TEST_F(AbuseTest, AProxyHasNoLimitAndSaysWhoAsked) {
  ServerOptions options;
  options.max_connections_per_address = 1;
  options.trusted_proxies = *TrustedProxies::parse("127.0.0.1");
  serve(options);
  const auto first = connect();
  first.send(get("/a", "X-Forwarded-For: 198.51.100.7\r\n"));
  EXPECT_TRUE(has(first.read_until("198.51.100.7"), "/a  198.51.100.7"));
  EXPECT_EQ(quick_from_.get(), "198.51.100.7");
  const std::string twice =
      ask(get("/b", "x-forwarded-for: 1.1.1.1\r\nX-Forwarded-For: 198.51.100.8\r\n"));
  EXPECT_TRUE(has(twice, "/b  198.51.100.8"));
}

TEST_F(AbuseTest, AStrangerCannotSayThatItIsSomebodyElse) {
  serve({});
  EXPECT_TRUE(has(ask(get("/a", "X-Forwarded-For: 1.1.1.1\r\n")), "/a  127.0.0.1"));
}

TEST_F(AbuseTest, WhatIsKnownIsAnsweredWithoutAHandler) {
  serve({});
  const auto socket = connect();
  socket.send(get("/known?a=1", "Accept: */*\r\nUser-Agent: a b\r\n"));
  const std::string whole = socket.read_until("}");
  EXPECT_TRUE(
      whole.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                        "Content-Length: 14\r\nETag: \"e1\"\r\nX-Id: 7\r\n\r\n{"));
  socket.send(get("/known?a=1", "If-None-Match: \"e0\", W/\"e1\"\r\n"));
  const std::string unchanged = socket.read_until("\r\n\r\n");
  EXPECT_TRUE(unchanged.starts_with("HTTP/1.1 304 Not Modified\r\nETag: \"e1\"\r\nX-Id: 7\r\n"));
  EXPECT_FALSE(has(unchanged, "Content-Length"));
  socket.send("HEAD /known?a=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(socket.read_until("\r\n\r\n").ends_with("\"e1\"\r\nX-Id: 7\r\n\r\n"));
  EXPECT_EQ(quick_asked_, 3);
  // These have to be looked at by somebody who may say no.
  for (const char* header : {"Authorization: x\r\n", "Cookie: a=b\r\n", "Range: bytes=0-1\r\n",
                             "Connection: close\r\n", "Content-Length: 0\r\n"}) {
    EXPECT_TRUE(has(ask(get("/known?a=1", header)), "\r\n\r\n/known")) << header;
  }
  EXPECT_EQ(quick_asked_, 3);
}

TEST(QuickScan, TakesThePlainestOnly) {
  const QuickBounds bounds{200, 4, 20};
  const auto scan = [&](const std::string& bytes) { return scan_quick(bytes, bounds); };
  const std::string plain = get("/a?b", "if-NONE-match: \"1\"\r\nX-Forwarded-For: 1.2.3.4\r\n");
  const std::string two = plain + "G";
  const auto found = scan(two);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->target, "/a?b");
  EXPECT_EQ(found->if_none_match, "\"1\"");
  EXPECT_EQ(found->forwarded_for, "1.2.3.4");
  EXPECT_FALSE(found->head);
  EXPECT_EQ(found->bytes, plain.size());
  EXPECT_TRUE(scan("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")->head);
  for (const std::string& other : {get("/", "X-Unknown: 1\r\n"),
                                   get("/", "Host: y\r\n"),
                                   get("/", "Accept:  a\r\n"),
                                   get("/", "Accept: a \r\n"),
                                   get("/", "Accept\r\n"),
                                   get("/", ": a\r\n"),
                                   get("/", "Accept: a\nb\r\n"),
                                   get("/", "Connection: upgrade\r\n"),
                                   get("/#a"),
                                   get("/ a"),
                                   get("/" + std::string(20, 'a')),
                                   get("/", "Accept: " + std::string(200, 'a') + "\r\n"),
                                   get("/", "Accept: a\r\nDNT: 1\r\nPragma: a\r\nReferer: a\r\n"),
                                   get("/", "If-None-Match: a\r\nIf-None-Match: b\r\n"),
                                   std::string("GET / HTTP/1.1\r\n\r\n"),
                                   std::string("GET / HTTP/1.1\r\nHost:\r\n\r\n"),
                                   std::string("GET / HTTP/1.0\r\nHost: x\r\n\r\n"),
                                   std::string("GET / HTTP/1.1\r\nHost: x\r\n"),
                                   std::string("GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   std::string("POST / HTTP/1.1\r\n"),
                                   std::string("GET /\r\n\r\n"),
                                   std::string("GET / HTTP/1.1\nHost: x\r\n\r\n"),
                                   std::string()}) {
    EXPECT_FALSE(scan(other)) << other;
  }
}

}  // namespace
}  // namespace obelisk::http
