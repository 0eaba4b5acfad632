#include "apps/market/host_hub.hpp"

#include <gtest/gtest.h>

#include "adapters/fake/memory_refusal_store.hpp"
#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

class Hub : public ::testing::Test {
 protected:
  Hub() { hub.serve(leases); }

  // A connection up to its challenge.
  std::shared_ptr<testing::TestExchange> connect(const std::string& address = "127.0.0.1") {
    auto exchange = std::make_shared<testing::TestExchange>();
    http::Request request;
    request.remote_address = address;
    hub.accept(request, *exchange);
    return exchange;
  }
  std::string hello(const testing::TestExchange& exchange, const base::Keypair& who,
                    const base::PublicKey& named) {
    const auto challenge = *api::market_challenge_from_json(exchange.socket->sent.front());
    base::Writer message;
    message.put(std::string_view("OBELISKH"));
    message.put(*base::from_hex(challenge.challenge));
    message.put(named.view());
    return api::to_json(api::HostHello{"hello", who.public_key(), who.sign(message.bytes()), "1"});
  }
  std::shared_ptr<testing::TestExchange> connect_as(const base::Keypair& who) {
    auto exchange = connect();
    exchange->handlers.on_message(hello(*exchange, who, market_id));
    return exchange;
  }
  std::size_t offered() { return offers.shelf()->size(); }

  const base::PublicKey program_id = key(1);
  const base::PublicKey market_id = key(2);
  testing::TestClock clock;
  testing::TestStore store;
  testing::TestLeases leases{store};
  testing::QuietLog log;
  OfferDesk offers{store, clock, false};
  HostHub hub{offers, clock, log, program_id, market_id};
  base::Keypair host = base::Keypair::random();
};

TEST_F(Hub, AHostProvesItsKeyAndIsWelcomed) {
  const auto exchange = connect();
  ASSERT_EQ(exchange->socket->sent.size(), 1u);
  const auto challenge = api::market_challenge_from_json(exchange->socket->sent[0]);
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->type, "challenge");
  EXPECT_EQ(challenge->market, market_id);
  EXPECT_EQ(challenge->challenge.size(), 64u);
  EXPECT_FALSE(hub.send_lease(host.public_key(), {}));

  exchange->handlers.on_message(hello(*exchange, host, market_id));
  ASSERT_EQ(exchange->socket->sent.size(), 2u);
  const auto welcome = api::market_welcome_from_json(exchange->socket->sent[1]);
  ASSERT_TRUE(welcome);
  EXPECT_EQ(welcome->program, program_id);
  EXPECT_EQ(welcome->watch_key, leases.watch_key());
  ASSERT_EQ(leases.connected.size(), 1u);
  EXPECT_EQ(leases.connected[0], host.public_key());
  EXPECT_TRUE(hub.send_lease(host.public_key(), {"lease", key(5), api::Wanted::gone, {}, {}, {}}));
  EXPECT_TRUE(hub.send_attestation(host.public_key(), {"attestation", key(5), {}}));
  EXPECT_EQ(exchange->socket->sent.size(), 4u);
}

TEST_F(Hub, AnswersAndTroublesGoWhereTheyBelong) {
  AskDesk asks(clock, [this](const base::PublicKey& to, const std::string& message) {
    return hub.send(to, message);
  });
  hub.ask_by(asks);
  const auto exchange = connect_as(host);
  std::vector<base::Result<api::HostAnswer>> said;
  const auto done = [&](const base::Result<api::HostAnswer>& answer) { said.push_back(answer); };
  asks.ask(host.public_key(), {"", "", key(5), "readings", {}, {}}, 1000, done);
  const auto question = api::market_ask_from_json(exchange->socket->sent.back());
  ASSERT_TRUE(question);
  exchange->handlers.on_message(
      api::to_json(api::HostAnswer{"answer", question->id, {}, {}, {}, {}}));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said[0]);
  exchange->handlers.on_message(api::to_json(
      api::HostTrouble{"trouble", key(5), "disk_full", {}, "Its disk is 96 % full.", false, 1}));
  ASSERT_EQ(leases.troubles.size(), 1u);
  EXPECT_EQ(leases.troubles[0].first, host.public_key());
  asks.ask(host.public_key(), {"", "", key(5), "readings", {}, {}}, 1000, done);
  exchange->handlers.on_close("gone");
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[1].error().code, base::Code::unreachable);
}

