#include "adapters/http/url.hpp"

#include <gtest/gtest.h>

namespace obelisk::http {
namespace {

TEST(Url, ReadsEveryScheme) {
  const auto url = Url::parse("https://Market.Example:8443/v1/x?key=1#top");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->scheme, Scheme::https);
  EXPECT_EQ(url->host, "market.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/v1/x");
  EXPECT_EQ(url->query, "key=1");
  EXPECT_EQ(url->where(), "market.example:8443");
  EXPECT_TRUE(url->secure());
  EXPECT_EQ(Url::parse("http://a")->port, 80);
  EXPECT_EQ(Url::parse("https://a")->port, 443);
  EXPECT_EQ(Url::parse("ws://a")->port, 80);
  EXPECT_EQ(Url::parse("WSS://a?x")->port, 443);
  EXPECT_EQ(Url::parse("WSS://a?x")->path, "/");
  EXPECT_TRUE(Url::parse("wss://a")->web_socket());
}

TEST(Url, ReadsUnixSockets) {
  const auto url = Url::parse("unix:///run/podman/podman.sock");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->socket_file, "/run/podman/podman.sock");
  EXPECT_EQ(url->path, "/");
  EXPECT_EQ(url->host_header(), "localhost");
  EXPECT_EQ(url->where(), "/run/podman/podman.sock");
  EXPECT_FALSE(Url::parse("unix://relative").ok());
  EXPECT_FALSE(Url::parse("unix:///" + std::string(107, 'x')).ok());
}

TEST(Url, ReadsAddresses) {
  const auto url = Url::parse("ws://[::1]:8900");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->where(), "[::1]:8900");
  EXPECT_EQ(url->host_header(), "[::1]:8900");
  EXPECT_EQ(Url::parse("http://[::1]/")->host_header(), "[::1]");
  EXPECT_EQ(Url::parse("http://127.0.0.1:80/")->host_header(), "127.0.0.1");
}

TEST(Url, RefusesWhatItCannotMean) {
  for (const char* text :
       {"", "http", "http://", "http:///x", "ftp://a", "//a", "http://a:0", "http://a:65536",
        "http://a:8x", "http://a:", "http://a b", "http://a\r\nHost: b", "http://[::1",
        "http://[x]", "http://[::1]8", "http://user:secret@a", "http://a\\b", "http://\xC3\xA4"}) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.error().code, base::Code::invalid_input);
    EXPECT_EQ(url.error().message.find("secret"), std::string::npos);
  }
  EXPECT_FALSE(Url::parse("http://a/" + std::string(2048, 'x')).ok());
  EXPECT_FALSE(Url::parse("http://" + std::string(254, 'a')).ok());
}

}  // namespace
}  // namespace obelisk::http
