#include "core/tunnel/door_name.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "core/tunnel/pass.hpp"

namespace obelisk::tunnel {
namespace {

base::PublicKey lease(std::uint8_t first) {
  base::PublicKey out;
  for (auto& byte : out.bytes) byte = first++;
  return out;
}

// By coreutils' base32 of the bytes 0 to 31.
const std::string own_name = "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq";

TEST(TunnelDoorName, IsALabelThatNamesTheWholeAddress) {
  EXPECT_EQ(label_of({lease(0), 8888}), "8888-" + own_name);
  EXPECT_EQ(label_of({lease(0), kTerminal}), "terminal-" + own_name);
  EXPECT_LE(label_of({lease(0), kTerminal}).size(), 63u) << "RFC 1035";
}

TEST(TunnelDoorName, IsReadBackExactly) {
  for (int i = 0; i < 50; ++i) {
    base::PublicKey any;
    base::random_bytes(any.bytes);
    const DoorName door{any, static_cast<std::uint16_t>(i * 1'300)};
    EXPECT_EQ(door_from(label_of(door)), door);
  }
  EXPECT_EQ(door_from("8888-AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ"),
            (DoorName{lease(0), 8888}))
      << "host names know no case";
}

TEST(TunnelDoorName, AnythingElseIsNone) {
  for (const std::string& label :
       {std::string(""), std::string("-"), "-" + own_name, "0-" + own_name, "08-" + own_name,
        "+8-" + own_name, "65536-" + own_name, "terminals-" + own_name, "8888" + own_name,
        "8888-" + own_name + "a", "8888-" + own_name.substr(1),
        "8888-" + own_name.substr(0, 51) + "1", "8888-" + own_name.substr(0, 51) + "r",
        "8888-" + own_name.substr(0, 51) + "-"}) {
    EXPECT_FALSE(door_from(label)) << label;
  }
}

TEST(TunnelDoorName, ATemplateNamesEachPort) {
  const auto web = web_template(lease(0), "https://gw.example:8443");
  EXPECT_EQ(web, "https://{port}-" + own_name + ".gw.example:8443");
  EXPECT_EQ(web_address(web, {lease(0), 8888}), "https://8888-" + own_name + ".gw.example:8443");
  EXPECT_EQ(web_address(web, {lease(0), kTerminal}),
            "https://terminal-" + own_name + ".gw.example:8443");
  EXPECT_FALSE(web_address(web, {lease(1), 8888})) << "another lease's";
  EXPECT_FALSE(web_address("http://{port}-" + own_name + ".gw.example", {lease(0), 8888}));
  EXPECT_FALSE(web_address("http://{port}-" + own_name + ".notlocalhost", {lease(0), 8888}));
  EXPECT_TRUE(web_address("http://{port}-" + own_name + ".localhost:8080", {lease(0), 8888}));
  EXPECT_FALSE(web_address("", {lease(0), 8888}));
  EXPECT_FALSE(web_address("ftp://{port}-" + own_name + ".gw.example", {lease(0), 8888}));
  EXPECT_FALSE(web_address("https://{port}-" + own_name + ".", {lease(0), 8888}));
  EXPECT_FALSE(web_address("https://{port}-" + own_name + ".a/b?c", {lease(0), 8888}));
  EXPECT_FALSE(web_address("https://{port}-" + own_name + ".\x1b[31m", {lease(0), 8888}));
  EXPECT_FALSE(
      web_address("https://{port}-" + own_name + "." + std::string(400, 'a'), {lease(0), 1}));
}

}  // namespace
}  // namespace obelisk::tunnel
