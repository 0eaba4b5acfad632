#include "adapters/keyfile/keyfile.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/keyfile/keyfile_signer.hpp"

namespace obelisk::keyfile {
namespace {

namespace fs = std::filesystem;

class Keyfile : public testing::Test {
 protected:
  Keyfile() {
    std::string name = (fs::temp_directory_path() / "obelisk-keyfile-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Keyfile() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& text, mode_t mode = 0600) const {
    const std::string file = path("key.json");
    std::ofstream(file, std::ios::binary) << text;
    ::chmod(file.c_str(), mode);
    return file;
  }
  static base::Error failure(const std::string& file) {
    auto loaded = load_keypair(file);
    EXPECT_FALSE(loaded.ok());
    return loaded.ok() ? base::Error{} : loaded.error();
  }
  static std::string text_of(const base::Keypair& keypair) {
    std::string out = "[";
    for (const std::uint8_t byte : keypair.secret_bytes()) {
      out += (out.size() > 1 ? "," : "") + std::to_string(byte);
    }
    return out + "]";
  }

  fs::path folder_;
};

TEST_F(Keyfile, WhatWasCreatedIsLoadedAndSigns) {
  const std::string file = path("a/b/id.json");
  const auto created = create_keypair(file);
  ASSERT_TRUE(created.ok()) << created.error().message;
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077, 0u);

  auto signer = KeyfileSigner::open(file);
  ASSERT_TRUE(signer.ok()) << signer.error().message;
  EXPECT_EQ((*signer)->public_key(), created->public_key());
  const auto message = base::view_of("hello");
  EXPECT_TRUE(base::verify(created->public_key(), message, (*signer)->sign(message)));
}

TEST_F(Keyfile, AKeyIsNeverOverwritten) {
  const std::string file = write("mine");
  EXPECT_EQ(create_keypair(file).error().code, base::Code::conflict);
  std::string text;
  std::ifstream(file) >> text;
  EXPECT_EQ(text, "mine");
}

TEST_F(Keyfile, SpacesAndNewlinesAreWelcome) {
  std::string text = text_of(base::Keypair::random());
  for (std::size_t at = text.find(','); at != std::string::npos; at = text.find(',', at + 4)) {
    text.replace(at, 1, " ,\n ");
  }
  EXPECT_TRUE(load_keypair(write("\n " + text + " \n")).ok());
}

TEST_F(Keyfile, MissingSaysHowToMakeOne) {
  const auto error = failure(path("none.json"));
  EXPECT_EQ(error.code, base::Code::not_found);
  EXPECT_NE(error.action.find("wallet new"), std::string::npos);
}

TEST_F(Keyfile, ReadableByOthersSaysChmod) {
  for (const mode_t mode : {0640u, 0604u, 0666u, 0601u}) {
    const std::string file = write(text_of(base::Keypair::random()), mode);
    const auto error = failure(file);
    EXPECT_EQ(error.code, base::Code::forbidden);
    EXPECT_NE(error.action.find("chmod 600 " + file), std::string::npos);
  }
}

TEST_F(Keyfile, FolderAndFifoAreRefusedWithoutHanging) {
  EXPECT_EQ(failure(folder_.string()).code, base::Code::invalid_input);
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(failure(path("fifo")).code, base::Code::invalid_input);
}

TEST_F(Keyfile, OnlySixtyFourNumbersAreAKey) {
  const std::string good = text_of(base::Keypair::random());
  const std::string inner = good.substr(1, good.size() - 2);
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("null"), inner, "[" + inner, inner + "]",
        "[" + inner + ",]", "[" + inner + ",1]", "[" + inner.substr(inner.find(',') + 1) + "]",
        good + good, "[256" + inner.substr(inner.find(',')) + "]",
        "[-1" + inner.substr(inner.find(',')) + "]", "[1.0" + inner.substr(inner.find(',')) + "]",
        "[0001" + inner.substr(inner.find(',')) + "]", good + std::string(1, '\0')}) {
    const auto error = failure(write(text));
    EXPECT_EQ(error.code, base::Code::invalid_input) << text;
    EXPECT_NE(error.message.find("64 numbers"), std::string::npos) << text;
  }
}

TEST_F(Keyfile, TooLargeIsNotRead) {
  const auto error = failure(write(text_of(base::Keypair::random()) + std::string(5000, ' ')));
  EXPECT_EQ(error.code, base::Code::invalid_input);
  EXPECT_NE(error.message.find("bytes"), std::string::npos);
}

TEST_F(Keyfile, HalvesThatDoNotMatchAreRefusedWithoutTheKeyInTheMessage) {
  std::string text = text_of(base::Keypair::random());
  const std::size_t last = text.rfind(',');
  const std::string changed = text.substr(last + 1) == "7]" ? "8]" : "7]";
  text.replace(last + 1, std::string::npos, changed);
  const std::string file = write(text);
  const auto error = failure(file);
  EXPECT_EQ(error.code, base::Code::invalid_input);
  EXPECT_NE(error.message.find(file), std::string::npos);
  EXPECT_EQ(error.message.find(text.substr(1, 12)), std::string::npos);
}

}  // namespace
}  // namespace obelisk::keyfile
