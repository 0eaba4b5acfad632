#include "adapters/http/client.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "adapters/http/server.hpp"
#include "adapters/http/testing.hpp"

namespace obelisk::http {
namespace {

using base::Code;
using std::chrono::milliseconds;
using testing::eventually;
using testing::RawServer;
using testing::RawSocket;
using testing::Stopwatch;

Client client_for(const std::string& url, ClientOptions options = {}) {
  return Client(Url::parse(url).value(), std::move(options));
}

Request get(std::string path) {
  Request request;
  request.path = std::move(path);
  return request;
}

Request post(std::string path, std::string body) {
  Request request;
  request.method = "POST";
  request.path = std::move(path);
  request.body = std::move(body);
  return request;
}

// A server that answers every request on a connection with the same bytes.
RawServer::Serve always(const std::string& bytes) {
  return [bytes](RawSocket& socket) {
    while (!socket.read_until("\r\n\r\n").empty()) socket.send(bytes);
  };
}

class EchoServer {
 public:
  EchoServer() {
    server_ = std::make_unique<Server>(ServerOptions{}, [](const Request& in, Exchange& out) {
      Response response;
      response.status = in.path == "/absent" ? 404 : 200;
      for (const Header& header : in.headers) {
        if (header.name.starts_with("X-")) response.headers.push_back(header);
      }
      response.body = in.method + " " + in.path + "?" + in.query + " " + in.body;
      out.reply(std::move(response));
    });
    url = "http://127.0.0.1:" + std::to_string(server_->start().value());
  }
  std::string url;

 private:
  std::unique_ptr<Server> server_;
};

TEST(Client, CallsAndReadsTheAnswer) {
  const EchoServer server;
  auto client = client_for(server.url + "/base/?key=1", {.headers = {{"X-A", "1"}, {"X-B", "1"}}});
  Request request = post("/v1/x", "hello");
  request.query = "q=2";
  request.headers = {{"x-b", "2"}};
  const auto response = client.call(request, milliseconds(5000));
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "POST /base/v1/x?key=1&q=2 hello");
  EXPECT_EQ(response->content_type, "application/json");
  EXPECT_EQ(response->header("x-a"), "1");
  EXPECT_EQ(response->header("X-B"), std::nullopt);
  Request head = get("/h");
  head.method = "HEAD";
  EXPECT_EQ(client.call(head, milliseconds(5000))->body, "");
  auto plain = client_for(server.url);
  EXPECT_EQ(plain.call(get("/absent"), milliseconds(5000))->status, 404);
}

TEST(Client, KeepsConnections) {
  const RawServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  auto client = client_for(server.url());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.call(get("/"), milliseconds(5000))->body, "ok");
  EXPECT_EQ(server.accepted(), 1);
}

TEST(Client, ServesManyThreads) {
  const EchoServer server;
  auto client = client_for(server.url);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string body = std::to_string(t) + ":" + std::to_string(i);
        const auto response = client.call(post("/", body), milliseconds(10'000));
        if (response && response->body == "POST /? " + body) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
}

TEST(Client, ReadsEveryFormOfBody) {
  testing::Shared answer;
  RawServer server([&](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send(answer.get());
  });
  auto client = client_for(server.url());
  const auto body_of = [&](std::string bytes) {
    answer.set(std::move(bytes));
    const auto response = client.call(get("/"), milliseconds(5000));
    return response ? response->body : response.error().message;
  };
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde"
                    "\r\n0\r\nTrailer: 1\r\n\r\n"),
            "abcde");
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\n\r\nuntil the end"), "until the end");
  EXPECT_EQ(body_of("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"), "x");
  EXPECT_EQ(body_of("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny"),
            "y");
  EXPECT_EQ(body_of("HTTP/1.1 204 No Content\r\n\r\n"), "");
}

