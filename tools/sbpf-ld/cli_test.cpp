// The command itself: its exit codes, and that it never leaves half a file.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tools/sbpf-ld/test_object.hpp"

namespace obelisk::sbpf_ld {
namespace {

namespace fs = std::filesystem;

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "sbpf-ld-test-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    TestObject object;
    object.symbol("entrypoint", object.text(".text", {kExit}));
    const auto bytes = object.build();
    std::ofstream(folder_ / "good.o", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    std::ofstream(folder_ / "bad.o") << "no object";
  }
  void TearDown() override { fs::remove_all(folder_); }

  // In the test's own folder; what it says lies in `said` there.
  int run(const std::string& arguments) {
    const std::string command =
        "cd '" + folder_.string() + "' && '" OBELISK_SBPF_LD "' " + arguments + " >said 2>&1";
    return WEXITSTATUS(std::system(command.c_str()));
  }
  std::string said() {
    std::ifstream file(folder_ / "said");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool exists(const char* name) { return fs::exists(folder_ / name); }

 private:
  fs::path folder_;
};

TEST_F(Cli, Links) {
  EXPECT_EQ(run("--map -o out.so good.o"), 0);
  EXPECT_NE(said().find("code 8, constants 0"), std::string::npos) << said();
  EXPECT_TRUE(exists("out.so"));
  EXPECT_FALSE(exists("out.so.partial"));
}

TEST_F(Cli, HelpAndVersion) {
  EXPECT_EQ(run("--help"), 0);
  EXPECT_NE(said().find("Usage: sbpf-ld"), std::string::npos);
  EXPECT_EQ(run("--version"), 0);
  EXPECT_EQ(said(), "sbpf-ld " OBELISK_VERSION "\n");
}

TEST_F(Cli, UsageIs2) {
  for (const char* arguments :
       {"", "good.o", "-o out.so", "-o", "--entry", "--wrong -o x good.o"}) {
    EXPECT_EQ(run(arguments), 2) << arguments;
    EXPECT_NE(said().find("--help"), std::string::npos) << said();
  }
}

TEST_F(Cli, FailureIs1AndLeavesNoFile) {
  EXPECT_EQ(run("-o out.so missing.o"), 1);
  EXPECT_NE(said().find("missing.o"), std::string::npos);
  EXPECT_EQ(run("-o out.so bad.o"), 1);
  EXPECT_NE(said().find("bad.o: not an ELF file"), std::string::npos) << said();
  EXPECT_EQ(run("--entry start -o out.so good.o"), 1);
  EXPECT_EQ(run("-o no/such/folder/out.so good.o"), 1);
  EXPECT_NE(said().find("cannot be written"), std::string::npos) << said();
  EXPECT_FALSE(exists("out.so"));
}

}  // namespace
}  // namespace obelisk::sbpf_ld
