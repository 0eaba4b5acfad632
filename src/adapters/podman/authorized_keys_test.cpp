#include "adapters/podman/authorized_keys.hpp"

#include <gtest/gtest.h>

#include "adapters/podman/host_key.hpp"
#include "base/bytes.hpp"
#include "base/crypto.hpp"

namespace obelisk::podman {
namespace {

std::string some_key() { return public_line(base::Keypair::random().public_key()); }

// A blob that says `inner` and is long enough, under the name `outer`.
std::string key_of(const std::string& outer, const std::string& inner, std::size_t size = 80) {
  std::string blob = {'\0', '\0', '\0', static_cast<char>(inner.size())};
  blob += inner;
  blob.resize(size, 'x');
  return outer + " " + base::to_base64(base::view_of(blob));
}

TEST(AuthorizedKeys, AKeyAndItsCommentStay) {
  std::string key = some_key();
  EXPECT_EQ(*checked_key(key), key);
  EXPECT_EQ(*checked_key(key + " me@home of mine"), key + " me@home of mine");
  EXPECT_EQ(*checked_key(key + " me@home\r\n"), key + " me@home");
}

TEST(AuthorizedKeys, EveryTypeSshdTakes) {
  for (const char* type :
       {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"}) {
    EXPECT_TRUE(checked_key(key_of(type, type)).ok()) << type;
  }
}

TEST(AuthorizedKeys, NothingButAKeyIsTaken) {
  std::string key = some_key();
  const std::vector<std::string> bad = {
      "",
      " ",
      "\n",
      "ssh-ed25519",
      "ssh-ed25519 ",
      "ssh-ed25519 !!!!",
      "ssh-ed25519 AAAA",
      "command=\"id\" " + key,
      "no-pty " + key,
      "restrict,pty " + key,
      " " + key,
      "\t" + key,
      "# " + key,
      "@cert-authority " + key,
      "ssh-dss AAAAB3NzaC1kc3MAAACBAMPk",
      key + "\n" + key,
      key + "\r" + key,
      key + " a\nb",
      key + std::string(1, '\0'),
      key + " caf\xc3\xa9",
      key + " \x1b[2J",
      key + " " + std::string(5000, 'x'),
      key.substr(0, key.size() - 4),
      key_of("ssh-ed25519", "ssh-rsa"),
      key_of("ssh-ed25519", "ssh-ed25519", 80),
      key_of("ssh-rsa", "ssh-rsa", 20),
      "ssh-ed25519-cert-v01@openssh.com AAAA",
  };
  for (const std::string& line : bad) {
    auto checked = checked_key(line);
    EXPECT_FALSE(checked.ok()) << line;
    if (!checked) EXPECT_EQ(checked.error().code, base::Code::invalid_input);
  }
}

TEST(AuthorizedKeys, OneLineEachAndABound) {
  std::string a = some_key();
  std::string b = some_key();
  const auto text = [](std::vector<std::string> people) {
    return authorized_keys_text({.people = std::move(people)});
  };
  EXPECT_EQ(*text({a, b + "\n"}), a + "\n" + b + "\n");
  EXPECT_EQ(*text({}), "");
  EXPECT_TRUE(text(std::vector<std::string>(64, a)).ok());
  EXPECT_FALSE(text(std::vector<std::string>(65, a)).ok());
  EXPECT_FALSE(text({a, "nonsense"}).ok());
}

TEST(AuthorizedKeys, TheWatchIsHeldToItsCommand) {
  const std::string person = some_key();
  const std::string watch = some_key();
  EXPECT_EQ(*authorized_keys_text({{person}, watch, "echo 'a' | cat"}),
            "restrict,command=\"echo 'a' | cat\" " + watch + "\n" + person + "\n");
  const std::string both = *authorized_keys_text({{watch}, watch, "true"});
  EXPECT_EQ(both.find("restrict,"), 0u) << "sshd goes by the first line of a key";
  for (const std::string command : {"", "echo \"a\"", "echo a\necho b"}) {
    EXPECT_FALSE(authorized_keys_text({{}, watch, command}).ok()) << command;
  }
  EXPECT_FALSE(authorized_keys_text({{}, "command=\"sh\" " + watch, "true"}).ok());
}

}  // namespace
}  // namespace obelisk::podman
