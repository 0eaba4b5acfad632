#include "core/watch/login.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::watch {
namespace {

TEST(Judge, ComparesWhatWasQuoted) {
  lease::Quote quote = lease::testing::make_quote();
  quote.driver_name = "AMD EPYC 7763";
  const std::string boot = "boot=abc\nstart=42\n";
  EXPECT_EQ(judge(quote, false, boot).boot_mark, "abc/42");
  EXPECT_TRUE(judge(quote, true, boot + "cpu= AMD EPYC 7763 \n").ok);
  const auto wrong = judge(quote, true, boot + "cpu=Something else\n");
  EXPECT_FALSE(wrong.ok);
  EXPECT_EQ(wrong.problem, lease::LoginProblem::wrong_card);
  EXPECT_FALSE(judge(quote, true, boot).ok) << "no processor is not any processor";
  EXPECT_EQ(judge(quote, true, boot).problem, lease::LoginProblem::card_missing);

  quote.card = "rtx-4090";
  quote.card_uuids = {"GPU-b", "GPU-a"};
  EXPECT_TRUE(judge(quote, true, boot + "gpu=GPU-a\ngpu=GPU-b\n").ok);
  const auto less = judge(quote, true, boot + "gpu=GPU-a\n");
  EXPECT_FALSE(less.ok);
  EXPECT_EQ(less.problem, lease::LoginProblem::card_missing);
  EXPECT_EQ(less.boot_mark, "abc/42");
  const auto swapped = judge(quote, true, boot + "gpu=GPU-a\ngpu=GPU-c\n");
  EXPECT_EQ(swapped.problem, lease::LoginProblem::wrong_card);
  EXPECT_FALSE(judge(quote, true, boot + "gpu=GPU-a\ngpu=GPU-b\ngpu=GPU-c\n").ok)
      << "another renter's card is not a present";
  EXPECT_FALSE(judge(quote, true, boot + "gpu=GPU-a\ngpu=GPU-a\n").ok);
  EXPECT_TRUE(judge(quote, false, boot).ok) << "proofs of life do not look at cards";
  EXPECT_EQ(judge(quote, true, boot + "gpu=GPU-a\ngpu=GPU-b\nmig=MIG-a\n").problem,
            lease::LoginProblem::wrong_card)
      << "a part of a card is not the card";
  // Of a cut card the driver says the whole one's name too.
  auto part = quote;
  part.card_uuids = {"MIG-a"};
  EXPECT_TRUE(judge(part, true, boot + "gpu=GPU-a\nmig=MIG-a\n").ok);
  EXPECT_EQ(judge(part, true, boot + "gpu=GPU-a\nmig=MIG-b\n").problem,
            lease::LoginProblem::wrong_card);
  EXPECT_EQ(judge(part, true, boot + "gpu=GPU-a\n").problem, lease::LoginProblem::card_missing);
  quote.simulated = true;
  EXPECT_TRUE(judge(quote, true, boot).ok);
}

TEST(Judge, OutputWithoutABootIsNoLogin) {
  const lease::Quote quote = lease::testing::make_quote();
  for (const char* output : {"", "boot=\nstart=1\n", "boot=a\n", "start=1\n", "xboot=a\nstart=1",
                             "boot=a\nboot=b\nstart=1\n"}) {
    EXPECT_FALSE(judge(quote, false, output).ok) << output;
  }
}

TEST(Watch, RefusesAddressesThatAreOptions) {
  const lease::SshAccess good{"10.0.0.1", 22, "root", "ssh-ed25519 AAAAC3Nz+/=", {}};
  EXPECT_TRUE(is_sane(good));
  const auto changed = [&](auto change) {
    lease::SshAccess access = good;
    change(access);
    return is_sane(access);
  };
  EXPECT_FALSE(changed([](auto& a) { a.address = "-oProxyCommand=x"; }));
  EXPECT_FALSE(changed([](auto& a) { a.address = "a b"; }));
  EXPECT_FALSE(changed([](auto& a) { a.address = ""; }));
  EXPECT_FALSE(changed([](auto& a) { a.address = std::string(300, 'a'); }));
  EXPECT_FALSE(changed([](auto& a) { a.user = "-l"; }));
  EXPECT_FALSE(changed([](auto& a) { a.user = "root;x"; }));
  EXPECT_FALSE(changed([](auto& a) { a.port = 0; }));
  EXPECT_FALSE(changed([](auto& a) { a.port = 70'000; }));
  EXPECT_FALSE(changed([](auto& a) { a.host_key = "ssh-rsa AAAA"; }));
  EXPECT_FALSE(changed([](auto& a) { a.host_key = "ssh-ed25519 AA\nlease ssh-ed25519 BB"; }));
  EXPECT_FALSE(changed([](auto& a) { a.host_key = "ssh-ed25519 "; }));
  EXPECT_TRUE(changed([](auto& a) { a.address = "2001:db8::1"; }));
}

TEST(Watch, TakesAHostKeyOnlyFromItsHost) {
  const auto host = base::Keypair::from_seed({1});
  const auto lease = lease::testing::key(3);
  lease::SshAccess access{"10.0.0.1", 22, "root", "ssh-ed25519 AAAAC3Nz+/=", {}};
  base::Writer message;
  message.put("OBELISKS");
  message.put(lease.view());
  message.put(access.host_key);
  access.host_key_signature = host.sign(message.bytes());
  EXPECT_TRUE(is_signed_by(host.public_key(), lease, access));
  EXPECT_FALSE(is_signed_by(lease, lease, access)) << "another host";
  EXPECT_FALSE(is_signed_by(host.public_key(), lease::testing::key(4), access)) << "another lease";
  access.host_key += "A";
  EXPECT_FALSE(is_signed_by(host.public_key(), lease, access)) << "another machine";
}

TEST(Watch, ARenterWhoHidesItsCardsKeepsItsMachine) {
  LoginAnswer answer;
  answer.problem = lease::LoginProblem::card_missing;
  answer.boot_mark = "a/1";
  EXPECT_TRUE(shows_life(answer, false));
  EXPECT_FALSE(shows_life(answer, true)) << "before `ready` it is not what was quoted";
  answer.problem = lease::LoginProblem::wrong_card;
  EXPECT_FALSE(shows_life(answer, false));
}

}  // namespace
}  // namespace obelisk::watch
