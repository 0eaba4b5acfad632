#include "apps/market/pulls/pull_desk.hpp"

#include <gtest/gtest.h>

#include "apps/market/testing.hpp"
#include "base/crypto.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using testing::key;

class Pulls : public ::testing::Test {
 protected:
  Pulls() { list(20'000'000'000); }

  void list(std::uint64_t pulls_max_bytes, const std::string& image = std::string(64, 'a')) {
    api::Listing listing = testing::listing_of(host.public_key(), 2);
    listing.seq += ++seq;
    listing.images = {{"sha256:" + image, "ssh", 1'000}};
    if (pulls_max_bytes != 0) listing.pulls_max_bytes = pulls_max_bytes;
    const auto taken = offers.take_listing(host.public_key(), testing::sign_listing(listing, host));
    ASSERT_TRUE(taken) << taken.error().message;
    offers.host_connected(host.public_key());
  }
  std::string offer() {
    const auto found = offers.fitting({}, 1);
    return found.empty() ? "" : found.front()->offer.id;
  }
  std::string reference(char digit) {
    return "docker.io/library/a@sha256:" + std::string(64, digit);
  }
  base::Result<api::ImagePull> begin(char digit, const base::PublicKey& wallet = key(9)) {
    return pulls.begin({offer(), reference(digit)}, wallet);
  }
  void say(char digit, api::PullStep step, std::uint64_t done = 0, const std::string& words = "") {
    api::HostPulling message{"pulling", reference(digit), step, done, 100, {}};
    if (!words.empty()) message.message = words;
    pulls.heard(host.public_key(), message);
  }

  testing::TestClock clock;
  testing::TestStore real;
  WatchedStore store{real};
  OfferDesk offers{store, clock, true};
  std::vector<std::string> sent;
  bool connected = true;
  PullDesk pulls{offers, clock, [this](const base::PublicKey&, const std::string& message) {
                   sent.push_back(message);
                   return connected;
                 }};
  base::Keypair host = base::Keypair::random();
  std::uint64_t seq = 0;
};

TEST_F(Pulls, OneIsAskedForOnceAndFollowed) {
  const auto pull = begin('b');
  ASSERT_TRUE(pull) << pull.error().message;
  EXPECT_EQ(pull->step, api::PullStep::asking);
  EXPECT_EQ(pull->digest, "sha256:" + std::string(64, 'b'));
  EXPECT_EQ(begin('b', key(8))->pull, pull->pull) << "the same, whoever asks";
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(api::market_pull_from_json(sent[0])->reference, reference('b'));
  say('b', api::PullStep::loading, 40);
  EXPECT_EQ(pulls.look(pull->pull)->done_bytes, 40u);
  say('b', api::PullStep::ready, 100);
  EXPECT_EQ(pulls.look(pull->pull)->step, api::PullStep::unpacking)
      << "nothing can be quoted before the host lists it";
  list(20'000'000'000, std::string(64, 'b'));
  EXPECT_EQ(pulls.look(pull->pull)->step, api::PullStep::ready);
}

TEST_F(Pulls, WhatIsThereIsReadyAtOnce) {
  EXPECT_EQ(begin('a')->step, api::PullStep::ready);
  EXPECT_TRUE(sent.empty());
}

TEST_F(Pulls, AreRefusedWhereNobodyBringsThem) {
  EXPECT_EQ(pulls.begin({offer(), "busybox:latest"}, key(9)).error().code, Code::invalid_input);
  EXPECT_EQ(pulls.begin({"nothing", reference('b')}, key(9)).error().code, Code::not_found);
  EXPECT_EQ(pulls.look("nothing").error().code, Code::not_found);
  connected = false;
  EXPECT_EQ(begin('b').error().code, Code::unreachable);
  EXPECT_EQ(pulls.look("nothing").error().code, Code::not_found);
  list(0);
  EXPECT_EQ(begin('c').error().code, Code::refused);
}

TEST_F(Pulls, AreBoundedByHostAndByWallet) {
  for (char digit = '1'; digit <= '4'; ++digit) ASSERT_TRUE(begin(digit, key(digit)));
  EXPECT_EQ(begin('5', key(5)).error().code, Code::rate_limited) << "four at a time";
  for (char digit = '1'; digit <= '4'; ++digit) say(digit, api::PullStep::failed, 0, "No.");
  for (char digit = '5'; digit <= '9'; ++digit) {
    ASSERT_TRUE(begin(digit)) << digit;
    say(digit, api::PullStep::failed);
  }
  ASSERT_TRUE(begin('c'));
  say('c', api::PullStep::failed);
  EXPECT_EQ(begin('d').error().code, Code::rate_limited) << "six an hour";
  clock.steady += 3'600'001;
  offers.host_connected(host.public_key());
  EXPECT_TRUE(begin('d'));
}

TEST_F(Pulls, AHostThatGoesOrFallsSilentHasFailed) {
  const auto first = begin('b');
  say('b', api::PullStep::loading, 10);
  clock.steady += kPullSilenceMs + 1;
  pulls.sweep();
  EXPECT_EQ(pulls.look(first->pull)->step, api::PullStep::failed);
  offers.host_connected(host.public_key());
  const auto second = begin('c');
  ASSERT_TRUE(second);
  pulls.host_gone(host.public_key());
  EXPECT_EQ(pulls.look(second->pull)->step, api::PullStep::failed);
  say('c', api::PullStep::ready);
  EXPECT_EQ(pulls.look(second->pull)->step, api::PullStep::failed) << "over is over";
  clock.steady += kPullKeptMs + 1;
  pulls.sweep();
  EXPECT_FALSE(pulls.look(second->pull));
}

TEST_F(Pulls, AHostsWordsAreCleanedAndCountForItselfAlone) {
  const auto pull = begin('b');
  pulls.heard(key(5), {"pulling", reference('b'), api::PullStep::failed, 0, 0, {}});
  EXPECT_EQ(pulls.look(pull->pull)->step, api::PullStep::asking);
  say('b', api::PullStep::failed, 0, "a\x1b[2J" + std::string(900, 'x'));
  const auto now = pulls.look(pull->pull);
  EXPECT_EQ(now->message->substr(0, 5), "a?[2J");
  EXPECT_EQ(now->message->size(), 300u);
}

}  // namespace
}  // namespace obelisk::market_app