TEST_F(Hub, ARefusedHostIsToldAndServedOn) {
  fake::MemoryRefusalStore list;
  Refusals refusals(list);
  OfferDesk strict(store, clock, false, 10'000, &refusals);
  HostHub watchful(strict, clock, log, program_id, market_id);
  watchful.serve(leases);
  testing::TestExchange exchange;
  http::Request request;
  request.remote_address = "10.0.0.1";
  watchful.accept(request, exchange);
  exchange.handlers.on_message(hello(exchange, host, market_id));
  ASSERT_TRUE(list.put({host.public_key(), 1, ""}).ok());
  watchful.tell_refused(refusals.refresh()->refused);
  auto notice = api::market_notice_from_json(exchange.socket->sent.back());
  ASSERT_TRUE(notice.ok());
  EXPECT_EQ(notice->code, "forbidden");
  const auto listing = testing::listing_of(host.public_key(), 2);
  exchange.handlers.on_message(api::to_json(testing::sign_listing(listing, host)));
  notice = api::market_notice_from_json(exchange.socket->sent.back());
  ASSERT_TRUE(notice.ok());
  EXPECT_EQ(notice->code, "forbidden");
  EXPECT_EQ(strict.shelf()->size(), 0u);
  EXPECT_FALSE(exchange.socket->is_closed);
  EXPECT_TRUE(watchful.send_attestation(host.public_key(), {"attestation", key(5), {}}));
}

TEST_F(Hub, AnOlderConnectionIsNotHeardAfterANewerOne) {
  const auto older = connect();
  older->handlers.on_message(hello(*older, host, market_id));
  const auto newer = connect();
  newer->handlers.on_message(hello(*newer, host, market_id));
  const auto listing =
      api::to_json(testing::sign_listing(testing::listing_of(host.public_key(), 2), host));
  older->handlers.on_message(listing);
  EXPECT_EQ(offers.shelf()->size(), 0u);
  newer->handlers.on_message(listing);
  EXPECT_EQ(offers.shelf()->size(), 1u);
}

TEST_F(Hub, AWrongHelloEndsTheConnection) {
  const auto other_market = connect();
  other_market->handlers.on_message(hello(*other_market, host, key(3)));
  EXPECT_TRUE(other_market->socket->is_closed);

  // The hello of one connection is worth nothing on the next.
  const auto first = connect();
  const std::string replayed = hello(*first, host, market_id);
  const auto second = connect();
  second->handlers.on_message(replayed);
  EXPECT_TRUE(second->socket->is_closed);

  const auto stolen = connect();
  auto forged = *api::host_hello_from_json(hello(*stolen, base::Keypair::random(), market_id));
  forged.host = host.public_key();
  stolen->handlers.on_message(api::to_json(forged));
  EXPECT_TRUE(stolen->socket->is_closed);
  EXPECT_TRUE(leases.connected.empty());
  EXPECT_EQ(offers.hosts_connected(), 0u);
}

TEST_F(Hub, HostileTextClosesOrIsAnsweredAndNothingElse) {
  const auto listing =
      api::to_json(testing::sign_listing(testing::listing_of(host.public_key(), 1), host));
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[]"), std::string("{"),
        std::string("{\"type\":1}"), std::string("{\"type\":\"hello\"}"),
        std::string("{\"type\":\"") + std::string(1000, 'x') + "\"}", std::string(70'000, '['),
        std::string("\xff\xfe"), listing, std::string(R"({"type":"lease"})")}) {
    const auto exchange = connect();
    exchange->handlers.on_message(text);
    EXPECT_TRUE(exchange->socket->is_closed) << text.substr(0, 60);
    exchange->handlers.on_close("");
  }
  const auto proven = connect_as(host);
  for (const char* text : {R"({"type":"listing"})", R"({"type":"listing","listing":"{}"})",
                           R"({"type":"lease","lease":"x","state":"open"})",
                           R"({"type":"lease","state":"nothing"})", R"({"type":"?"})"}) {
    const auto before = proven->socket->sent.size();
    proven->handlers.on_message(text);
    ASSERT_EQ(proven->socket->sent.size(), before + 1) << text;
    EXPECT_TRUE(api::market_notice_from_json(proven->socket->sent.back())) << text;
  }
  EXPECT_FALSE(proven->socket->is_closed);
  proven->handlers.on_message("}{");
  EXPECT_TRUE(proven->socket->is_closed);
  EXPECT_TRUE(leases.said.empty());
  EXPECT_TRUE(store.rows.empty());
}

TEST_F(Hub, AListingCountsOnlyWithTheHostsOwnSignature) {
  const auto exchange = connect_as(host);
  const auto say = [&](const api::HostListing& message) {
    exchange->handlers.on_message(api::to_json(message));
  };
  say(testing::sign_listing(testing::listing_of(host.public_key(), 1), base::Keypair::random()));
  EXPECT_EQ(offered(), 0u);
  const auto other = base::Keypair::random();
  say(testing::sign_listing(testing::listing_of(other.public_key(), 1), other));
  EXPECT_EQ(offered(), 0u);
  say(testing::sign_listing(testing::listing_of(other.public_key(), 1), host));
  EXPECT_EQ(offered(), 0u);
  auto simulated = testing::listing_of(host.public_key(), 1);
  simulated.simulated = true;
  say(testing::sign_listing(simulated, host));
  EXPECT_EQ(offered(), 0u);
  const auto good = testing::sign_listing(testing::listing_of(host.public_key(), 2), host);
  auto changed = good;
  changed.listing.replace(changed.listing.find("1380000"), 7, "0380000");
  say(changed);
  EXPECT_EQ(offered(), 0u);
  say(good);
  ASSERT_EQ(offered(), 1u);
  std::size_t free = 0;
  offers.shelf()->each([&](const auto& entry) { free += entry.offer.free.size(); });
  EXPECT_EQ(free, 2u);
  EXPECT_FALSE(exchange->socket->is_closed);
}

TEST_F(Hub, LeasesOfAHostReachTheEngine) {
  const auto exchange = connect_as(host);
  exchange->handlers.on_message(api::to_json(
      api::HostLease{"lease", key(7), api::HostLeaseState::failed, "no space", {}, {}}));
  ASSERT_EQ(leases.said.size(), 1u);
  EXPECT_EQ(leases.said[0].first, host.public_key());
  EXPECT_EQ(leases.said[0].second.lease, key(7));
}

TEST_F(Hub, TheNewestConnectionOfAHostWins) {
  const auto old = connect_as(host);
  const auto young = connect_as(host);
  EXPECT_TRUE(old->socket->is_closed);
  old->handlers.on_close("");
  EXPECT_TRUE(leases.gone.empty());
  EXPECT_EQ(offers.hosts_connected(), 1u);
  EXPECT_TRUE(hub.send_lease(host.public_key(), {"lease", key(5), api::Wanted::gone, {}, {}, {}}));
  EXPECT_EQ(young->socket->sent.size(), 3u);
  young->handlers.on_close("");
  EXPECT_EQ(leases.gone.size(), 1u);
  EXPECT_FALSE(hub.send_lease(host.public_key(), {}));
}

TEST_F(Hub, OffersOutliveAShortBreakAndNoLonger) {
  const auto exchange = connect_as(host);
  exchange->handlers.on_message(
      api::to_json(testing::sign_listing(testing::listing_of(host.public_key(), 1), host)));
  exchange->handlers.on_close("");
  clock.steady += kHostGraceMs - 1;
  EXPECT_EQ(offered(), 1u);
  clock.steady += 1;
  EXPECT_EQ(offered(), 0u);
  connect_as(host);
  EXPECT_EQ(offered(), 1u);
}

TEST_F(Hub, AfterARestartListingsCountOnceTheirHostIsBack) {
  store.rows.push_back({host.public_key(), {}, {}, 1});
  const auto good = testing::sign_listing(testing::listing_of(host.public_key(), 1), host);
  store.rows.push_back({host.public_key(), good.listing, good.signature, 2});
  OfferDesk fresh(store, clock, false);
  ASSERT_TRUE(fresh.load());
  EXPECT_EQ(fresh.shelf()->size(), 0u);
  fresh.host_connected(host.public_key());
  EXPECT_EQ(fresh.shelf()->size(), 1u);
}

TEST_F(Hub, ASilentConnectionIsClosed) {
  const auto silent = connect();
  const auto proven = connect_as(host);
  clock.steady += kHelloTimeoutMs;
  hub.sweep();
  EXPECT_FALSE(silent->socket->is_closed);
  clock.steady += 1;
  hub.sweep();
  EXPECT_TRUE(silent->socket->is_closed);
  EXPECT_FALSE(proven->socket->is_closed);
}

TEST_F(Hub, ConnectionsWithoutAHelloAreBounded) {
  std::vector<std::shared_ptr<testing::TestExchange>> open;
  for (std::size_t i = 0; i < Limits{}.hellos_per_address; ++i) open.push_back(connect("10.0.0.1"));
  EXPECT_EQ(connect("10.0.0.1")->response->status, 429);
  EXPECT_NE(connect("10.0.0.2")->socket, nullptr);
  open.front()->handlers.on_close("");
  EXPECT_NE(connect("10.0.0.1")->socket, nullptr);
}

TEST_F(Hub, HostsAreBoundedAndOneAddressHasAShare) {
  Limits limits;
  limits.hosts = 3;
  limits.hosts_per_address = 2;
  HostHub small(offers, clock, log, program_id, market_id, limits);
  small.serve(leases);
  const auto connect_to = [&](const base::Keypair& who, const std::string& address) {
    http::Request request;
    request.remote_address = address;
    auto exchange = std::make_shared<testing::TestExchange>();
    small.accept(request, *exchange);
    exchange->handlers.on_message(hello(*exchange, who, market_id));
    return exchange;
  };
  std::vector<base::Keypair> keys;
  for (int i = 0; i < 5; ++i) keys.push_back(base::Keypair::random());
  const auto first = connect_to(keys[0], "10.0.0.1");
  EXPECT_FALSE(first->socket->is_closed);
  EXPECT_FALSE(connect_to(keys[1], "10.0.0.1")->socket->is_closed);
  EXPECT_TRUE(connect_to(keys[2], "10.0.0.1")->socket->is_closed);
  // Its own newer connection takes a place that it has.
  const auto again = connect_to(keys[0], "10.0.0.2");
  EXPECT_FALSE(again->socket->is_closed);
  EXPECT_FALSE(connect_to(keys[2], "10.0.0.1")->socket->is_closed);
  const auto fourth = connect_to(keys[3], "10.0.0.3");
  EXPECT_TRUE(fourth->socket->is_closed);
  EXPECT_EQ(fourth->socket->reason, "this market has no room for another host");
  again->handlers.on_close("");
  EXPECT_FALSE(connect_to(keys[4], "10.0.0.3")->socket->is_closed);
}

TEST_F(Hub, AHostThatTalksTooMuchIsClosed) {
  const auto exchange = connect_as(host);
  const std::string message =
      api::to_json(api::HostLease{"lease", key(7), api::HostLeaseState::starting, {}, {}, {}});
  for (std::int64_t i = 0; i < kMessageBurst - 1; ++i) exchange->handlers.on_message(message);
  EXPECT_FALSE(exchange->socket->is_closed);
  clock.steady += 1000;
  for (std::int64_t i = 0; i < kMessagesPerSecond; ++i) exchange->handlers.on_message(message);
  EXPECT_FALSE(exchange->socket->is_closed);
  exchange->handlers.on_message(message);
  EXPECT_TRUE(exchange->socket->is_closed);
}

}  // namespace
}  // namespace obelisk::market_app
