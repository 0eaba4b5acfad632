#include "adapters/files/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace obelisk::files {
namespace {

class Files : public testing::Test {
 protected:
  Files() {
    char name[] = "/tmp/obelisk-files-XXXXXX";
    dir_ = mkdtemp(name);
  }
  ~Files() override { std::filesystem::remove_all(dir_); }
  std::filesystem::path dir_;
};

TEST_F(Files, WhatIsWrittenIsReadAndPrivate) {
  const auto path = dir_ / "a";
  ASSERT_TRUE(write_private(path, "one"));
  ASSERT_TRUE(write_private(path, "two"));
  EXPECT_EQ(*read_bounded(path), "two");
  struct stat info{};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "a.new"));
}

TEST_F(Files, ErrorsSayWhichFile) {
  EXPECT_EQ(read_bounded(dir_ / "none").error().code, base::Code::not_found);
  ASSERT_TRUE(write_private(dir_ / "big", "12345"));
  EXPECT_EQ(read_bounded(dir_ / "big", 4).error().code, base::Code::refused);
  EXPECT_EQ(*read_bounded(dir_ / "big", 5), "12345");
  const auto missing = write_private(dir_ / "no" / "file", "x");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("no/file"), std::string::npos);
}

TEST_F(Files, ASecretIsOneLineThatIsOursAlone) {
  const auto path = dir_ / "token";
  ASSERT_TRUE(write_private(path, "s3cret-token\n"));
  EXPECT_EQ(*read_secret(path), "s3cret-token");
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  const auto open_to_others = read_secret(path);
  ASSERT_FALSE(open_to_others);
  EXPECT_NE(open_to_others.error().action.find("chmod 600"), std::string::npos);
  EXPECT_EQ(open_to_others.error().message.find("s3cret"), std::string::npos);
  for (const char* text : {"", "\n", "two\nlines", "a blank", "tab\there"}) {
    ASSERT_TRUE(write_private(path, text));
    EXPECT_FALSE(read_secret(path)) << text;
  }
  EXPECT_EQ(read_secret(dir_ / "none").error().code, base::Code::not_found);
}

TEST_F(Files, DirectoriesAreMadeOnce) {
  ASSERT_TRUE(make_private_directory(dir_ / "x" / "y"));
  ASSERT_TRUE(make_private_directory(dir_ / "x" / "y"));
  struct stat info{};
  ASSERT_EQ(stat((dir_ / "x" / "y").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

}  // namespace
}  // namespace obelisk::files
