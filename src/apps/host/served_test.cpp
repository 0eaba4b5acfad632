#include "apps/host/served.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "adapters/files/files.hpp"

namespace obelisk::host {
namespace {

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

class ServedTest : public testing::Test {
 protected:
  ServedTest() {
    char name[] = "/tmp/obelisk-served-XXXXXX";
    config_.state_dir = mkdtemp(name);
    config_.market_url = "http://market.example:8480";
  }
  ~ServedTest() override { std::filesystem::remove_all(config_.state_dir); }

  base::Result<Served> find() {
    return find_served(
        config_,
        [this] {
          ++asked_;
          return answer_;
        },
        [](const std::string&) {});
  }
  static base::Error away(base::Code code = base::Code::unreachable) {
    return {code, "The market does not answer.", "Wait.", 0};
  }

  Config config_;
  base::Result<Served> answer_ = Served{key(1), key(2)};
  int asked_ = 0;
};

TEST_F(ServedTest, WhatTheMarketSaidHoldsWhileItIsAway) {
  ASSERT_EQ(find().value(), (Served{key(1), key(2)}));
  for (const base::Code code : {base::Code::unreachable, base::Code::timeout}) {
    answer_ = away(code);
    const auto found = find();
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(*found, (Served{key(1), key(2)}));
  }
  answer_ = Served{key(3), key(4)};
  EXPECT_EQ(find().value(), (Served{key(3), key(4)})) << "its newest word counts";
  answer_ = away();
  EXPECT_EQ(find().value(), (Served{key(3), key(4)}));
}

TEST_F(ServedTest, AMarketThatNeverSpokeIsAnError) {
  answer_ = away();
  ASSERT_FALSE(find().ok());
  EXPECT_EQ(find().error().code, base::Code::unreachable);
}

TEST_F(ServedTest, AnswersThatAreNoSilenceAreBelieved) {
  ASSERT_TRUE(find().ok());
  answer_ = base::Error{base::Code::not_found, "No market here.", "", 0};
  EXPECT_EQ(find().error().code, base::Code::not_found);
}

TEST_F(ServedTest, AnotherServersWordIsNotThisOnes) {
  ASSERT_TRUE(find().ok());
  config_.market_url = "http://other.example:8480";
  answer_ = away();
  EXPECT_FALSE(find().ok());
}

TEST_F(ServedTest, WhatIsPinnedIsNotAskedForAndNotOverruled) {
  config_.market = key(2).to_string();
  config_.program = key(9).to_string();
  EXPECT_EQ(find().value(), (Served{key(9), key(2)}));
  EXPECT_EQ(asked_, 0);
  config_.market.clear();
  EXPECT_EQ(find().error().code, base::Code::refused) << "the server names another program";
  EXPECT_FALSE(std::filesystem::exists(config_.state_dir / "served")) << "and that is not kept";
}

TEST_F(ServedTest, ADamagedFileIsNone) {
  answer_ = away();
  for (const std::string& text :
       {std::string(), std::string("x"), config_.market_url + "\n1\n2\n", std::string(9000, 'a')}) {
    std::ofstream(config_.state_dir / "served") << text;
    EXPECT_FALSE(find().ok()) << text.substr(0, 80);
  }
}

}  // namespace
}  // namespace obelisk::host
