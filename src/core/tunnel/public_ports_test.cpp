#include "core/tunnel/public_ports.hpp"

#include <gtest/gtest.h>

namespace obelisk::tunnel {
namespace {

constexpr base::UnixSeconds kNow = 1'800'000'000;

base::PublicKey lease(std::uint16_t number) {
  base::PublicKey out;
  out.bytes[0] = static_cast<std::uint8_t>(number);
  out.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return out;
}

Pass pass(Audience audience, base::UnixSeconds from_s = kNow, base::UnixSeconds for_s = 600) {
  return {audience, from_s, from_s + for_s, {}};
}

bool keep(PublicPorts& ports, std::uint16_t port, const Pass& what,
          base::UnixSeconds now_s = kNow) {
  return ports.keep(lease(1), port, what, now_s, [](const auto&) { return true; }).ok();
}

TEST(PublicPorts, EverybodyUntilItIsTakenBackOrOver) {
  PublicPorts ports;
  EXPECT_FALSE(ports.everybodys(lease(1), 80, kNow));
  ASSERT_TRUE(keep(ports, 80, pass(Audience::everybody)));
  EXPECT_EQ(ports.everybodys(lease(1), 80, kNow), pass(Audience::everybody));
  EXPECT_FALSE(ports.everybodys(lease(1), 81, kNow));
  EXPECT_FALSE(ports.everybodys(lease(2), 80, kNow));
  EXPECT_FALSE(ports.everybodys(lease(1), 80, kNow + 600)) << "over";
  ASSERT_TRUE(keep(ports, 80, pass(Audience::nobody, kNow + 1)));
  EXPECT_FALSE(ports.everybodys(lease(1), 80, kNow + 1));
}

TEST(PublicPorts, AnEarlierWordDoesNotComeBack) {
  PublicPorts ports;
  ASSERT_TRUE(keep(ports, 80, pass(Audience::everybody)));
  ASSERT_TRUE(keep(ports, 80, pass(Audience::nobody)));
  EXPECT_FALSE(keep(ports, 80, pass(Audience::everybody))) << "of the same second";
  EXPECT_FALSE(keep(ports, 80, pass(Audience::everybody, kNow - 1)));
  EXPECT_TRUE(keep(ports, 80, pass(Audience::nobody))) << "said again";
  EXPECT_TRUE(keep(ports, 80, pass(Audience::everybody, kNow + 1)));
  EXPECT_TRUE(ports.everybodys(lease(1), 80, kNow + 1));
}

TEST(PublicPorts, AreBoundedForALease) {
  PublicPorts ports;
  for (std::uint16_t port = 1; port <= kMaxPublicPortsPerLease; ++port) {
    ASSERT_TRUE(keep(ports, port, pass(Audience::everybody)));
  }
  EXPECT_FALSE(keep(ports, 99, pass(Audience::everybody)));
  EXPECT_TRUE(keep(ports, 1, pass(Audience::nobody, kNow + 1))) << "one that is there";
  EXPECT_TRUE(keep(ports, 99, pass(Audience::everybody, kNow + 600), kNow + 600))
      << "what is over makes room";
  EXPECT_EQ(ports.size(), 2u);
}

TEST(PublicPorts, AreBoundedAllTogetherAndStrangersMakeRoom) {
  PublicPorts ports;
  const auto all = [](const auto&) { return true; };
  for (std::uint16_t i = 0; i < kMaxPublicPorts; ++i) {
    ASSERT_TRUE(ports.keep(lease(i), 80, pass(Audience::everybody), kNow, all));
  }
  EXPECT_FALSE(ports.keep(lease(9'999), 80, pass(Audience::everybody), kNow, all));
  const auto only = [](const auto& one) { return one == lease(5); };
  EXPECT_TRUE(ports.keep(lease(9'999), 80, pass(Audience::everybody), kNow, only));
  EXPECT_EQ(ports.size(), 2u);
  EXPECT_TRUE(ports.everybodys(lease(5), 80, kNow));
}

TEST(PublicPorts, AreWrittenAndReadAgain) {
  PublicPorts ports;
  EXPECT_EQ(ports.text(), R"({"ports":[],"version":1})");
  ASSERT_TRUE(keep(ports, 80, pass(Audience::everybody)));
  ASSERT_TRUE(keep(ports, 8888, pass(Audience::nobody)));
  const auto again = PublicPorts::from(ports.text());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->text(), ports.text());
  EXPECT_EQ(again->everybodys(lease(1), 80, kNow), pass(Audience::everybody));
  EXPECT_FALSE(again->everybodys(lease(1), 8888, kNow));
  for (const std::string bad : {"", "{}", "[]", R"({"ports":[],"version":2})",
                                R"({"ports":[],"version":1} )", R"({"ports":[{}],"version":1})"}) {
    EXPECT_FALSE(PublicPorts::from(bad)) << bad;
  }
  std::string zero = ports.text();
  zero.replace(zero.find(":80}"), 4, ":0}");
  EXPECT_FALSE(PublicPorts::from(zero)) << "a terminal is never public";
}

}  // namespace
}  // namespace obelisk::tunnel
