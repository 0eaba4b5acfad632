#include <gtest/gtest.h>

#include <mutex>

#include "adapters/http/client.hpp"
#include "adapters/http/problem.hpp"
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

// Serves numbers from the one after Last-Event-ID on; keeps each stream it opened.
class EventStreamTest : public ::testing::Test {
 protected:
  void serve(const ServerOptions& options = {}) {
    server_ = std::make_unique<Server>(options, [this](const Request& in, Exchange& out) {
      if (in.path == "/absent") {
        return out.reply(problem({Code::not_found, "No such lease.", "Check its address."}));
      }
      auto stream = out.stream_events({{"X-Lease", "1"}});
      const std::string last(in.header("Last-Event-ID").value_or("0"));
      if (in.path == "/numbers") {
        for (int i = std::stoi(last) + 1; i <= 6; ++i) {
          stream->send(std::to_string(i), "number", "line\n" + std::to_string(i));
        }
      }
      const std::scoped_lock lock(mutex_);
      streams_.push_back(std::move(stream));
    });
    port_ = server_->start().value();
    client_ =
        std::make_unique<Client>(Url::parse("http://127.0.0.1:" + std::to_string(port_)).value());
  }

  std::shared_ptr<EventStream> stream(std::size_t index) {
    EXPECT_TRUE(eventually([&] {
      const std::scoped_lock lock(mutex_);
      return streams_.size() > index;
    }));
    const std::scoped_lock lock(mutex_);
    return streams_.at(index);
  }

  base::Result<void> read(const std::string& path, const std::string& last,
                          const std::function<bool(const Event&)>& on_event, int idle_ms = 5000,
                          const std::stop_token& stop = {}) {
    Request request;
    request.path = path;
    if (!last.empty()) request.headers.push_back({"Last-Event-ID", last});
    return client_->stream(request, on_event, milliseconds(idle_ms), stop);
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<EventStream>> streams_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
  std::uint16_t port_ = 0;
};

TEST_F(EventStreamTest, ArrivesAndGoesOnAfterReconnecting) {
  serve();
  std::vector<std::string> seen;
  std::string last;
  const auto three = [&](const Event& event) {
    EXPECT_EQ(event.event, "number");
    EXPECT_EQ(event.data, "line\n" + event.id);
    seen.push_back(last = event.id);
    return seen.size() % 3 != 0;
  };
  EXPECT_TRUE(read("/numbers", last, three).ok());
  EXPECT_EQ(last, "3");
  EXPECT_TRUE(read("/numbers", last, three).ok());
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "2", "3", "4", "5", "6"}));
  EXPECT_TRUE(eventually([&] { return stream(0)->closed() && stream(1)->closed(); }));
  EXPECT_FALSE(stream(0)->send("", "", "late"));
}

TEST_F(EventStreamTest, EndsWhenTheServerEndsIt) {
  serve();
  std::thread closer([&] { stream(0)->close(); });
  int seen = 0;
  const auto ended = read("/numbers", "", [&](const Event&) { return ++seen > 0; });
  closer.join();
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code, Code::unreachable);
  EXPECT_EQ(seen, 6);
}

TEST_F(EventStreamTest, StopsWhenTold) {
  serve();
  std::stop_source source;
  std::thread stopper([&] {
    stream(0);
    source.request_stop();
  });
  const Stopwatch watch;
  const auto all = [](const Event&) { return true; };
  EXPECT_TRUE(read("/quiet", "", all, 60'000, source.get_token()).ok());
  EXPECT_LT(watch.ms(), 4000);
  stopper.join();
  EXPECT_TRUE(read("/quiet", "", all, 60'000, source.get_token()).ok());
  EXPECT_TRUE(eventually([&] { return stream(0)->closed(); }));
}

TEST_F(EventStreamTest, NoticesSilenceAndHearsHeartbeats) {
  ServerOptions options;
  options.heartbeat_ms = 50;
  serve(options);
  std::thread closer([&] {
    const auto open = stream(0);
    std::this_thread::sleep_for(milliseconds(1500));
    open->close();
  });
  const auto all = [](const Event&) { return true; };
  EXPECT_EQ(read("/quiet", "", all, 1000).error().code, Code::unreachable);
  closer.join();
  const RawServer mute([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    socket.read_all();
  });
  Client other(Url::parse(mute.url()).value());
  const auto silent = other.stream({}, all, milliseconds(100), {});
  EXPECT_EQ(silent.error().code, Code::timeout);
}

TEST_F(EventStreamTest, PassesTheServersWordsOn) {
  serve();
  const auto failed = read("/absent", "", [](const Event&) { return true; });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::not_found);
  EXPECT_EQ(failed.error().message, "No such lease.");
}

TEST_F(EventStreamTest, DropsAReaderThatIsTooSlow) {
  ServerOptions options;
  options.max_queued_events = 20;
  serve(options);
  const auto slow = RawSocket::connect(port_);
  slow.send("GET /quiet HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto open = stream(0);
  const std::string large(200'000, 'x');
  bool going = true;
  for (int i = 0; going && i < 1000; ++i) {
    going = open->send("", "", large);
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_FALSE(going);
  EXPECT_TRUE(open->closed());
  // The connection is cut at once, not when the write under way gives up.
  EXPECT_TRUE(slow.breaks_off(3000));
}

TEST_F(EventStreamTest, NoticesThatTheReaderLeft) {
  serve();
  auto reader = RawSocket::connect(port_);
  reader.send("GET /quiet HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(reader.read_until("\r\n\r\n").find("X-Lease: 1"), std::string::npos);
  reader.reset();
  EXPECT_TRUE(eventually([&] { return stream(0)->closed(); }));
  const auto head = RawSocket::connect(port_);
  head.send("HEAD /quiet HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(head.read_all().find("text/event-stream"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return stream(1)->closed(); }));
}

TEST_F(EventStreamTest, SendsFromManyThreadsWhole) {
  serve();
  std::vector<std::thread> senders;
  for (int t = 0; t < 4; ++t) {
    senders.emplace_back([&] {
      const auto open = stream(0);
      for (int i = 0; i < 100; ++i) EXPECT_TRUE(open->send("", "", std::string(500, 'y')));
    });
  }
  int seen = 0;
  EXPECT_TRUE(read("/quiet", "", [&](const Event& event) {
                EXPECT_EQ(event.data, std::string(500, 'y'));
                return ++seen < 400;
              }).ok());
  for (auto& sender : senders) sender.join();
}

TEST_F(EventStreamTest, EndsWithTheServer) {
  serve();
  const auto reader = RawSocket::connect(port_);
  reader.send("GET /numbers HTTP/1.1\r\nHost: x\r\n\r\n");
  reader.read_until("id: 6");
  const Stopwatch watch;
  server_->stop();
  EXPECT_LT(watch.ms(), 2000);
  EXPECT_TRUE(stream(0)->closed());
  const auto kept = stream(0);
  server_.reset();
  EXPECT_FALSE(kept->send("", "", "into the void"));
  kept->close();
}

}  // namespace
}  // namespace obelisk::http