TEST(Client, NamesWhatWentWrong) {
  testing::Shared answer;
  RawServer server([&](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send(answer.get());
  });
  auto client = client_for(server.url(), {.max_response_bytes = 1000});
  const auto code_of = [&](std::string bytes) {
    answer.set(std::move(bytes));
    const auto response = client.call(get("/"), milliseconds(5000));
    return response ? "ok" : std::string(base::code_name(response.error().code));
  };
  EXPECT_EQ(code_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), "unreachable");
  EXPECT_EQ(code_of(""), "unreachable");
  EXPECT_EQ(code_of("SSH-2.0-OpenSSH_9.2\r\n"), "refused");
  EXPECT_EQ(code_of("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x')),
            "refused");
  EXPECT_EQ(code_of("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x')),
            "ok");
  EXPECT_EQ(code_of("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')), "refused");
}

TEST(Client, NamesTheServerThatIsNotThere) {
  std::uint16_t port = 0;
  {
    const RawServer gone([](RawSocket&) {});
    port = gone.port();
  }
  auto client = client_for("http://localhost:" + std::to_string(port) + "/?api-key=secret");
  const auto response = client.call(get("/"), milliseconds(5000));
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, Code::unreachable);
  EXPECT_NE(response.error().message.find("localhost:" + std::to_string(port)), std::string::npos);
  EXPECT_EQ(response.error().message.find("secret"), std::string::npos);
  EXPECT_FALSE(response.error().action.empty());
  auto below = client_for("http://8888-name.localhost:" + std::to_string(port));
  const auto refused = below.call(get("/"), milliseconds(5000));
  EXPECT_NE(refused.error().message.find("No connection"), std::string::npos)
      << "no name server is asked: " << refused.error().message;
  auto nowhere = client_for("unix:///nonexistent.sock");
  EXPECT_EQ(nowhere.call(get("/"), milliseconds(5000)).error().code, Code::unreachable);
}

TEST(Client, KeepsItsDeadline) {
  std::atomic<bool> done = false;
  const RawServer mute([&](RawSocket& socket) {
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (!done && socket.send("x")) std::this_thread::sleep_for(milliseconds(20));
  });
  auto client = client_for(mute.url());
  const Stopwatch watch;
  const auto response = client.call(get("/"), milliseconds(200));
  done = true;
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, Code::timeout);
  EXPECT_NE(response.error().message.find("127.0.0.1:"), std::string::npos);
  EXPECT_GE(watch.ms(), 190);
  EXPECT_LT(watch.ms(), 1500);
}

TEST(Client, RepeatsOnADeadConnectionOnlyWhatMayBeRepeated) {
  // Serves one request and, when asked again on the same connection, hangs up.
  const RawServer server([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    socket.read_until("\r\n\r\n");
  });
  auto client = client_for(server.url());
  EXPECT_TRUE(client.call(get("/"), milliseconds(5000)).ok());
  EXPECT_TRUE(client.call(get("/"), milliseconds(5000)).ok());
  EXPECT_EQ(server.accepted(), 2);
  const auto posted = client.call(post("/", ""), milliseconds(5000));
  ASSERT_FALSE(posted.ok());
  EXPECT_EQ(posted.error().code, Code::unreachable);
  EXPECT_EQ(server.accepted(), 2);
}

TEST(Client, SeesThatAKeptConnectionWasClosed) {
  const RawServer server([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  auto client = client_for(server.url());
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(client.call(post("/", "once"), milliseconds(5000)).ok());
    EXPECT_TRUE(eventually([&] { return server.closed() == i; }));
    EXPECT_EQ(server.accepted(), i);
  }
}

TEST(Client, RefusesRequestsThatSmuggle) {
  const EchoServer server;
  auto client = client_for(server.url);
  const auto code_of = [&](const Request& request) {
    return client.call(request, milliseconds(5000)).error().code;
  };
  EXPECT_EQ(code_of(get("/a b")), Code::invalid_input);
  EXPECT_EQ(code_of(get("/a\r\nX: y")), Code::invalid_input);
  EXPECT_EQ(code_of(get("/" + std::string(9000, 'x'))), Code::invalid_input);
  Request request = get("/");
  request.headers = {{"X", "a\r\nY: b"}};
  EXPECT_EQ(code_of(request), Code::invalid_input);
  request = get("/");
  request.method = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(code_of(request), Code::invalid_input);
}

TEST(Client, SpeaksThroughUnixSockets) {
  std::string folder = (std::filesystem::temp_directory_path() / "obelisk-http-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  {
    testing::Shared seen;
    const RawServer server(folder + "/s", [&](RawSocket& socket) {
      seen.set(socket.read_until("\r\n\r\n"));
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nunix");
    });
    auto client = client_for("unix://" + folder + "/s");
    const auto response = client.call(get("/v4/libpod/info"), milliseconds(5000));
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->body, "unix");
    EXPECT_TRUE(seen.get().starts_with("GET /v4/libpod/info HTTP/1.1\r\nHost: localhost\r\n"));
  }
  std::filesystem::remove_all(folder);
}

TEST(Client, ReadsAnAnswerThatComesBeforeTheBodyWasRead) {
  const RawServer server([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    socket.shut_down_sending();
    socket.read_all();
  });
  auto client = client_for(server.url());
  const auto response = client.call(post("/", std::string(3'000'000, 'x')), milliseconds(5000));
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 413);
}

}  // namespace
}  // namespace obelisk::http
