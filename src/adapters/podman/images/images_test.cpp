// Images as text and as folders: what can be read of them, and what a stranger may have put in.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/podman/files.hpp"
#include "adapters/podman/images/image_store.hpp"
#include "adapters/podman/images/login_seed.hpp"
#include "adapters/podman/images/manifest.hpp"
#include "adapters/podman/images/start_command.hpp"

namespace obelisk::podman {
namespace {

namespace fs = std::filesystem;

std::string digest(char digit) { return "sha256:" + std::string(64, digit); }

Image some_image(char digit, const std::string& name) {
  Image out;
  out.digest = digest(digit);
  out.template_name = name;
  out.title = "A title";
  out.source = "Debian bookworm";
  out.size_bytes = 1'000'000;
  return out;
}

class ImageStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/obelisk-images-XXXXXX";
    dir_ = ::mkdtemp(path);
  }
  void TearDown() override { fs::remove_all(dir_); }

  void put(const Image& image) {
    const fs::path folder = fs::path(dir_) / ("sha256-" + image.digest.substr(7));
    fs::create_directories(folder / "rootfs");
    std::ofstream(folder / "image.json") << image_text(image);
  }
  void offer(const std::string& name, char digit) {
    const auto done = offer_image(dir_, name, digest(digit));
    ASSERT_TRUE(done) << done.error().message;
  }
  bool is_there(char digit) { return image_of(dir_, digest(digit)).ok(); }

  std::string dir_;
};

TEST_F(ImageStoreTest, OffersSshFirstAndTheOthersByName) {
  EXPECT_EQ(resident_images(dir_).error().code, base::Code::missing_dependency);
  for (const auto& [digit, name] : {std::pair('a', "zoo"), {'b', "ssh"}, {'c', "jupyter"}}) {
    put(some_image(digit, name));
    offer(name, digit);
  }
  const auto found = resident_images(dir_);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ((*found)[0].name, "ssh");
  EXPECT_EQ((*found)[1].name, "jupyter");
  EXPECT_EQ((*found)[2].image.root, dir_ + "/sha256-" + std::string(64, 'a') + "/rootfs");
}

TEST_F(ImageStoreTest, LeavesOutWhatCannotBeRead) {
  put(some_image('a', "ssh"));
  put(some_image('b', "jupyter"));
  offer("ssh", 'a');
  offer("jupyter", 'b');
  std::ofstream(dir_ + "/sha256-" + std::string(64, 'b') + "/image.json") << "{}";
  offer("nowhere", 'c');
  ASSERT_EQ(::symlink("/etc", (dir_ + "/resident/evil").c_str()), 0);
  const auto found = resident_images(dir_);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().name, "ssh");
}

TEST_F(ImageStoreTest, ALinkIsReplacedAndTheOldImageStays) {
  put(some_image('a', "ssh"));
  put(some_image('b', "ssh"));
  offer("ssh", 'a');
  offer("ssh", 'b');
  EXPECT_EQ(resident_images(dir_)->front().image.digest, digest('b'));
  EXPECT_TRUE(is_there('a')) << "leases may stand on it";
}

TEST_F(ImageStoreTest, RemovesNothingThatIsInUseOrHasAnotherName) {
  put(some_image('a', "ssh"));
  offer("ssh", 'a');
  offer("other", 'a');
  EXPECT_EQ(remove_image(dir_, "none", {}).error().code, base::Code::not_found);
  EXPECT_EQ(remove_image(dir_, "../resident", {}).error().code, base::Code::not_found);
  EXPECT_EQ(remove_image(dir_, "ssh", {digest('a')}).error().code, base::Code::conflict);
  ASSERT_TRUE(remove_image(dir_, "ssh", {digest('b')}));
  EXPECT_TRUE(is_there('a')) << "it has another name";
  ASSERT_TRUE(remove_image(dir_, "other", {}));
  EXPECT_FALSE(is_there('a'));
  EXPECT_FALSE(exists(dir_ + "/sha256-" + std::string(64, 'a')));
}

