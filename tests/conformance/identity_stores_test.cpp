// What every SessionStore and AnswerStore must do, over all that opens stores.
#include <gtest/gtest.h>

#include "core/lease/testing.hpp"
#include "stores_drivers.hpp"

namespace obelisk::conformance {
namespace {

using lease::testing::key;

constexpr std::uint8_t kWallet = 9;

class IdentityStoresSuite : public ::testing::TestWithParam<StoresDriver> {
 protected:
  void SetUp() override {
    stores_ = GetParam().make();
    ASSERT_NE(stores_, nullptr);
  }
  ports::SessionStore& sessions() { return *stores_->sessions; }
  ports::AnswerStore& answers() { return *stores_->answers; }

  std::shared_ptr<ports::Stores> stores_;
};

base::Hash hash(std::uint8_t n) {
  base::Hash out;
  out.bytes.fill(n);
  return out;
}

ports::SessionRow session(std::uint8_t n) {
  const std::string name = std::to_string(n);
  return {"id" + name, hash(n), key(kWallet), "nonce" + name, "it's \"é\"", 100 + n, 1000 + n};
}

ports::AnswerRow answer(const std::string& caller, const std::string& name, base::UnixMillis at) {
  return {caller, name, hash(3), 201, "/v1/quotes/x", "{\"it's\":\"é\"}", at};
}

TEST_P(IdentityStoresSuite, ASessionIsFoundByItsTokenWhileItLasts) {
  ASSERT_TRUE(sessions().insert(session(1)).ok());
  EXPECT_EQ(sessions().by_token(hash(1), 1000).value(), session(1));
  EXPECT_FALSE(sessions().by_token(hash(1), 1001).value()) << "its time is over";
  EXPECT_FALSE(sessions().by_token(hash(2), 0).value());
}

TEST_P(IdentityStoresSuite, AChallengeMakesOneSession) {
  ASSERT_TRUE(sessions().insert(session(1)).ok());
  auto again = session(2);
  again.nonce = session(1).nonce;
  EXPECT_EQ(sessions().insert(again).error().code, base::Code::conflict);
  EXPECT_FALSE(sessions().by_token(hash(2), 0).value()) << "nothing was written";
  ASSERT_TRUE(sessions().revoke(key(kWallet), "id1").value());
  EXPECT_EQ(sessions().insert(again).error().code, base::Code::conflict)
      << "not even when the session is ended";
  auto other = session(3);
  other.token_hash = hash(1);
  EXPECT_EQ(sessions().insert(other).error().code, base::Code::conflict);
}

TEST_P(IdentityStoresSuite, AWalletEndsItsOwnSessionsAlone) {
  ASSERT_TRUE(sessions().insert(session(1)).ok());
  EXPECT_FALSE(sessions().revoke(key(8), "id1").value());
  EXPECT_TRUE(sessions().by_token(hash(1), 0).value());
  EXPECT_TRUE(sessions().revoke(key(kWallet), "id1").value());
  EXPECT_FALSE(sessions().revoke(key(kWallet), "id1").value()) << "once";
  EXPECT_FALSE(sessions().by_token(hash(1), 0).value());
  EXPECT_TRUE(sessions().of_wallet(key(kWallet), 0, {}, 10).value().empty());
}

TEST_P(IdentityStoresSuite, SessionsAreListedNewestFirstPageByPage) {
  for (std::uint8_t i = 1; i <= 5; ++i) {
    auto row = session(i);
    if (i > 3) row.created_ms = 200;
    if (i == 2) row.wallet = key(7);
    ASSERT_TRUE(sessions().insert(row).ok());
  }
  const auto all = sessions().of_wallet(key(kWallet), 0, {}, 10).value();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].id, "id4");
  EXPECT_EQ(all[1].id, "id5");
  EXPECT_EQ(all[2].id, "id3");
  EXPECT_EQ(all[3].id, "id1");
  const ports::ListPlace after{all[0].created_ms, all[0].id};
  const auto rest = sessions().of_wallet(key(kWallet), 0, after, 2).value();
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0].id, "id5");
  EXPECT_EQ(rest[1].id, "id3");
  EXPECT_EQ(sessions().of_wallet(key(kWallet), 1003, {}, 10).value().size(), 2u)
      << "those whose time is over are not listed";
}

TEST_P(IdentityStoresSuite, OldSessionsAreForgotten) {
  for (std::uint8_t i = 1; i <= 3; ++i) ASSERT_TRUE(sessions().insert(session(i)).ok());
  EXPECT_EQ(sessions().forget(1003).value(), 2u);
  EXPECT_TRUE(sessions().insert(session(1)).ok());
  EXPECT_FALSE(sessions().insert(session(3)).ok());
}

TEST_P(IdentityStoresSuite, TheFirstAnswerIsTheOneThatIsKept) {
  EXPECT_FALSE(answers().find("a", "k").value());
  EXPECT_EQ(answers().keep(answer("a", "k", 5), 0, 10).value(), answer("a", "k", 5));
  EXPECT_EQ(answers().find("a", "k").value(), answer("a", "k", 5));
  auto second = answer("a", "k", 6);
  second.body = "another";
  EXPECT_EQ(answers().keep(second, 5, 10).value(), answer("a", "k", 5));
  EXPECT_EQ(answers().find("a", "k").value(), answer("a", "k", 5));
  EXPECT_EQ(answers().keep(second, 6, 10).value(), second) << "the first is too old";
  EXPECT_EQ(answers().find("a", "k").value(), second);
  EXPECT_FALSE(answers().find("b", "k").value()) << "another caller's key is another key";
}

TEST_P(IdentityStoresSuite, AnswersAreBounded) {
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(answers().keep(answer("a", "k" + std::to_string(i), i), 0, 3).ok());
    ASSERT_TRUE(answers().keep(answer("b", "k" + std::to_string(i), i), 0, 10).ok());
  }
  EXPECT_FALSE(answers().find("a", "k2").value()) << "the newest three stay";
  EXPECT_TRUE(answers().find("a", "k3").value());
  EXPECT_TRUE(answers().find("b", "k1").value());
  EXPECT_EQ(answers().forget(2, 100).value(), 1u) << "b's first is too old";
  EXPECT_EQ(answers().forget(0, 100).value(), 0u);
  // Seven are left, given at 2, 3, 3, 4, 4, 5, 5: the fifth newest was given at 3.
  EXPECT_EQ(answers().forget(0, 4).value(), 3u);
  EXPECT_FALSE(answers().find("a", "k3").value());
  EXPECT_TRUE(answers().find("b", "k4").value());
}

INSTANTIATE_TEST_SUITE_P(Stores, IdentityStoresSuite, ::testing::ValuesIn(stores_drivers()),
                         [](const auto& driver) { return std::string(driver.param.name); });

}  // namespace
}  // namespace obelisk::conformance
