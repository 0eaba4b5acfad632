#include <gtest/gtest.h>

#include "adapters/http/certificate_testing.hpp"
#include "adapters/http/client.hpp"
#include "adapters/http/server.hpp"
#include "adapters/http/testing.hpp"
#include "adapters/http/websocket_client.hpp"

namespace obelisk::http {
namespace {

using base::Code;
using std::chrono::milliseconds;

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.certificate_file = certificate_.chain();
    options.key_file = certificate_.key();
    options.request_timeout_ms = 300;
    server_ = std::make_unique<Server>(options, [](const Request& in, Exchange& out) {
      if (in.path == "/socket") {
        const auto socket = out.accept_websocket({}, 1000);
        if (socket) socket->send("over TLS");
        return;
      }
      if (in.path == "/events") {
        const auto stream = out.stream_events({});
        stream->send("1", "", "secret");
        stream->close();
        return;
      }
      Response response;
      response.body = in.body;
      out.reply(std::move(response));
    });
    port_ = server_->start().value();
  }

  Client client(const std::string& host, const std::string& authority) const {
    return Client(Url::parse("https://" + host + ":" + std::to_string(port_)).value(),
                  {.authority_file = authority});
  }

  testing::Certificate certificate_{"localhost"};
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

TEST_F(TlsTest, CarriesCallsAndStreams) {
  auto trusting = client("localhost", certificate_.chain());
  Request request;
  request.method = "POST";
  request.body = std::string(500'000, 'x');
  for (int i = 0; i < 3; ++i) {
    const auto response = trusting.call(request, milliseconds(10'000));
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->body, request.body);
  }
  request = {};
  request.path = "/events";
  std::string seen;
  EXPECT_FALSE(trusting
                   .stream(request,
                           [&](const Event& event) {
                             seen += event.data;
                             return true;
                           },
                           milliseconds(5000), {})
                   .ok());
  EXPECT_EQ(seen, "secret");
}

TEST_F(TlsTest, CarriesWebSockets) {
  testing::Shared seen;
  WebSocketHandlers handlers;
  handlers.on_message = [&](std::string_view text) { seen.set(std::string(text)); };
  const auto url = Url::parse("wss://localhost:" + std::to_string(port_) + "/socket").value();
  auto socket = WebSocketClient::connect(url, handlers, {.authority_file = certificate_.chain()},
                                         milliseconds(5000));
  ASSERT_TRUE(socket.ok()) << socket.error().message;
  EXPECT_TRUE(testing::eventually([&] { return seen.get() == "over TLS"; }));
  const auto untrusted = WebSocketClient::connect(url, {}, {}, milliseconds(5000));
  EXPECT_EQ(untrusted.error().code, Code::unreachable);
}

TEST_F(TlsTest, TrustsNobodyElse) {
  const auto stranger = client("localhost", "").call({}, milliseconds(5000));
  ASSERT_FALSE(stranger.ok());
  EXPECT_EQ(stranger.error().code, Code::unreachable);
  EXPECT_NE(stranger.error().message.find("certificate of localhost:"), std::string::npos);
  const auto renamed = client("127.0.0.1", certificate_.chain()).call({}, milliseconds(5000));
  ASSERT_FALSE(renamed.ok());
  EXPECT_NE(renamed.error().message.find("certificate of 127.0.0.1:"), std::string::npos);
  const auto missing = client("localhost", "/nonexistent.pem").call({}, milliseconds(5000));
  EXPECT_EQ(missing.error().code, Code::missing_dependency);
}

TEST_F(TlsTest, OutlivesClientsWithoutTls) {
  const auto plain = testing::RawSocket::connect(port_);
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  plain.read_all();
  const auto silent = testing::RawSocket::connect(port_);
  const testing::Stopwatch watch;
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_LT(watch.ms(), 3000);
  EXPECT_TRUE(client("localhost", certificate_.chain()).call({}, milliseconds(5000)).ok());
}

TEST_F(TlsTest, RefusesAKeyThatOthersMayRead) {
  ASSERT_EQ(::chmod(certificate_.key().c_str(), 0644), 0);
  ServerOptions options;
  options.certificate_file = certificate_.chain();
  options.key_file = certificate_.key();
  const auto failed = Server(options, [](const Request&, Exchange&) {}).start();
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::refused);
  EXPECT_EQ(failed.error().action, "Run: chmod 600 " + certificate_.key());
}

}  // namespace
}  // namespace obelisk::http