TEST(ImageText, ComesBackAsItWent) {
  Image image = some_image('a', "jupyter");
  image.login = Login::mounted;
  image.start = {"/bin/sh", "-c", "exec jupyter \"$HOME\"\n"};
  image.ports = {8888, 6006};
  image.environment = {{"PATH", "/opt/bin:/bin"}, {"A", "b c"}};
  const auto again = parse_image(image_text(image));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(image_text(*again), image_text(image));
  EXPECT_EQ(again->start, image.start);
  EXPECT_EQ(again->environment, image.environment);
  EXPECT_EQ(again->login, Login::mounted);
}

TEST(ImageText, IsRefusedWhereItIsDamagedOrOutOfBounds) {
  const std::string good = image_text(some_image('a', "ssh"));
  for (std::size_t size = 0; size + 2 < good.size(); ++size) {
    EXPECT_FALSE(parse_image(good.substr(0, size))) << size;
  }
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return parse_image(text).ok();
  };
  EXPECT_FALSE(changed("sha256:aa", "sha256:../"));
  EXPECT_FALSE(changed("\"own\"", "\"other\""));
  EXPECT_FALSE(changed("\"start\":[]", "\"start\":[1]"));
  EXPECT_FALSE(changed("\"ports\":[]", "\"ports\":[0]"));
  EXPECT_FALSE(changed("\"ports\":[]", "\"ports\":[70000]"));
  EXPECT_FALSE(changed("\"environment\":{}", "\"environment\":{\"A\":\"x\\ny\"}"));
  EXPECT_FALSE(changed("A title", "A title\\u001b[2J"));
}

TEST(StartCommand, RunsSshdAndBesideItTheProgram) {
  Image image = some_image('a', "ssh");
  EXPECT_EQ(start_command(image),
            (std::vector<std::string>{"/usr/bin/tini", "--", "/usr/sbin/sshd", "-D", "-e", "-f",
                                      "/lease/sshd_config"}));
  image.login = Login::mounted;
  EXPECT_EQ(start_command(image),
            (std::vector<std::string>{"/.obelisk/tini", "--", "/.obelisk/ld.so", "--library-path",
                                      "/.obelisk/lib", "/.obelisk/sshd", "-r", "-D", "-e", "-f",
                                      "/lease/sshd_config"}));
  image.start = {"/bin/sh", "-c", "echo '$1' && exit"};
  const auto words = start_command(image);
  ASSERT_EQ(words.size(), 9u);
  EXPECT_EQ(words[0], "/.obelisk/tini");
  EXPECT_EQ(words[3], "-c");
  EXPECT_NE(words[4].find("\"$@\" &"), std::string::npos);
  EXPECT_EQ(words.back(), image.start.back()) << "as it is: no shell reads it a second time";
}

TEST(Login, AnyImageGetsARootWhoMayLogInAndTheAccountOfSshd) {
  const std::string sshd = "sshd:x:64999:64999:sshd:/run/sshd:/usr/sbin/nologin\n";
  EXPECT_EQ(passwd_for_login("", false), "root:x:0:0:root:/root:/bin/sh\n" + sshd);
  EXPECT_EQ(passwd_for_login("root:x:0:0:root:/root:/bin/ash\nada:x:7:7::/home/ada:/bin/ash", true),
            "root:x:0:0:root:/root:/bin/ash\nada:x:7:7::/home/ada:/bin/ash\n" + sshd);
  EXPECT_EQ(passwd_for_login("root:x:0:0:root:/root:/bin/zsh\n", false),
            "root:x:0:0:root:/root:/bin/sh\n" + sshd);
  EXPECT_EQ(
      passwd_for_login("sshd:x:1:1::/:/x\nroot:x:0:0::/root:/bin/sh\nroot:x:9:9::/:/b\n", true),
      "sshd:x:1:1::/:/x\nroot:x:0:0::/root:/bin/sh\n");
  EXPECT_EQ(passwd_for_login("not a line\n\n:::\n", false),
            "root:x:0:0:root:/root:/bin/sh\n" + sshd);
  EXPECT_EQ(root_shell("a:x:1:1::/:/bin/a\nroot:x:0:0:root:/root:/bin/ash\n"), "/bin/ash");
  EXPECT_EQ(shadow_for_login("root:!:1::::::\nada:!:1::::::\n"), "root:*:1::::::\nada:!:1::::::\n");
  EXPECT_EQ(shadow_for_login("root:*:1::::::\n"), "root:*:1::::::\n");
}

