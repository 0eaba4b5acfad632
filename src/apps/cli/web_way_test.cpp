#include "apps/cli/web_way.hpp"

#include <gtest/gtest.h>

#include "adapters/http/testing.hpp"
#include "base/crypto.hpp"
#include "core/tunnel/door_name.hpp"
#include "core/tunnel/web_answer.hpp"

namespace obelisk::cli {
namespace {

using http::testing::RawServer;
using http::testing::RawSocket;

constexpr base::UnixSeconds kNow = 1'800'000'000;

api::Lease lease() {
  api::Lease out;
  out.lease.bytes.fill(1);
  out.state = api::LeaseState::active;
  out.ssh = api::SshAccess{};
  return out;
}

struct Wallet final : ports::Signer {
  const base::PublicKey& public_key() const override { return pair.public_key(); }
  base::Signature sign(base::ByteView message) override { return pair.sign(message); }
  base::Keypair pair = base::Keypair::from_seed({3});
};

TEST(WebWay, IsWhereTheGatewaysServeThePort) {
  auto one = lease();
  EXPECT_EQ(web_ways(one, 8888).error().code, base::Code::unsupported);
  EXPECT_NE(web_ways(one, 8888).error().action.find("ssh -N -L 8888:127.0.0.1:8888 obelisk-"),
            std::string::npos);
  const auto web = tunnel::web_template(one.lease, "https://gw.example:8443");
  one.ways = {{"gw", 1, std::nullopt}, {"gw", 1, web}, {"gw", 1, "https://evil.example/"}};
  const auto ways = web_ways(one, 8888);
  ASSERT_TRUE(ways);
  EXPECT_EQ(*ways,
            std::vector{"https://" + tunnel::label_of({one.lease, 8888}) + ".gw.example:8443"});
  one.state = api::LeaseState::ended;
  EXPECT_EQ(web_ways(one, 8888).error().code, base::Code::expired);
  one = lease();
  one.ssh.reset();
  EXPECT_EQ(web_ways(one, 8888).error().code, base::Code::not_found);
}

TEST(WebWay, PortsAreRead) {
  EXPECT_EQ(*read_port("8888"), 8888);
  for (const std::string bad : {"", "0", "65536", "8888x", "-1", "terminal"}) {
    EXPECT_FALSE(read_port(bad)) << bad;
  }
}

TEST(WebWay, APassEndsSoonAfterItsLease) {
  auto one = lease();
  EXPECT_EQ(pass_end(one, kNow, 0), kNow + 43'200);
  EXPECT_EQ(pass_end(one, kNow, 60), kNow + 60);
  one.ends_at_s = kNow + 600;
  EXPECT_EQ(pass_end(one, kNow, 0), kNow + 600 + 3'600);
  EXPECT_EQ(pass_end(one, kNow, 60), kNow + 60);
}

TEST(WebWay, WhatIsSignedIsGood) {
  Wallet wallet;
  const auto one = lease();
  const auto pass = sign_pass(wallet, one.lease, 8888, tunnel::Audience::holder, kNow, kNow + 600);
  EXPECT_TRUE(tunnel::check_pass(pass, one.lease, 8888, wallet.public_key(), kNow));
  const auto longest =
      sign_pass(wallet, one.lease, 8888, tunnel::Audience::nobody, kNow, INT64_MAX);
  EXPECT_TRUE(tunnel::check_pass(longest, one.lease, 8888, wallet.public_key(), kNow));
}

TEST(WebWay, AGatewaysAnswerIsToldFromAServers) {
  const auto seen_of = [](const std::string& answer) {
    const RawServer server([&](RawSocket& socket) {
      socket.read_until("\r\n\r\n");
      socket.send(answer);
    });
    return ask_web(server.url(), nullptr);
  };
  EXPECT_EQ(seen_of("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").kind,
            WebAnswer::Kind::server);
  const auto own = seen_of(tunnel::trouble_answer(tunnel::Trouble::not_listening));
  EXPECT_EQ(own.kind, WebAnswer::Kind::gateway);
  EXPECT_EQ(own.trouble, "not_listening");
  EXPECT_EQ(seen_of("SSH-2.0-OpenSSH\r\n").kind, WebAnswer::Kind::server) << "no HTTP, and there";
  EXPECT_EQ(ask_web("http://127.0.0.1:1", nullptr).kind, WebAnswer::Kind::away);
}

TEST(WebWay, AWordIsHandedIn) {
  Wallet wallet;
  std::string heard;
  const auto pass =
      sign_pass(wallet, lease().lease, 8888, tunnel::Audience::everybody, kNow, kNow + 600);
  {
    const RawServer server([&](RawSocket& socket) {
      heard = socket.read_until("\r\n\r\n");
      socket.send(tunnel::yes_answer("Kept."));
    });
    EXPECT_TRUE(tell_gateway(server.url(), pass));
  }
  EXPECT_TRUE(heard.starts_with("POST /.obelisk/public HTTP/1.1\r\n"));
  EXPECT_NE(heard.find(tunnel::to_text(pass)), std::string::npos);
  const RawServer full([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send(tunnel::trouble_answer(tunnel::Trouble::too_many, {}, "It is full."));
  });
  const auto told = tell_gateway(full.url(), pass);
  ASSERT_FALSE(told);
  EXPECT_NE(told.error().message.find("It is full."), std::string::npos);
}

}  // namespace
}  // namespace obelisk::cli
