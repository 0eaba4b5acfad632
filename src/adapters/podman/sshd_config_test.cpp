#include "adapters/podman/sshd_config.hpp"

#include <gtest/gtest.h>

namespace obelisk::podman {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(SshdConfig, OnlyKeysOpenTheDoor) {
  std::string text = sshd_config_text({});
  for (const char* line :
       {"PasswordAuthentication no", "KbdInteractiveAuthentication no",
        "AuthenticationMethods publickey", "PermitRootLogin prohibit-password", "UsePAM no",
        "PermitUserEnvironment no", "AuthorizedKeysFile /lease/authorized_keys",
        "HostKey /lease/ssh_host_ed25519_key"}) {
    EXPECT_TRUE(has_line(text, line)) << line;
  }
  EXPECT_EQ(text.find("SetEnv"), std::string::npos);
}

// sshd reads the first SetEnv only.
TEST(SshdConfig, TheEnvironmentIsOneLine) {
  std::string text = sshd_config_text({{"LANG", "C.UTF-8"}, {"WORDS", "two words"}});
  EXPECT_TRUE(has_line(text, "SetEnv \"LANG=C.UTF-8\" \"WORDS=two words\""));
}

TEST(SshdConfig, AnEnvironmentCannotBecomeAnotherLine) {
  using Environment = std::map<std::string, std::string>;
  EXPECT_TRUE(check_environment({{"A_1", "x y/z:=%"}, {"_b", ""}}).ok());
  for (const Environment& bad :
       {Environment{{"A", "x\nPermitEmptyPasswords yes"}}, Environment{{"A\nB", "x"}},
        Environment{{"", "x"}}, Environment{{"1A", "x"}}, Environment{{"A-B", "x"}},
        Environment{{"A", "say \"hi\""}}, Environment{{"A", "back\\"}},
        Environment{{"A", "caf\xc3\xa9"}}, Environment{{"A", std::string(1025, 'x')}},
        Environment{{std::string(65, 'A'), "x"}}}) {
    EXPECT_FALSE(check_environment(bad).ok()) << bad.begin()->first;
  }
  Environment many;
  for (int i = 0; i < 65; ++i) many["V" + std::to_string(i)] = "x";
  EXPECT_FALSE(check_environment(many).ok());
}

}  // namespace
}  // namespace obelisk::podman