// Links of an image that lead out of it are followed as a process in the image would: not out.
TEST(Login, NothingOfTheHostIsReadThroughAnImagesLinks) {
  char path[] = "/tmp/obelisk-seed-XXXXXX";
  const std::string dir = ::mkdtemp(path);
  const std::string root = dir + "/rootfs";
  fs::create_directories(root + "/bin");
  fs::create_directories(dir + "/up");
  fs::create_directories(dir + "/secret");
  std::ofstream(dir + "/secret/passwd") << "root:x:0:0:stolen:/root:/bin/sh\n";
  fs::create_symlink(dir + "/secret", root + "/etc");
  EXPECT_FALSE(check_shell(root));
  fs::create_symlink("/etc/passwd", root + "/bin/sh");
  EXPECT_FALSE(check_shell(root)) << "what the link names is not in the image";
  fs::remove(root + "/bin/sh");
  std::ofstream(root + "/bin/busybox") << "x";
  fs::create_symlink("/bin/busybox", root + "/bin/sh");
  EXPECT_TRUE(check_shell(root));
  const auto seeded = seed_login(dir + "/up", root, ::getuid());
  ASSERT_TRUE(seeded) << seeded.error().message;
  const auto passwd = read_file(dir + "/up/etc/passwd");
  ASSERT_TRUE(passwd);
  EXPECT_EQ(passwd->find("stolen"), std::string::npos);
  EXPECT_TRUE(is_directory(dir + "/up/run/sshd"));
  EXPECT_TRUE(is_directory(dir + "/up/root"));
  fs::remove_all(dir);
}

std::string layer(const std::string& size) {
  return R"({"digest":")" + digest('b') + R"(","size":)" + size + "}";
}
std::string manifest(const std::string& layers) {
  return R"({"config":{"digest":")" + digest('c') + R"("},"layers":[)" + layers + "]}";
}

TEST(Manifest, SaysHowMuchThereIsToLoad) {
  const auto read = parse_manifest(manifest(layer("1000") + "," + layer("24")));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->layer_bytes, 1024u);
  EXPECT_EQ(read->layers, 2u);
  EXPECT_EQ(read->config, digest('c'));
  EXPECT_FALSE(read->instance);
}

TEST(Manifest, OfAnIndexIsTheOneForThisMachine) {
  const std::string index = R"({"manifests":[{"digest":")" + digest('1') +
                            R"(","platform":{"os":"linux","architecture":"arm64"}},{"digest":")" +
                            digest('2') +
                            R"(","platform":{"os":"linux","architecture":"amd64"}}]})";
  EXPECT_EQ(parse_manifest(index)->instance, digest('2'));
  EXPECT_EQ(parse_manifest(R"({"manifests":[]})").error().code, base::Code::unsupported);
}

TEST(Manifest, IsRefusedWhereItLies) {
  for (const std::string& bad :
       {std::string("["), std::string("[]"), std::string("{}"), manifest(""), manifest(layer("-1")),
        manifest(layer("99999999999999")), manifest(layer("\"1\"")),
        std::string(R"({"config":{"digest":"sha256:x"},"layers":[]})"),
        std::string(R"({"manifests":[{"digest":"x",)") +
            R"("platform":{"os":"linux","architecture":"amd64"}}]})",
        std::string(10'000, '[')}) {
    EXPECT_FALSE(parse_manifest(bad)) << bad.substr(0, 60);
  }
  std::string many = layer("1");
  for (int i = 0; i < 300; ++i) many += "," + layer("1");
  EXPECT_FALSE(parse_manifest(manifest(many)));
}

TEST(Manifest, PassesOnTheVariablesThatCanBe) {
  const auto read = parse_environment(
      R"({"config":{"Env":["PATH=/usr/local/cuda/bin:/bin","A=b=c","BAD=two\nlines",)"
      R"("=x","NONE"]}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (std::map<std::string, std::string>{{"PATH", "/usr/local/cuda/bin:/bin"},
                                                       {"A", "b=c"}}));
  EXPECT_TRUE(parse_environment("{}")->empty());
  EXPECT_TRUE(parse_environment(R"({"config":{"Env":null}})")->empty());
  EXPECT_FALSE(parse_environment(R"({"config":{"Env":[1]}})"));
}

}  // namespace
}  // namespace obelisk::podman
