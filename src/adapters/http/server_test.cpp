#include "adapters/http/server.hpp"

#include <gtest/gtest.h>

#include <mutex>

#include "adapters/http/testing.hpp"

namespace obelisk::http {
namespace {

using testing::eventually;
using testing::RawSocket;
using testing::Stopwatch;

// Answers with what it was asked; some paths misbehave on purpose.
void echo(const Request& request, Exchange& exchange) {
  if (request.path == "/throw") throw std::runtime_error("on purpose");
  if (request.path == "/silent") return;
  if (request.path == "/slow") std::this_thread::sleep_for(std::chrono::milliseconds(300));
  Response response;
  response.content_type = "text/plain";
  if (request.path == "/smuggle") response.headers.push_back({"X-A", "b\r\nX-C: d"});
  if (request.path == "/nothing") response.status = 204;
  if (request.path == "/headers") {
    response.headers = {{"X-Yes", "1"}, {"Content-Length", "99"}, {"connection", "upgrade"}};
  }
  response.body = request.method + " " + request.path + " " + request.query + " " + request.body;
  exchange.reply(response);
  if (request.path == "/twice") exchange.reply(response);
}

class ServerTest : public ::testing::Test {
 protected:
  void serve(ServerOptions options = {}, Handler handler = echo) {
    options.log = [this](std::string_view line) {
      const std::scoped_lock lock(mutex_);
      log_ += std::string(line) + "\n";
    };
    server_ = std::make_unique<Server>(options, std::move(handler));
    const auto port = server_->start();
    ASSERT_TRUE(port.ok()) << port.error().message;
    port_ = *port;
  }

  std::string ask(std::string_view bytes) const {
    const auto socket = RawSocket::connect(port_);
    EXPECT_TRUE(socket.send(bytes));
    socket.shut_down_sending();
    return socket.read_all();
  }

  std::string log() {
    const std::scoped_lock lock(mutex_);
    return log_;
  }

