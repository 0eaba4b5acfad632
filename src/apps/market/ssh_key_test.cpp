#include "apps/market/ssh_key.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace obelisk::market_app {
namespace {

// Made by ssh-keygen for this test; their private halves were thrown away.
const std::string ed25519_line =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBT3m2tPy86ooRYOZcD8rwkHiyoyBILs6A8of9Z2P3Bh";
const std::string rsa2048_line =
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDYmUXoIGk5+GaCEqST9+nAP72eFUUO7xSJQ6JOQUKK"
    "1aFhXzOqs+IzxL/5DfJHvxotQQ1Zs1GQeIGDmGW1XaSKdrqQ2N8YHsy1Eh49c1VLBNB7AaHquzBSDA7d"
    "3yCGjhPs1pOSOG8wygT368Xuhvsx4utjFJriLZpZ5MWwBnGsLeUxyY4yxsBEC3ejleIUv+yt2MBWFZX1"
    "BTZ0YRe9aCc4vvt3exOiSkmvHBR5O+ufApL7HaSO17x5TFp49Qy6X0w9ZhwkMeTbAj4dfc7sA1W0xyKT"
    "tbwNlt7Ce+AcJ+dB8EDM5AVLtdvYDLhf8NV7B9TXJznnsY3nSFzkvfCOXYPB";
const std::string rsa1024_line =
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDCIYbgk85Ka0AWx9e6L+0on0OwZGBZ7rfmeI4nrYJ1"
    "hwpV+CD3B3Ab1O5o8ka6DjktTJmn6yCaQ8cvKxbBlYQS9nmyhrIPsuLrgzKjHGuDB1xNMtdi9XEX/MQq"
    "QviPEWRfkkl6hj9SkMEXKcFS28LSm2eg6m8eMifQPVOl+m2Ekw==";
const std::string ecdsa256_line =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKQk7QJN"
    "JQTXz64h3V/bf7XPeYHzUUlg11V4mf0+GDoPlIaS3Jp5L3I1TjJt9bJ8ZS//UDzhDF7x/66imm5P5vU=";
const std::string ecdsa384_line =
    "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBD0ffHFq"
    "k/kBA9TxxJjoU+kRzXEF9BX6+u09rBb7Wp9exhowVJ/g1WpO6wbtf6Hta+AOUm73+PP99j4V6iqbOumG"
    "SV4N+yruV1JXyFV+jADgdlVXfg4XlRaV3D43JQ5hbA==";
const std::string ecdsa521_line =
    "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAEmlBmp"
    "+2NgQsMJqpro14X5v67G8FAOIdOFHOhAwFZW8x4/X7XndgQKsesxm4i4+xfJ+FSB2v/sO2Z8cbSOSAnt"
    "UwAQmdaOnHNJn/JhnotjlIuIsBhdcFTJx5SVSqrHuepLMyms5H7Jk+ujWtt2V9ZfAMVS3PBH40G5v0el"
    "N4j+duUkPg==";

TEST(SshKey, KnownTypesAreTakenAndTidied) {
  for (const std::string& key :
       {ed25519_line, rsa2048_line, ecdsa256_line, ecdsa384_line, ecdsa521_line}) {
    const auto taken = check_ssh_key(key);
    ASSERT_TRUE(taken) << key << taken.error().message;
    EXPECT_EQ(*taken, key);
  }
  EXPECT_EQ(*check_ssh_key(ed25519_line + " me@home \r\n"), ed25519_line + " me@home");
  EXPECT_EQ(*check_ssh_key(ed25519_line + "   me `$(x)` \"y\""), ed25519_line + " me x y");
  EXPECT_EQ(check_ssh_key(ed25519_line + " " + std::string(400, 'c'))->size(),
            ed25519_line.size() + 101);
}

std::string security_key(const std::string& type, const std::string& application) {
  base::Writer out;
  const auto put = [&](const std::string& text) {
    const auto length = static_cast<std::uint32_t>(text.size());
    for (int shift = 24; shift >= 0; shift -= 8) out.u8(static_cast<std::uint8_t>(length >> shift));
    out.put(text);
  };
  put(type);
  put(std::string(32, 'k'));
  put(application);
  return type + " " + base::to_base64(out.bytes());
}

TEST(SshKey, HardwareKeysAreTaken) {
  const std::string type = "sk-ssh-ed25519@openssh.com";
  EXPECT_TRUE(check_ssh_key(security_key(type, "ssh:")));
  std::string other = security_key(type, "ssh:");
  other.replace(0, type.size(), "ssh-ed25519");
  EXPECT_FALSE(check_ssh_key(other));
}

TEST(SshKey, NothingElseIs) {
  std::string cut = ed25519_line;
  cut.resize(cut.size() - 4);
  std::string swapped = ed25519_line;
  swapped.replace(0, 11, "ssh-rsa");
  for (const std::string& key :
       {std::string(), std::string(" "), std::string("ssh-ed25519"), std::string("ssh-ed25519 "),
        rsa1024_line, cut, swapped, " " + ed25519_line, ed25519_line + "\n" + ed25519_line,
        ed25519_line + "\x1b[2J", ed25519_line + std::string("\0", 1),
        "command=\"reboot\" " + ed25519_line, "no-pty " + ed25519_line, "# " + ed25519_line,
        std::string("ssh-dss AAAAB3NzaC1kc3M="), "ssh-ed25519 " + std::string(1012, 'A'),
        ed25519_line + std::string(1024, ' '), std::string("ssh-ed25519 !!!!"),
        // A length that points far behind the end.
        "ssh-ed25519 " + base::to_base64(base::Bytes{0xff, 0xff, 0xff, 0xff, 1})}) {
    EXPECT_FALSE(check_ssh_key(key)) << key;
  }
}

TEST(SshKey, APrivateKeyIsNamedAsOne) {
  const auto refused = check_ssh_key("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("private key"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("b3Blb"), std::string::npos);
}

}  // namespace
}  // namespace obelisk::market_app
