#include "adapters/ssh/ssh_logins.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "adapters/ssh/child.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::ssh {
namespace {

TEST(Child, GivesOutputAndExitCode) {
  const auto done = run_child({{"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}, {}, 5000, 100});
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->exit_code, 3);
  EXPECT_EQ(done->output, "out\n");
  EXPECT_EQ(done->errors, "err\n");
  EXPECT_FALSE(done->timed_out);
}

TEST(Child, IsKilledWithItsChildrenWhenItsTimeIsOver) {
  const auto done = run_child({{"/bin/sh", "-c", "sleep 600 & sleep 600"}, {}, 50, 100});
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(done->timed_out);
  EXPECT_EQ(done->exit_code, 128 + 9);
}

TEST(Child, OutputIsBounded) {
  const auto done = run_child(
      {{"/bin/sh", "-c", "head -c 1000000 /dev/zero"}, {"PATH=/usr/bin:/bin"}, 5000, 1000});
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->output.size(), 1000u);
  EXPECT_EQ(done->exit_code, 0);
}

TEST(Child, WhatIsNotThereIsExplained) {
  const auto done = run_child({{"/nowhere/ssh"}, {}, 1000, 100});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, base::Code::missing_dependency);
}

class SshLoginsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "obelisk-watch-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    options_.state_dir = folder_ + "/watch";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A program that stands in for ssh.
  void write_ssh(const std::string& script) {
    options_.ssh = folder_ + "/ssh";
    std::ofstream(options_.ssh) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(options_.ssh, std::filesystem::perms::owner_all);
  }
  watch::LoginAnswer log_in() {
    auto watch = make_logins(options_);
    EXPECT_TRUE(watch.ok());
    return (*watch)->log_in(lease::testing::make_quote(),
                            {"127.0.0.1", 1, "root", "ssh-ed25519 AAAAKEY", {}}, false);
  }

  std::string folder_;
  SshOptions options_;
};

TEST_F(SshLoginsTest, MakesItsKeyOnceAndKeepsItPrivate) {
  auto first = make_logins(options_);
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_TRUE((*first)->public_key().starts_with("ssh-ed25519 "));
  const auto mode = std::filesystem::status(options_.state_dir + "/watch_ed25519").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  auto second = make_logins(options_);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ((*second)->public_key(), (*first)->public_key());
}

TEST_F(SshLoginsTest, PinsTheHostKeyAndLeavesNoFile) {
  write_ssh(
      "for a; do case $a in UserKnownHostsFile=*) read -r k < \"${a#*=}\";; esac; done\n"
      "[ \"$k\" = 'lease ssh-ed25519 AAAAKEY' ] && printf 'boot=b\\nstart=1\\n'");
  const watch::LoginAnswer answer = log_in();
  EXPECT_TRUE(answer.ok) << answer.why;
  EXPECT_EQ(answer.boot_mark, "b/1");
  for (const auto& entry : std::filesystem::directory_iterator(options_.state_dir)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("known_hosts"));
  }
}

TEST_F(SshLoginsTest, TellsAWrongHostKeyFromNoAnswer) {
  write_ssh("echo 'Host key verification failed.' >&2; exit 255");
  EXPECT_EQ(log_in().problem, lease::LoginProblem::wrong_host_key);
  write_ssh("echo 'Connection refused' >&2; exit 255");
  EXPECT_EQ(log_in().problem, lease::LoginProblem::unreachable);
  write_ssh("sleep 600");
  options_.timeout_ms = 50;
  EXPECT_EQ(log_in().why, "no answer in time");
}

// The real client against a port where nobody is: it must come back by itself.
TEST_F(SshLoginsTest, RealSshSaysNoToAClosedPort) {
  const watch::LoginAnswer answer = log_in();
  EXPECT_FALSE(answer.ok);
  EXPECT_EQ(answer.problem, lease::LoginProblem::unreachable);
}

}  // namespace
}  // namespace obelisk::ssh