  std::mutex mutex_;
  std::string log_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

int count(const std::string& text, std::string_view part) {
  int n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++n;
  return n;
}

TEST_F(ServerTest, AnAnswerMayComeLaterFromAnotherThread) {
  std::mutex mutex;
  std::vector<std::shared_ptr<LaterAnswer>> waiting;
  ServerOptions options;
  options.threads = 1;
  serve(options, [&](const Request& request, Exchange& exchange) {
    if (request.path == "/now") return echo(request, exchange);
    const std::scoped_lock lock(mutex);
    waiting.push_back(exchange.answer_later());
  });
  const auto first = RawSocket::connect(port_);
  const auto second = RawSocket::connect(port_);
  for (const auto* socket : {&first, &second}) {
    ASSERT_TRUE(socket->send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n"));
    socket->shut_down_sending();
  }
  ASSERT_TRUE(eventually([&] {
    const std::scoped_lock lock(mutex);
    return waiting.size() == 2;
  }));
  EXPECT_TRUE(has(ask("GET /now HTTP/1.1\r\nHost: a\r\n\r\n"), "GET /now")) << "no thread waits";
  Response response;
  response.status = 201;
  response.body = "at last";
  std::thread([&] { waiting[0]->reply(response); }).join();
  waiting[0]->reply(response);
  waiting.clear();  // the other is never given
  const std::string answers = first.read_all() + second.read_all();
  EXPECT_EQ(count(answers, "HTTP/1.1 201"), 1) << answers;
  EXPECT_EQ(count(answers, "at last"), 1);
  EXPECT_EQ(count(answers, "HTTP/1.1 500"), 1);
  EXPECT_TRUE(has(log(), "answered later twice"));
}

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  serve();
  const auto socket = RawSocket::connect(port_);
  socket.send("POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  const std::string first = socket.read_until("body");
  EXPECT_TRUE(has(first, "HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(has(first, "Content-Type: text/plain\r\n"));
  EXPECT_TRUE(has(first, "\r\n\r\nPOST /a/b c=d body"));
  EXPECT_FALSE(has(first, "Connection:"));
  socket.send("GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string second = socket.read_all();
  EXPECT_TRUE(has(second, "Connection: close\r\n"));
  EXPECT_TRUE(has(second, "GET /2"));
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  serve();
  const std::string answers = ask(
      "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /second HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
      "GET /third HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(count(answers, "HTTP/1.1 200"), 3);
  EXPECT_LT(answers.find("GET /slow"), answers.find("POST /second  ok"));
  EXPECT_LT(answers.find("POST /second  ok"), answers.find("GET /third"));
}

TEST_F(ServerTest, LeavesTheBodyOutWhereThereIsNone) {
  serve();
  const std::string head = ask("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(has(head, "Content-Length: 8\r\n"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  const std::string nothing = ask("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(has(nothing, "204 No Content"));
  EXPECT_FALSE(has(nothing, "Content-Length"));
  EXPECT_TRUE(nothing.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, SpeaksHttp10) {
  serve();
  const std::string once = ask("GET /old HTTP/1.0\r\n\r\nGET /not HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(has(once, "Connection: close"));
  EXPECT_EQ(count(once, "HTTP/1.1 200"), 1);
  const std::string kept =
      ask("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /too HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(has(kept, "Connection: keep-alive"));
  EXPECT_EQ(count(kept, "HTTP/1.1 200"), 2);
}

TEST_F(ServerTest, UnderstandsEveryFormOfTarget) {
  serve();
  EXPECT_TRUE(has(ask("GET http://x/p?q HTTP/1.1\r\nHost: x\r\n\r\n"), "GET /p q"));
  EXPECT_TRUE(has(ask("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n"), "GET / "));
  EXPECT_TRUE(has(ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"), "OPTIONS *"));
  EXPECT_TRUE(has(ask("GET p HTTP/1.1\r\nHost: x\r\n\r\n"), "400 Bad Request"));
}

TEST_F(ServerTest, RefusesMalformedRequests) {
  serve();
  const std::vector<std::string> wrong = {
      "GET\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
      "\x16\x03\x01\x02garbage\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\n: 1\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nabcd",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  };
  for (const std::string& bytes : wrong) {
    const std::string answer = ask(bytes);
    EXPECT_TRUE(has(answer, "HTTP/1.1 400 Bad Request\r\n")) << bytes << "\n" << answer;
    EXPECT_TRUE(has(answer, "Connection: close\r\n")) << bytes;
    EXPECT_TRUE(has(answer, "\"code\":\"usage\"")) << bytes;
    EXPECT_EQ(count(answer, "HTTP/1.1 "), 1 + count(answer, "valid HTTP/1.1")) << bytes;
  }
  EXPECT_TRUE(has(ask("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), "HTTP/1.1 505 "));
  EXPECT_EQ(log(), "");
}

TEST_F(ServerTest, RefusesMethodsItDoesNotServe) {
  serve();
  for (const char* method : {"TRACE", "CONNECT", "BREW", "get"}) {
    const std::string answer = ask(std::string(method) + " / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(has(answer, "405 Method Not Allowed")) << method;
    EXPECT_TRUE(has(answer, "Allow: GET, HEAD,")) << method;
  }
}

TEST_F(ServerTest, RefusesWhatIsTooLarge) {
  ServerOptions options;
  options.max_body_bytes = 1000;
  options.max_header_bytes = 1000;
  serve(options);
  const std::string body(5'000'000, 'x');
  const auto socket = RawSocket::connect(port_);
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_TRUE(has(socket.read_until("}"), "413 Content Too Large"));
  // What was on its way is read and thrown away: a reset could take the answer with it.
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(socket.send(body.substr(0, 1000)));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(
      has(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + body.substr(0, 1000)),
          "200 OK"));
  const std::string chunked =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
      body.substr(0, 1000) + "\r\n1\r\nx\r\n0\r\n\r\n";
  EXPECT_TRUE(has(ask(chunked), "413 Content Too Large"));
  // The whole body is on its way already, and the answer must still arrive.
  EXPECT_TRUE(has(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" +
                      body.substr(0, 2'000'000)),
                  "413 Content Too Large"));
  EXPECT_TRUE(has(ask("GET / HTTP/1.1\r\nHost: x\r\nX: " + body.substr(0, 2000) + "\r\n\r\n"),
                  "431 Request Header Fields Too Large"));
  EXPECT_TRUE(has(ask("GET /" + body.substr(0, 2000)), "431 "));
}

ServerOptions swallowing() {
  ServerOptions options;
  options.max_body_bytes = 1000;
  options.swallows = [](std::string_view method, std::string_view target) {
    return method == "POST" && target == "/drop" ? std::size_t{1 << 20} : std::size_t{0};
  };
  return options;
}

void tell_swallowed(const Request& request, Exchange& exchange) {
  Response response;
  response.body = "dropped " + std::to_string(request.swallowed) + " kept " +
                  std::to_string(request.body.size()) + ".";
  exchange.reply(response);
}

TEST_F(ServerTest, DropsABodyAsItComesWhereThatIsWanted) {
  serve(swallowing(), tell_swallowed);
  const auto socket = RawSocket::connect(port_);
  const std::string head = "POST /drop HTTP/1.1\r\nHost: x\r\n";
  const std::string much(1 << 20, 'x');
  socket.send(head + "Content-Length: 1048576\r\n\r\n" + much);
  EXPECT_TRUE(has(socket.read_until("kept 0."), "dropped 1048576 "));
  socket.send(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_TRUE(has(socket.read_until("kept 0."), "dropped 3 ")) << "on the same connection";
  socket.send(head + "Content-Length: 0\r\n\r\n");
  EXPECT_TRUE(has(socket.read_until("kept 0."), "dropped 0 "));
  socket.send("POST /else HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_TRUE(has(socket.read_until("kept 4."), "dropped 0 "));
  EXPECT_TRUE(has(ask(head + "Content-Length: 1048577\r\n\r\n"), " 413 "));
  EXPECT_TRUE(has(ask("POST /else HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"), " 413 "));
  EXPECT_TRUE(
      has(ask(head + "Transfer-Encoding: chunked\r\n\r\n100001\r\n" + much + "x"), " 413 "));
}

TEST_F(ServerTest, GivesUpOnABodyThatIsDroppedSlowly) {
  ServerOptions options = swallowing();
  options.request_timeout_ms = 200;
  serve(options, tell_swallowed);
  const auto socket = RawSocket::connect(port_);
  socket.send("POST /drop HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
  EXPECT_TRUE(has(socket.read_all(), " 408 "));
}

TEST_F(ServerTest, SendsABodySeveralTimesAndKeepsItOnce) {
  serve({}, [](const Request&, Exchange& exchange) {
    Response response;
    response.body = "ab";
    response.times = 3;
    exchange.reply(response);
  });
  const std::string text = ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(has(text, "Content-Length: 6\r\n")) << text;
  EXPECT_TRUE(text.ends_with("\r\n\r\nababab")) << text;
  EXPECT_TRUE(ask("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, GivesUpOnSlowRequests) {
  ServerOptions options;
  options.request_timeout_ms = 100;
  options.idle_timeout_ms = 200;
  serve(options);
  const Stopwatch watch;
  const auto slow = RawSocket::connect(port_);
  slow.send("GET / HTTP/1.1\r\nHost: ");
  const auto dripping = RawSocket::connect(port_);
  dripping.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
  std::thread drip([&] {
    while (dripping.send("x") && watch.ms() < 1500) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  EXPECT_TRUE(has(slow.read_all(), "408 Request Timeout"));
  EXPECT_TRUE(has(dripping.read_until("}"), "408 Request Timeout"));
  EXPECT_LT(watch.ms(), 1400);
  const auto idle = RawSocket::connect(port_);
  EXPECT_EQ(idle.read_all(), "");
  dripping.shut_down_sending();
  drip.join();
}

TEST_F(ServerTest, ContinuesWhenAsked) {
  serve();
  const auto socket = RawSocket::connect(port_);
  socket.send("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("hi");
  EXPECT_TRUE(has(socket.read_until("hi"), "POST /c  hi"));
}

TEST_F(ServerTest, SurvivesItsHandlers) {
  serve();
  for (const char* path : {"/throw", "/silent", "/smuggle"}) {
    const std::string answer = ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(has(answer, "500 Internal Server Error")) << path;
    EXPECT_TRUE(has(answer, "application/problem+json")) << path;
    EXPECT_FALSE(has(answer, "X-C")) << path;
  }
  EXPECT_EQ(count(ask("GET /twice HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200"), 1);
  EXPECT_TRUE(eventually([&] { return has(log(), "twice"); }));
  EXPECT_TRUE(has(log(), "a handler threw (GET /throw): on purpose"));
  EXPECT_TRUE(has(log(), "a handler gave no answer: GET /silent"));
  const std::string headers = ask("GET /headers HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(has(headers, "X-Yes: 1"));
  EXPECT_FALSE(has(headers, "Content-Length: 99"));
  EXPECT_FALSE(has(headers, "upgrade"));
}

TEST_F(ServerTest, HandlersBlockOnlyThemselves) {
  ServerOptions options;
  options.threads = 4;
  std::atomic<bool> may_go = false;
  serve(options, [&](const Request& request, Exchange& exchange) {
    if (request.path == "/held") may_go.wait(false);
    echo(request, exchange);
  });
  const auto held = RawSocket::connect(port_);
  held.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(has(ask("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n"), "GET /quick"));
  may_go = true;
  may_go.notify_all();
  EXPECT_TRUE(has(held.read_until("/held"), "200 OK"));
}

TEST_F(ServerTest, ShutsTheDoorWhenFull) {
  ServerOptions options;
  options.max_connections = 1;
  serve(options);
  const auto first = RawSocket::connect(port_);
  first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(has(first.read_some(), "200 OK"));
  const auto second = RawSocket::connect(port_);
  const std::string answer = second.read_all();
  EXPECT_TRUE(has(answer, "503 Service Unavailable"));
  EXPECT_TRUE(has(answer, "Retry-After: 5"));
}

TEST_F(ServerTest, TellsThePeersAddress) {
  testing::Shared seen;
  serve({}, [&](const Request& request, Exchange& exchange) {
    seen.set(request.remote_address + " " + std::string(request.header("x-a").value_or("none")));
    exchange.reply({});
  });
  ask("GET / HTTP/1.1\r\nHost: x\r\nX-A:  spaced \r\n\r\n");
  EXPECT_EQ(seen.get(), "127.0.0.1 spaced");
}

TEST_F(ServerTest, SaysThatAPortIsTaken) {
  serve();
  ServerOptions options;
  options.port = port_;
  Server second(options, echo);
  const auto failed = second.start();
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, base::Code::missing_dependency);
  EXPECT_TRUE(has(failed.error().message, "Port " + std::to_string(port_)));
  EXPECT_FALSE(failed.error().action.empty());
  options.port = 0;
  options.address = "nowhere";
  EXPECT_EQ(Server(options, echo).start().error().code, base::Code::invalid_input);
  options.address = "203.0.113.1";
  EXPECT_EQ(Server(options, echo).start().error().code, base::Code::missing_dependency);
  options.address = "127.0.0.1";
  options.certificate_file = "/nonexistent/chain.pem";
  EXPECT_TRUE(has(Server(options, echo).start().error().message, "/nonexistent/chain.pem"));
}

TEST_F(ServerTest, StopsWithConnectionsOpen) {
  std::atomic<bool> slow_begun = false;
  serve({}, [&](const Request& request, Exchange& exchange) {
    if (request.path == "/slow") slow_begun = true;
    echo(request, exchange);
  });
  std::vector<RawSocket> open;
  for (const char* bytes : {"", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                            "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"}) {
    open.push_back(RawSocket::connect(port_));
    open.back().send(bytes);
  }
  EXPECT_TRUE(has(open[2].read_some(), "200 OK"));
  ASSERT_TRUE(eventually([&] { return slow_begun.load(); }));
  const Stopwatch watch;
  server_->stop();
  EXPECT_LT(watch.ms(), 2000);
  const std::string last = open[3].read_all();
  EXPECT_TRUE(has(last, "GET /slow"));
  EXPECT_TRUE(has(last, "Connection: close"));
  for (const auto& socket : open) EXPECT_EQ(socket.read_all(), "");
  EXPECT_FALSE(RawSocket::connect(port_).good());
  server_->stop();
  Server never_started({}, echo);
}

TEST_F(ServerTest, SurvivesClientsThatVanish) {
  serve();
  for (int i = 0; i < 50; ++i) {
    auto socket = RawSocket::connect(port_);
    socket.send(i % 2 == 0 ? "GET / HTTP/1.1\r\nHost: x\r\n\r\n" : "POST / HTTP/1.1\r\nHo");
    socket.reset();
  }
  EXPECT_TRUE(has(ask("GET /on HTTP/1.1\r\nHost: x\r\n\r\n"), "GET /on"));
  EXPECT_EQ(log(), "");
}

}  // namespace
}  // namespace obelisk::http
