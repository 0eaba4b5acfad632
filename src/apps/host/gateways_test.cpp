#include "apps/host/gateways.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace obelisk::host {
namespace {

std::string place(int port) {
  base::PublicKey key;
  key.bytes.fill(static_cast<std::uint8_t>(port));
  return "gw.example:" + std::to_string(port) + "#" + key.to_string();
}

class HostGateways : public ::testing::Test {
 protected:
  ~HostGateways() override { std::filesystem::remove(file); }
  Gateways make(const std::string& choice) {
    return {*gateway_choice_from(choice), file,
            [this](const std::vector<tunnel::Place>& places) { used.push_back(places.size()); },
            [this](const std::string& words) { said += words; }};
  }
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("obelisk-gateways-" + std::to_string(::getpid()));
  std::vector<std::size_t> used;
  std::string said;
};

TEST_F(HostGateways, TheMarketsAreUsedAndKeptOverARestart) {
  auto first = make("market");
  first.start();
  EXPECT_TRUE(used.empty()) << "none is known yet";
  first.named({place(1), place(2)});
  first.named({place(1), place(2)});
  EXPECT_EQ(used, std::vector<std::size_t>{2}) << "said twice, used once";
  auto second = make("");
  second.start();
  EXPECT_EQ(used, (std::vector<std::size_t>{2, 2})) << "before the market is heard";
  second.named({});
  EXPECT_EQ(used.back(), 0u) << "a market that has none any more";
}

TEST_F(HostGateways, NonsenseOfTheMarketsChangesNothing) {
  auto gateways = make("market");
  gateways.named({"nonsense"});
  EXPECT_TRUE(used.empty());
  EXPECT_NE(said.find("names gateways wrongly"), std::string::npos);
}

TEST_F(HostGateways, WhatTheHostChoseWins) {
  auto none = make("none");
  none.start();
  none.named({place(1)});
  EXPECT_TRUE(used.empty());
  auto own = make(place(3));
  own.start();
  own.named({place(1), place(2)});
  EXPECT_EQ(used, std::vector<std::size_t>{1});
  EXPECT_FALSE(gateway_choice_from("some"));
}

}  // namespace
}  // namespace obelisk::host
